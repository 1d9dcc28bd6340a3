package httpserve

import (
	"context"
	"time"
)

// Guesses slows wrong tokens and codes down: every wrong one waits for its turn in one queue that
// moves once in Pause, for all of them together. A right one never enters the queue. Whoever waited for the longest
// is answered all the same: how many guesses are looked at is what Guard bounds.
type Guesses struct {
	turn  chan struct{}
	Pause time.Duration
}

// longestWait is less than a response may take: see limits.
const longestWait = 20 * time.Second

// NewGuesses lets one wrong guess be answered each 100 ms, 36,000 an hour.
func NewGuesses() *Guesses {
	return &Guesses{turn: make(chan struct{}, 1), Pause: 100 * time.Millisecond}
}

// Wrong returns when this wrong guess may be answered, or when ctx ends.
func (g *Guesses) Wrong(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()

	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return
	}
	defer func() { <-g.turn }()
	t := time.NewTimer(g.Pause)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
