package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"kafka-workshop/internal/cli"
)

// lineWriters runs the goroutines that write lines during a run.
type lineWriters struct {
	ctx  context.Context // for the run: ends when nobody reads any more
	gone context.CancelCauseFunc

	reading  context.Context // ends when stdout is closed, or by a signal
	unwatch  func()
	writing  context.Context
	stopping context.CancelFunc
	all      sync.WaitGroup
}

func (c *runCommand) newLineWriters(env environment) *lineWriters {
	w := &lineWriters{}
	w.reading, w.unwatch = cli.WhileRead(env.ctx, env.stdout)
	w.ctx, w.gone = context.WithCancelCause(w.reading)
	w.writing, w.stopping = context.WithCancel(context.Background())
	if c.Vitals > 0 {
		w.start(func(ctx context.Context) { printVitals(ctx, c.Vitals, env.stderr) })
	}
	return w
}

// start runs a writer until stop.
func (w *lineWriters) start(write func(context.Context)) {
	w.all.Go(func() { write(w.writing) })
}

// stop ends the writers and waits for them.
func (w *lineWriters) stop() {
	w.stopping()
	w.all.Wait()
}

// finish returns the run's error, or why the lines could not be written. It is no error if nobody reads them any more.
func (w *lineWriters) finish(err error) error {
	if err != nil {
		return err
	}
	if cause := context.Cause(w.ctx); w.reading.Err() == nil && cause != nil && !cli.ClosedPipe(cause) {
		return fmt.Errorf("write the output: %w", cause)
	}
	return nil
}

// close releases the run's contexts.
func (w *lineWriters) close() {
	w.gone(nil)
	w.unwatch()
}

// printVitals prints the number of goroutines this often, until ctx ends.
func printVitals(ctx context.Context, every time.Duration, stderr io.Writer) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			fmt.Fprintln(stderr, "goroutines", runtime.NumGoroutine())
		}
	}
}
