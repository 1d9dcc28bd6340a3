// Package referee owns the state of the game. One loop receives facts, applies the rules of package game, has the changes
// stored, and publishes Views. It stands by while another leaderboard holds the room's lock.
//
// Three goroutines run in a [Referee]:
//
//   - the loop owns the room and everything not named below;
//   - the lease keeper acquires the lease, writes over it and reports the results to the loop;
//   - the heartbeat detects that the process was suspended.
//
// They share the readiness, which has a mutex, and unbuffered channels.
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

// A Lease is a database session that holds the room's lock while it is alive.
type Lease interface {
	Load(ctx context.Context) (game.Saved, error)
	Save(ctx context.Context, c game.Changes) error // all or nothing; saving twice is the same as once
	Ping(ctx context.Context) error
	Alive() bool
	Term() int64 // grows by one whenever any leaderboard acquires the lock
	Close(ctx context.Context)
}

// Config configures a Referee.
type Config struct {
	workshop.Room
	Sheet workshop.Sheet
	// Acquire tries once to acquire the room's lock. An error with the methods Holder() and HolderAddress() means that
	// another leaderboard holds it, and gives its address.
	Acquire func(ctx context.Context) (Lease, error)
	Name    string // of this process, as other leaderboards see it in Holder
	// Votes gets the stored votes when the room is loaded, and whether another leaderboard may have held the room since this
	// one did; nil for no votes.
	Votes   func(votes []game.Vote, heldByAnother bool)
	Publish func(game.View)         // called from one goroutine, after every step of the loop
	Resume  func(game.Resume)       // where scoring continues: at a start and at a new round; nil for no scoring
	Log     *slog.Logger            // slog.Default when nil
	Now     func() time.Time        // time.Now when nil
	Every   time.Duration           // between checks for missing sweeps; a second when 0
	Retry   func(int) time.Duration // the wait after that many failures in a row; 200 ms to 2 s when nil
}

// A Referee runs the game of one room. Its methods are safe for concurrent use.
type Referee struct {
	cfg    Config
	log    *slog.Logger
	sweeps chan game.Sweep
	scores chan game.Scores

	commands    chan command
	queries     chan func(*game.Room) // run by the loop; they change nothing
	votes       chan []game.Vote
	saves       chan game.Changes // from the loop to the lease keeper
	leaseEvents chan leaseEvent   // from the lease keeper to the loop
	ended       chan struct{}     // closed when the loop has ended
	ready       readiness
}

// New creates a Referee. It does nothing until Run.
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
		cfg.Retry = func(failures int) time.Duration {
			return min(200*time.Millisecond<<min(max(failures-1, 0), 10), 2*time.Second)
		}
	}
	if cfg.Resume == nil {
		cfg.Resume = func(game.Resume) {}
	}

	r := &Referee{
		cfg: cfg, log: cfg.Log, sweeps: make(chan game.Sweep), scores: make(chan game.Scores), commands: make(chan command), votes: make(chan []game.Vote), queries: make(chan func(*game.Room)),
		saves: make(chan game.Changes), leaseEvents: make(chan leaseEvent), ended: make(chan struct{}),
	}
	r.ready.err = errors.New("starting: Postgres has not answered yet")
	return r
}

// HandleSweep passes a sweep to the loop. It returns once the loop has received it, or has ended.
func (r *Referee) HandleSweep(s game.Sweep) {
	select {
	case r.sweeps <- s:
	case <-r.ended:
	}
}

// HandleScores passes scores to the loop. It returns once the loop has received them, or has ended.
func (r *Referee) HandleScores(s game.Scores) {
	select {
	case r.scores <- s:
	case <-r.ended:
	}
}

// Run runs the referee until ctx ends. It then stores pending changes, for up to two seconds.
func (r *Referee) Run(ctx context.Context) error {
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx)) // the keeper outlives ctx, for the last save
	defer stop()

	group, keeping := errgroup.WithContext(keeping)
	group.Go(func() error {
		r.keepLease(keeping)
		return nil
	})
	group.Go(func() error {
		r.heartbeat(keeping)
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
