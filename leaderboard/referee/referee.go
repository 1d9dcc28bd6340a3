// Package referee is the one loop that owns the game's state: it takes facts in, asks the rules of
// game what they mean, has it stored, and hands finished Views out. It stands by while another
// leaderboard holds the room's lock. Where facts come from, how they are stored and how Views are
// shown is left to others, which main connects to it.
package referee

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"golang.org/x/sync/errgroup"
)

// A Lease is a session with the database that holds the room's lock while it lives.
type Lease interface {
	Load(ctx context.Context) (game.Saved, error)
	Save(ctx context.Context, c game.Changes) error // all or nothing; twice is once
	Ping(ctx context.Context) error
	Alive() bool
	Term() int64 // one more each time that anybody gets the lock
	Close(ctx context.Context)
}

// Config says what the referee works with.
type Config struct {
	workshop.Room
	// Lead tries once for the room's lock. An error with a method Holder() string says that
	// another leaderboard has it.
	Lead    func(ctx context.Context) (Lease, error)
	Name    string                  // of this process, as others see it in Holder
	Publish func(game.View)         // called from one goroutine, after every step
	Resume  func(game.Resume)       // where scoring goes on: at a start and at a new round; nil for no scoring
	Log     *slog.Logger            // slog.Default when nil
	Now     func() time.Time        // time.Now when nil
	Every   time.Duration           // between looks at what is overdue; 0 is a second
	Retry   func(int) time.Duration // how long to wait after so many failures; nil is 200 ms to 2 s
}

// A Referee runs the game of one room. Its methods are safe for concurrent use.
type Referee struct {
	cfg    Config
	log    *slog.Logger
	sweeps chan game.Sweep
	scores chan game.Scores
	acts   chan act
	news   chan news         // from the keeper of the lease
	jobs   chan game.Changes // to it
	ended  chan struct{}
	ready  readiness
}

// New makes a Referee; Run starts it.
func New(cfg Config) *Referee {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Every == 0 {
		cfg.Every = time.Second
	}
	if cfg.Retry == nil {
		cfg.Retry = func(tries int) time.Duration {
			return min(200*time.Millisecond<<min(max(tries-1, 0), 10), 2*time.Second)
		}
	}
	if cfg.Resume == nil {
		cfg.Resume = func(game.Resume) {}
	}
	r := &Referee{
		cfg: cfg, log: cfg.Log, sweeps: make(chan game.Sweep), scores: make(chan game.Scores),
		acts: make(chan act), news: make(chan news), jobs: make(chan game.Changes), ended: make(chan struct{}),
	}
	r.ready.err = errors.New("starting: Postgres has not answered yet")
	return r
}

// Swept hands a sweep in. It returns when the referee has taken it, or has ended.
func (r *Referee) Swept(s game.Sweep) {
	select {
	case r.sweeps <- s:
	case <-r.ended:
	}
}

// Scored hands scores in. It returns when the referee has taken them, or has ended.
func (r *Referee) Scored(s game.Scores) {
	select {
	case r.scores <- s:
	case <-r.ended:
	}
}

// Run is the referee's life. It stores what is not stored yet when ctx ends, for up to two seconds.
func (r *Referee) Run(ctx context.Context) error {
	keep, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	group, keep := errgroup.WithContext(keep)
	group.Go(func() error {
		r.keep(keep)
		return nil
	})
	group.Go(func() error {
		r.beats(keep)
		return nil
	})
	group.Go(func() error {
		defer stop()
		defer close(r.ended)
		newLoop(r).run(ctx)
		return nil
	})
	return group.Wait()
}
