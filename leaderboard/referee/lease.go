package referee

import (
	"context"
	"errors"
	"time"

	"kafka-workshop/leaderboard/game"
)

// How long the lease keeper waits for the database. It gives up a lock in doubt before Postgres ends a silent session.
const (
	acquireWithin = 2 * time.Minute // including the migrations
	loadWithin    = 15 * time.Second
	saveWithin    = 5 * time.Second
	pingWithin    = 1400 * time.Millisecond // with pingEvery, less than leaseFor
	pingEvery     = time.Second
	standbyEvery  = 500 * time.Millisecond // between tries while another leaderboard holds the lock
	closeWithin   = time.Second
	endWithin     = 2 * time.Second
)

// A leaseEvent is a report of the lease keeper to the loop. One of acquired, saved and lost is set.
type leaseEvent struct {
	acquired *acquired // the lock is ours
	saved    bool      // a save has ended, with err
	lost     bool      // the lock is not ours, because of err
	holder   string    // the other leaderboard that holds it, with lost; empty if unknown
	address  string    // of the holder; empty if unknown
	err      error
}

// acquired holds a new lease's term and the stored room.
type acquired struct {
	term  int64
	saved game.Saved
}

// keepLease acquires the lease again whenever it is lost, and writes the loop's changes over it.
func (r *Referee) keepLease(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		lease, got, err := r.acquire(ctx)
		if err == nil {
			failures = 0
			if !r.report(ctx, leaseEvent{acquired: got}) {
				lease.Close(context.WithoutCancel(ctx))
				return
			}
			err = r.useLease(ctx, lease)

			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
			lease.Close(end)
			cancel()
		}
		if ctx.Err() != nil {
			return
		}

		lost := leaseEvent{lost: true, err: err}
		var wait time.Duration
		var held interface {
			Holder() string
			HolderAddress() string
		}
		if errors.As(err, &held) {
			lost.holder, lost.address = held.Holder(), held.HolderAddress()
			failures = 0
			wait = standbyEvery
		} else {
			failures++
			wait = r.cfg.Retry(failures)
		}
		if !r.report(ctx, lost) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// acquire tries once to acquire the lease and to load the stored room.
func (r *Referee) acquire(ctx context.Context) (Lease, *acquired, error) {
	ctx, cancel := context.WithTimeout(ctx, acquireWithin)
	defer cancel()
	lease, err := r.cfg.Acquire(ctx)
	if err != nil {
		return nil, nil, err
	}

	within, cancel := context.WithTimeout(ctx, loadWithin)
	defer cancel()
	saved, err := lease.Load(within)
	if err == nil {
		err = r.confirm(within, lease.Ping)
	}
	if err != nil {
		lease.Close(context.WithoutCancel(ctx))
		return nil, nil, err
	}
	return lease, &acquired{lease.Term(), saved}, nil
}

// useLease saves changes and pings until the lease is lost. If a request fails but the session is still alive, it keeps the
// lease.
func (r *Referee) useLease(ctx context.Context, lease Lease) error {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()

		case c := <-r.saves:
			within, cancel := context.WithTimeout(ctx, saveWithin)
			err = r.confirm(within, func(ctx context.Context) error { return lease.Save(ctx, c) })
			cancel()
			if !r.report(ctx, leaseEvent{saved: true, err: err}) {
				return ctx.Err()
			}

		case <-tick.C:
			within, cancel := context.WithTimeout(ctx, pingWithin)
			err = r.confirm(within, lease.Ping)
			cancel()
		}
		if err != nil && !lease.Alive() {
			return err
		}
	}
}

// confirm sends a request over the lease's session. A good answer confirms the lease as of the time when the request was
// sent.
func (r *Referee) confirm(ctx context.Context, request func(context.Context) error) error {
	sent := r.cfg.Now()
	err := request(ctx)
	if err == nil {
		r.ready.confirm(sent)
	}
	return err
}

// report sends an event to the loop. It returns false when ctx ended first.
func (r *Referee) report(ctx context.Context, e leaseEvent) bool {
	select {
	case r.leaseEvents <- e:
		return true
	case <-ctx.Done():
		return false
	}
}
