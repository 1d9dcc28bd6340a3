// Package score counts what teams did. It reads the users of new_users and the records that each team writes to its actions
// and stats topics, without a consumer group. It checks every action against the users, and emits absolute counts with the
// offsets that they were counted up to. Package game decides what counts are worth; the referee stores counts and offsets in
// one transaction.
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

// Config configures a Scorer.
type Config struct {
	workshop.Room
	Kafka kafka.Config
	Users int           // capacity of the index; 0 is 2 million, about 60 MB
	Every time.Duration // shortest time between two Scores; 0 is 250 ms
	Log   *slog.Logger  // nil logs nothing
	Opts  []kgo.Opt     // more options for the client, such as metrics hooks
	// MakeTopics creates the teams' missing topics and returns their names; nil creates none.
	MakeTopics func(context.Context) ([]string, error)
}

const (
	defaultUsers = 2_000_000
	beat         = time.Second // longest time between two Scores
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

// A Scorer counts while Run runs. Resume may be called from any goroutine.
type Scorer struct {
	cfg  Config
	log  *slog.Logger
	wake chan struct{} // signals a Resume; buffers at most one signal

	batch int // records of one partition that are judged together

	mu      sync.Mutex // guards pending
	pending *game.Resume

	// Only the goroutine in Run uses the fields below.
	round   game.Round
	fresh   bool // the round begins at the ends of the teams' topics
	ledger  *ledger
	sources map[partitionID]*source
	saved   map[partitionID]game.SourceOffset
	partial bool // a partition of a team is postponed

	partitions int                       // of new_users
	refused    map[string]bool           // topics whose refusal or absence was noted
	notedAt    map[partitionID]time.Time // when a bad batch was last noted
	notes      []string                  // for the next Scores
	settled    bool                      // what was counted already has been read again
	last       game.Scores
}

// New returns a Scorer that does nothing until Run and Resume are called. In a lesson without actions and stats, it never
// does.
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

// Resume makes Run continue from what is stored of a round: when this leaderboard acquires the lock, and at a new round.
// Without stored offsets, users count from the start of the round, and actions and stats from the ends that their topics have
// at the next request to Kafka; the first Scores follow at once, so that these offsets are stored. A Resume that Run has not
// begun yet is replaced.
func (s *Scorer) Resume(r game.Resume) {
	s.mu.Lock()
	s.pending = &r
	s.mu.Unlock()

	select {
	case s.wake <- struct{}{}:
	default: // the unread signal covers this one too
	}
}

// begin continues a round from what is stored. It keeps the users of an earlier round.
func (s *Scorer) begin(r game.Resume) {
	s.round = r.Round
	s.fresh = r.Round.Number > 1 && len(r.Scores.Offsets) == 0
	if s.ledger == nil {
		s.ledger = newLedger(s.cfg.Teams, s.cfg.Users)
	} else {
		s.ledger = s.ledger.nextRound()
	}
	s.ledger.restore(r.Scores.Teams)

	s.sources = s.keptUserSources()
	s.saved = map[partitionID]game.SourceOffset{}
	s.refused = map[string]bool{}
	s.notedAt = map[partitionID]time.Time{}
	s.notes = nil
	s.settled = false
	for _, o := range r.Scores.Offsets {
		s.saved[partitionID{o.Topic, o.Partition}] = o
	}
	s.last = game.Scores{Round: r.Round.Number, Teams: s.ledger.works(), Offsets: r.Scores.Offsets}
}

// keptUserSources returns how far users have been read. Users since the round began are read again, as users of this round.
func (s *Scorer) keptUserSources() map[partitionID]*source {
	out := map[partitionID]*source{}
	for at, src := range s.sources {
		if src.kind == usersTopic && src.id == s.round.TopicID {
			src.began, src.upto = s.round.StartOf(at.partition), 0
			src.next = min(src.next, src.began)
			out[at] = src
		}
	}
	return out
}

// takeResume begins the latest Resume, if there is a new one.
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

// resumes reports whether there is a new Resume.
func (s *Scorer) resumes() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending != nil
}

// Errors that end a session although nothing is wrong.
var (
	errResume = errors.New("another round, or another start of it")
	errLayout = errors.New("the topics changed")
)

// Run counts from the first Resume until the context ends. While Kafka is unavailable, it emits the last good counts with Err
// set, and retries.
func (s *Scorer) Run(ctx context.Context, emit func(game.Scores)) error {
	if !s.cfg.Lesson.Actions && !s.cfg.Lesson.Stats {
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
		// A partition that is retried again and again ends sessions in which the others were read.
		lasted := time.Since(began)
		if lasted > 10*time.Second || errors.Is(err, errLayout) && lasted >= retryMoved {
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
				level = slog.LevelInfo // the producer creates the topic
			}
			s.log.Log(ctx, level, "cannot score; trying again", "error", err)
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
