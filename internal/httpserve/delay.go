package httpserve

import (
	"context"
	"time"
)

// A Delay slows down answers to wrong tokens and codes: they wait in one queue, which lets one pass per Pause. After
// longestWait an answer goes out in any case: Guard bounds how many guesses are checked.
type Delay struct {
	turn  chan struct{}
	Pause time.Duration
}

// longestWait is shorter than the time limit of a response: see limits.
const longestWait = 20 * time.Second

// NewDelay returns a Delay that lets one answer pass each 100 ms, 36,000 an hour.
func NewDelay() *Delay {
	return &Delay{turn: make(chan struct{}, 1), Pause: 100 * time.Millisecond}
}

// Wait returns when the answer to a wrong guess may be sent, or when ctx ends.
func (d *Delay) Wait(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()

	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return
	}

	defer func() { <-d.turn }()
	t := time.NewTimer(d.Pause)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
