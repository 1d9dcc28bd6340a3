// Package score finds out what teams did: it reads the users of new_users and what each team writes
// to its actions and stats topics, without a group, checks every action against the users, and hands
// on absolute counts together with the offsets they were counted up to. What counts are worth is left
// to game, and to store both in one transaction to the referee.
package score

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Config says what is scored.
type Config struct {
	workshop.Room
	Kafka kafka.Config
	Users int           // that are remembered at most; 0 is 2 million, about 60 MB
	Every time.Duration // between two Scores at least; 0 is 250 ms
	Log   *slog.Logger  // nil logs nothing
	Opts  []kgo.Opt     // more options for the client, such as metrics hooks
	// MakeTopics makes the teams' topics that are missing, and returns which; nil makes none.
	MakeTopics func(context.Context) ([]string, error)
}

const (
	defaultUsers = 2_000_000
	beat         = time.Second // Scores are handed on that often when nothing changes
)

// Validate names the flag at fault.
func (c Config) Validate() error {
	if err := c.Room.Validate(); err != nil {
		return err
	}
	if c.Users < 0 {
		return fmt.Errorf("--remember-users %d: use a positive number", c.Users)
	}
	return nil
}

// A Scorer reads and counts while Run runs.
type Scorer struct {
	cfg  Config
	log  *slog.Logger
	wake chan struct{} // a new round waits

	batch int // records of one partition that are taken in together

	mu      sync.Mutex
	pending *game.Resume

	// What follows is Run's alone.
	round   game.Round
	fresh   bool // the round begins at the ends of the teams' topics
	ledger  *ledger
	sources map[spot]*source
	saved   map[spot]game.SourceOffset
	partial bool // some partition of a team gave no answer

	partitions int                // of new_users
	refused    map[string]bool    // topics whose refusal, or absence, was noted
	told       map[spot]time.Time // when a bad batch was last noted
	notes      []string           // to hand on with the next Scores
	settled    bool               // what was counted before has been read again
	last       game.Scores
}

// New connects to nothing yet. For a lesson without actions, Run has nothing to do and waits.
func New(cfg Config) (*Scorer, error) {
	if cfg.Users == 0 {
		cfg.Users = defaultUsers
	}
	if cfg.Every == 0 {
		cfg.Every = 250 * time.Millisecond
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if _, err := cfg.Kafka.Opts("leaderboard-score", cfg.Log); err != nil {
		return nil, err
	}
	s := &Scorer{cfg: cfg, log: cfg.Log, wake: make(chan struct{}, 1), batch: batch}
	return s, nil
}

// Resume makes Run continue from what is stored of a round: at a start, when this leaderboard gets the
// lock, and at a new round. Without stored offsets, users count from where the round began, actions and
// stats from the ends that their topics have when Kafka is next asked; the first Scores follow at once,
// so that these offsets are stored. A Resume that Run has not taken up yet is replaced.
func (s *Scorer) Resume(r game.Resume) {
	s.mu.Lock()
	s.pending = &r
	s.mu.Unlock()

	select {
	case s.wake <- struct{}{}:
	default: // the signal that is still unread stands for this one too
	}
}

// begin takes up a round as it is stored. Of the round before it keeps the users alone.
func (s *Scorer) begin(r game.Resume) {
	s.round = r.Round
	s.fresh = r.Round.Number > 1 && len(r.Scores.Offsets) == 0
	if s.ledger == nil {
		s.ledger = newLedger(s.cfg.Teams, s.cfg.Users)
	} else {
		s.ledger = s.ledger.nextRound()
	}
	s.ledger.restore(r.Scores.Teams)
	s.sources, s.saved, s.refused = s.usersBefore(), map[spot]game.SourceOffset{}, map[string]bool{}
	s.told = map[spot]time.Time{}
	s.notes, s.settled = nil, false
	for _, o := range r.Scores.Offsets {
		s.saved[spot{o.Topic, o.Partition}] = o
	}
	s.last = game.Scores{Round: r.Round.Number, Teams: s.ledger.works(), Offsets: r.Scores.Offsets}
}

// usersBefore is how far users were read in the round before: those from where the round began on are read
// again, as users of it.
func (s *Scorer) usersBefore() map[spot]*source {
	out := map[spot]*source{}
	for at, src := range s.sources {
		if src.kind == usersTopic && src.id == s.round.TopicID {
			src.began, src.upto = s.round.StartOf(at.partition), 0
			src.next = min(src.next, src.began)
			out[at] = src
		}
	}
	return out
}

// takeResume takes up the latest Resume, if there is a new one.
func (s *Scorer) takeResume() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil {
		return false
	}
	s.begin(*s.pending)
	s.pending = nil
	return true
}

// resumes reports whether there is a Resume to take up.
func (s *Scorer) resumes() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending != nil
}

// Errors that end a session without anything being wrong.
var (
	errResume = errors.New("another round, or another start of it")
	errLayout = errors.New("the topics changed")
)

// Run counts from the first Resume until the context ends. While Kafka is away it hands on the last good counts with Err,
// and tries again.
func (s *Scorer) Run(ctx context.Context, emit func(game.Scores)) error {
	if !s.cfg.Lesson.Actions {
		<-ctx.Done()
		return ctx.Err()
	}
	for !s.takeResume() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.wake:
		}
	}

	backoff := kafka.Backoff(250*time.Millisecond, 2*time.Second)
	for failed := 0; ; {
		s.takeResume()
		began := time.Now()
		err := s.session(ctx, emit)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// A partition that is asked for again and again ends sessions in which the others were read.
		lasted := time.Since(began)
		if lasted > 10*time.Second || errors.Is(err, errLayout) && lasted >= tryMoved {
			failed = 0
		}
		failed++
		wait := backoff(failed)
		switch {
		case errors.Is(err, errResume):
			failed, wait = 0, 0
		case errors.Is(err, errLayout) && failed < 3:
		default:
			level := slog.LevelWarn
			if errors.Is(err, kerr.UnknownTopicOrPartition) {
				level = slog.LevelInfo // whoever produces makes the topic
			}
			s.log.Log(ctx, level, "scoring stands still; trying again", "error", err)
			bad := s.last
			bad.At, bad.Err, bad.Notes = time.Now(), err.Error(), nil
			emit(bad)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.wake:
		case <-time.After(wait):
		}
	}
}
