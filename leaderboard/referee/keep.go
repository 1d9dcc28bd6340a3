package referee

import (
	"context"
	"errors"
	"time"

	"kafka-workshop/leaderboard/game"
)

// How long the keeper waits for the database. A lock in doubt is given up sooner than Postgres takes
// it away from a session that says nothing.
const (
	leadWithin = 2 * time.Minute // migrations run in it
	loadWithin = 15 * time.Second
	saveWithin = 5 * time.Second
	pingWithin = 1400 * time.Millisecond // with pingEvery less than leaseFor
	pingEvery  = time.Second
	standEvery = 500 * time.Millisecond // tries of one that stands by
	endWithin  = 2 * time.Second
)

// news is what the keeper tells the loop.
type news struct {
	lead   *lead // the lock is ours
	saved  bool  // the last job is done, well or with err
	lost   bool  // the lock is not ours any more, or still not
	holder string
	err    error
}

type lead struct {
	term  int64
	saved game.Saved
}

// keep gets the lease, again and again, and does the loop's writing over it.
func (r *Referee) keep(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; {
		lease, l, err := r.lead(ctx)
		if err == nil {
			failures = 0
			if !r.tell(ctx, news{lead: l}) {
				lease.Close(context.WithoutCancel(ctx))
				return
			}
			err = r.serve(ctx, lease)
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			lease.Close(end)
			cancel()
		}
		if ctx.Err() != nil {
			return
		}
		n := news{lost: true, err: err}
		wait := standEvery
		var held interface{ Holder() string }
		if errors.As(err, &held) {
			n.holder, failures = held.Holder(), 0
		} else {
			failures++
			wait = r.cfg.Retry(failures)
		}
		if !r.tell(ctx, n) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

func (r *Referee) lead(ctx context.Context) (Lease, *lead, error) {
	ctx, cancel := context.WithTimeout(ctx, leadWithin)
	defer cancel()
	lease, err := r.cfg.Lead(ctx)
	if err != nil {
		return nil, nil, err
	}
	within, cancel := context.WithTimeout(ctx, loadWithin)
	defer cancel()
	saved, err := lease.Load(within)
	if err != nil {
		lease.Close(context.WithoutCancel(ctx))
		return nil, nil, err
	}
	if err := r.look(within, lease.Ping); err != nil {
		lease.Close(context.WithoutCancel(ctx))
		return nil, nil, err
	}
	return lease, &lead{lease.Term(), saved}, nil
}

// look asks something over the lease's session, and notes when what was answered well was sent.
func (r *Referee) look(ctx context.Context, ask func(context.Context) error) error {
	sent := r.cfg.Now()
	err := ask(ctx)
	if err == nil {
		r.ready.ours(sent)
	}
	return err
}

// serve writes what the loop wants to be written, until the lease is lost.
func (r *Referee) serve(ctx context.Context, lease Lease) error {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case c := <-r.jobs:
			within, cancel := context.WithTimeout(ctx, saveWithin)
			err = r.look(within, func(ctx context.Context) error { return lease.Save(ctx, c) })
			cancel()
			if !r.tell(ctx, news{saved: true, err: err}) {
				return ctx.Err()
			}
		case <-tick.C:
			within, cancel := context.WithTimeout(ctx, pingWithin)
			err = r.look(within, lease.Ping)
			cancel()
		}
		if err != nil && !lease.Alive() {
			return err
		}
	}
}

func (r *Referee) tell(ctx context.Context, n news) bool {
	select {
	case r.news <- n:
		return true
	case <-ctx.Done():
		return false
	}
}
