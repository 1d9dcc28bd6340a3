package kafka

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

func jitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return rand.N(most)
}

// quiet lowers the level of the library's log by one, so that warn becomes info and info becomes debug: the programs
// report unavailable brokers themselves. Failed connections, which are retried several times a second, become debug.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(lower{log.Handler()}) }

type lower struct{ slog.Handler }

func (l lower) Enabled(ctx context.Context, level slog.Level) bool {
	return l.Handler.Enabled(ctx, level-4)
}

func (l lower) Handle(ctx context.Context, r slog.Record) error {
	r.Level -= 4
	if r.Message == "unable to open connection to broker" {
		r.Level = slog.LevelDebug
	}
	if !l.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return l.Handler.Handle(ctx, r)
}

func (l lower) WithAttrs(attrs []slog.Attr) slog.Handler { return lower{l.Handler.WithAttrs(attrs)} }
func (l lower) WithGroup(name string) slog.Handler       { return lower{l.Handler.WithGroup(name)} }
