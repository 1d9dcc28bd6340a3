package referee

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

var (
	errAway   = errors.New("away")
	errBroken = errors.New("the session is broken")
)

// heldError names the holder of the lock.
type heldError struct{ by string }

func (e heldError) Error() string         { return e.by + " holds the lock" }
func (e heldError) Holder() string        { return e.by }
func (e heldError) HolderAddress() string { return "" }

// database is a room's storage for leases: its lock, and the faults that a test sets.
type database struct {
	mu      sync.Mutex // guards what follows
	saved   game.Saved
	term    int64
	holder  string // another leaderboard's name while it has the lock
	fails   error  // the error of every request
	breaks  bool   // the session ends with the next fault
	saves   []game.Changes
	unheard int // the next saves are stored, but their answers are lost
	closed  int
	loads   int
	tries   int           // saves, successful or not
	hold    chan struct{} // if not nil, saves wait until it is closed
	deaf    chan struct{} // if not nil, pings wait until it is closed
}

func (d *database) do(what func()) { d.mu.Lock(); defer d.mu.Unlock(); what() }

func (d *database) lead(context.Context) (Lease, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails != nil {
		return nil, d.fails
	}
	if d.holder != "" {
		return nil, heldError{d.holder}
	}
	d.term++
	return &session{database: d, term: d.term, alive: true}, nil
}

// session is a Lease on the database.
type session struct {
	*database
	term  int64
	alive bool
}

func (s *session) Load(context.Context) (game.Saved, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads++
	return s.saved, s.ask()
}

// ask returns the error of a request.
func (s *session) ask() error {
	if !s.alive {
		return errBroken
	}
	if s.fails != nil && s.breaks {
		s.alive = false
	}
	return s.fails
}

func (s *session) Save(ctx context.Context, c game.Changes) error {
	s.mu.Lock()
	s.tries++
	hold := s.hold
	s.mu.Unlock()
	if err := blocked(ctx, hold); err != nil {
		return err
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ask(); err != nil {
		return err
	}
	s.saves = append(s.saves, c)
	if c.Begin != nil {
		s.saved.Round = *c.Begin
	}
	for team, text := range c.States {
		if s.saved.States == nil {
			s.saved.States = map[int]json.RawMessage{}
		}
		s.saved.States[team] = text
	}
	for _, a := range c.Awards {
		if !slices.ContainsFunc(s.saved.Awards, func(b game.Award) bool { return a.Team == b.Team && a.Badge == b.Badge && a.Round == b.Round }) {
			s.saved.Awards = append(s.saved.Awards, a)
		}
	}
	if c.Message != nil {
		s.saved.Message = *c.Message
	}
	if s.unheard > 0 {
		s.unheard--
		return errAway
	}
	return nil
}

// blocked waits until the channel is closed, if it is not nil.
func blocked(ctx context.Context, until chan struct{}) error {
	if until == nil {
		return nil
	}
	select {
	case <-until:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *session) Ping(ctx context.Context) error {
	s.mu.Lock()
	deaf := s.deaf
	s.mu.Unlock()
	if err := blocked(ctx, deaf); err != nil {
		return err
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ask()
}

func (s *session) Alive() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.alive }
func (s *session) Term() int64 { return s.term }
func (s *session) Close(context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alive = false
	s.closed++
}

// running is a referee on the database. The clock is the bubble's: when wait returns, every goroutine is idle again.
type running struct {
	*Referee
	t    *testing.T
	db   *database
	stop func()

	mu      sync.Mutex // guards what follows
	view    game.View
	resumes int
	votes   []string // of each load: each vote's voter, and whether another leaderboard has held the room since
}

func start(t *testing.T, db *database) *running {
	t.Helper()
	r := &running{t: t, db: db}
	r.Referee = New(Config{
		Room: workshop.Room{Lesson: workshop.ScaleUp, Teams: 2}, Acquire: db.lead, Name: "a", Log: slog.New(slog.DiscardHandler),
		Votes: func(votes []game.Vote, heldByAnother bool) {
			r.mu.Lock()
			defer r.mu.Unlock()
			for _, v := range votes {
				r.votes = append(r.votes, fmt.Sprint(v.Voter, heldByAnother))
			}
		},
		Publish: func(v game.View) { r.mu.Lock(); defer r.mu.Unlock(); r.view = v },
		Resume:  func(game.Resume) { r.mu.Lock(); defer r.mu.Unlock(); r.resumes++ },
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	synctest.Wait()
	return r
}

// wait advances the clock.
func (r *running) wait(d time.Duration) { <-time.After(d); synctest.Wait() }

func (r *running) points(team int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.view.Truth.Teams[team-1].Points
}

func (r *running) shown() game.View { r.mu.Lock(); defer r.mu.Unlock(); return r.view }

// sweep passes in a sweep with these members of team 1, each with one partition.
func (r *running) sweep(members ...string) {
	g := game.GroupFact{Team: 1, State: "Stable", Protocol: "classic"}
	for i, id := range members {
		g.Members = append(g.Members, game.MemberFact{ID: id, OnTopic: true, Partitions: []int32{int32(i)}})
	}
	r.HandleSweep(game.Sweep{At: time.Now(), Topic: game.TopicFact{ID: "aa", End: make([]int64, 5)}, Groups: []game.GroupFact{g}})
	synctest.Wait()
}

// badges returns the stored badges.
func (d *database) badges() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, a := range d.saved.Awards {
		out = append(out, a.Badge)
	}
	return out
}

// inBubble runs a test with its own clock.
func inBubble(t *testing.T, test func(t *testing.T, r *running)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &database{})
		test(t, r)
		r.stop()
	})
}
