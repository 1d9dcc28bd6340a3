package referee

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Postgres ends a session that is silent for three seconds, and another leaderboard can then acquire the lock at once. So a
// confirmation of the lease is valid for less than that.
const (
	leaseFor       = 2500 * time.Millisecond
	heartbeatEvery = 200 * time.Millisecond
	suspendedFor   = 2 * time.Second // after a gap between heartbeats this long, the process counts as suspended
)

var errInDoubt = errors.New("asking Postgres whether this leaderboard still holds the lock: it did not run, or got no answer, for a while")

// readiness records why the service is not ready. A process that was suspended, or whose machine slept, does not know whether
// another one took over: it is not ready until Postgres has confirmed the lease.
type readiness struct {
	mu        sync.Mutex // guards what follows
	err       error      // nil when ready
	leading   bool       // the lease was ours when last confirmed
	standing  bool       // another leaderboard holds the lock
	address   string     // of that leaderboard; empty if unknown
	confirmed time.Time  // when the last request with a good answer was sent
	beat      time.Time  // the last heartbeat; zero before the first
	suspended bool       // the process was suspended, and the lease has not been confirmed since
}

// Ready returns nil while this process holds the lock, or held it when Postgres became unavailable: its board continues.
// Otherwise the error names the lock's holder, or the cause.
func (r *Referee) Ready() error { return r.ready.check(r.cfg.Now()) }

// Elsewhere reports whether another leaderboard holds the lock, and returns that one's address, if known.
func (r *Referee) Elsewhere() (address string, elsewhere bool) {
	r.ready.mu.Lock()
	defer r.ready.mu.Unlock()
	return r.ready.address, r.ready.standing
}

func (r *readiness) check(now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noticeGap(now)
	switch {
	case r.err != nil:
		return r.err
	case r.suspended, r.leading && elapsed(now, r.confirmed) > leaseFor:
		return errInDoubt
	}
	return nil
}

// noticeGap infers from the time since the last heartbeat that the process was suspended.
func (r *readiness) noticeGap(now time.Time) {
	if !r.beat.IsZero() && elapsed(now, r.beat) > suspendedFor {
		r.suspended = true
	}
}

func (r *readiness) recordBeat(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noticeGap(now)
	r.beat = now
}

// confirm records that the lease was ours when a request was sent.
func (r *readiness) confirm(sent time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.confirmed = sent
	r.suspended = false
}

func (r *readiness) lead() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = nil
	r.leading, r.standing = true, false
}

// standBy records that another leaderboard holds the lock; err names it.
func (r *readiness) standBy(err error, address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
	r.leading, r.standing, r.address = false, true, address
	r.suspended = false
}

// lose records that the lease was lost, or could not be acquired, without another holder. A service that was ready stays
// ready: the board continues without Postgres.
func (r *readiness) lose(err error, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noticeGap(now)
	r.leading = false
	if r.err != nil || r.suspended {
		r.err = err
	}
}

// elapsed uses the clock that advanced more: the monotonic clock stops while a machine sleeps, and the wall clock can be set
// back.
func elapsed(now, then time.Time) time.Duration {
	return max(now.Sub(then), now.Round(0).Sub(then.Round(0)))
}

// heartbeat records that this process runs, until ctx ends.
func (r *Referee) heartbeat(ctx context.Context) {
	tick := time.NewTicker(heartbeatEvery)
	defer tick.Stop()
	for {
		r.ready.recordBeat(r.cfg.Now())
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
