// Package observe watches the teams' consumer groups for the leaderboard. A few times a second, it sweeps Kafka's admin API
// for who is in each group, what each member owns, what is committed and where the topic ends. It knows Kafka but none of the
// rules: game and the referee decide what a sweep means. It also carries out the instructor's actions on a group, and creates
// the teams' missing topics.
package observe

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Config configures an Observer.
type Config struct {
	workshop.Room
	Kafka    kafka.Config
	Interval time.Duration // from the start of a sweep to that of the next, unless members move; 500 ms if 0
	Log      *slog.Logger  // nil logs nothing
	Opts     []kgo.Opt     // further options for the client, such as hooks for metrics
}

// Validate names the flag at fault.
func (c Config) Validate() error {
	if err := c.Room.Validate(); err != nil {
		return err
	}
	if c.Interval < 0 {
		return fmt.Errorf("--sweep-every %s: use a positive duration", c.Interval)
	}
	return nil
}

// An Observer holds its clients until it is closed.
type Observer struct {
	cfg      Config
	log      *slog.Logger
	client   *kgo.Client
	isolated *kgo.Client // for requests whose response may break the connection
	load     load
}

// New does not connect: Run waits for a cluster that is not available yet.
func New(cfg Config) (*Observer, error) {
	if cfg.Interval == 0 {
		cfg.Interval = 500 * time.Millisecond
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}

	opts, err := cfg.Kafka.Opts("leaderboard-observe", cfg.Log)
	if err != nil {
		return nil, err
	}
	opts = append(opts, kgo.FetchMaxBytes(maxResponse), kgo.BrokerMaxReadBytes(maxResponse))
	client, err := kgo.NewClient(append(slices.Clone(opts), cfg.Opts...)...)
	if err != nil {
		return nil, fmt.Errorf("observe: %w", err)
	}
	isolated, err := kgo.NewClient(opts...) // without hooks, which belong to one client
	if err != nil {
		client.Close()
		return nil, fmt.Errorf("observe: %w", err)
	}
	return &Observer{cfg: cfg, log: cfg.Log, client: client, isolated: isolated, load: load{changed: make(chan struct{})}}, nil
}

// Close closes the clients. It must not be called before Run has returned.
func (o *Observer) Close() {
	o.client.Close()
	o.isolated.Close()
}

// Run sweeps until the context ends and passes every sweep to emit, one after another. When members of a group move, the next
// sweep is early. After a sweep that failed as a whole, which has its Err set, the next one waits longer, up to 2 s.
func (o *Observer) Run(ctx context.Context, emit func(game.Sweep)) error {
	ctx, cancel := context.WithCancel(ctx)
	var following sync.WaitGroup
	following.Go(func() { o.followLoad(ctx) })
	defer func() { cancel(); following.Wait() }()

	s := newSweeper(o)
	backoff := kafka.Backoff(o.cfg.Interval, max(o.cfg.Interval, 2*time.Second))
	for failed := 0; ; {
		began := time.Now()
		sweep := s.sweep(ctx, began)
		if ctx.Err() != nil {
			return ctx.Err()
		}

		sweep.Load = o.load.last()
		sweep.Took = time.Since(began)
		failed = o.countFailed(failed, sweep.Err)
		wait := s.interval(o.cfg.Interval, sweep.Took, began)
		if failed > 0 {
			wait = backoff(failed)
		}
		emit(sweep)
		s.rest(ctx, began.Add(wait))
	}
}

// countFailed returns how many sweeps in a row have failed. It logs the first failure, and the recovery.
func (o *Observer) countFailed(failed int, err string) int {
	switch {
	case err == "" && failed > 0:
		o.log.Info("Kafka answers sweeps again", "failed_sweeps", failed)
	case err != "" && failed == 0:
		o.log.Warn("Kafka does not answer sweeps; retrying", "error", err)
	}
	if err == "" {
		return 0
	}
	return failed + 1
}
