// Package observe looks at Kafka for the leaderboard: a sweep of the admin API a few times a second tells
// who is in each team's group, what each member owns, what is committed and where the topic ends.
// It knows Kafka and none of the rules: what a sweep means is left to game and the referee. It also
// does to a group what the instructor asks for, and makes the teams' topics where they are missing.
package observe

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Config says what is observed.
type Config struct {
	workshop.Room
	Kafka    kafka.Config
	Interval time.Duration // between the beginnings of two sweeps; 0 is 250 ms
	Log      *slog.Logger  // nil logs nothing
	Opts     []kgo.Opt     // more options for the client, such as metrics hooks
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

// An Observer has its clients for its whole life. Close it.
type Observer struct {
	cfg    Config
	log    *slog.Logger
	client *kgo.Client
	alone  *kgo.Client // for what may break its connection
	load   load
}

// New connects to nothing yet: a cluster that is away is found out, and waited for, by Run.
func New(cfg Config) (*Observer, error) {
	if cfg.Interval == 0 {
		cfg.Interval = 250 * time.Millisecond
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
	opts = append(opts, kgo.FetchMaxBytes(maxAnswer), kgo.BrokerMaxReadBytes(maxAnswer))
	client, err := kgo.NewClient(append(slices.Clone(opts), cfg.Opts...)...)
	if err != nil {
		return nil, fmt.Errorf("observe: %w", err)
	}
	alone, err := kgo.NewClient(opts...) // without hooks, which belong to one client
	if err != nil {
		client.Close()
		return nil, fmt.Errorf("observe: %w", err)
	}
	return &Observer{cfg: cfg, log: cfg.Log, client: client, alone: alone}, nil
}

// Close ends the clients, once Run has returned.
func (o *Observer) Close() {
	o.client.Close()
	o.alone.Close()
}

// Run sweeps until the context ends and hands every sweep to emit, one after the other. A sweep
// that failed whole is handed on with Err, and the next one waits a little longer, up to 2 s.
func (o *Observer) Run(ctx context.Context, emit func(game.Sweep)) error {
	ctx, cancel := context.WithCancel(ctx)
	loads := make(chan struct{})
	go func() {
		defer close(loads)
		o.followLoad(ctx)
	}()
	defer func() { cancel(); <-loads }()

	s := newSweeper(o.client, o.alone, o.cfg)
	backoff := kafka.Backoff(o.cfg.Interval, max(o.cfg.Interval, 2*time.Second))
	for failed := 0; ; {
		began := time.Now()
		sweep := s.sweep(ctx, began)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		sweep.Load, sweep.Took = o.load.last(), time.Since(began)
		wait := o.cfg.Interval
		if sweep.Err != "" {
			failed++
			wait = backoff(failed)
			if failed == 1 {
				o.log.Warn("Kafka does not answer the sweep; trying again", "error", sweep.Err)
			}
		} else if failed > 0 {
			o.log.Info("Kafka answers the sweep again", "failed_sweeps", failed)
			failed = 0
		}
		emit(sweep)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(max(wait-time.Since(began), 0)):
		}
	}
}
