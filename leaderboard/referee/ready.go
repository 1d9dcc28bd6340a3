package referee

import (
	"context"
	"errors"
	"sync"
	"time"
)

// How old the last good look at the lease may be. Postgres ends a session that says nothing for three
// seconds, and another leaderboard has the lock at once then.
const (
	leaseFor  = 2500 * time.Millisecond
	beatEvery = 200 * time.Millisecond
	sleptFor  = 2 * time.Second // a gap between two beats that long: the process did not run
)

var errInDoubt = errors.New("asking Postgres whether this leaderboard still holds the lock: it did not run, or got no answer, for a while")

// readiness is why the service is not ready. A process that was stopped for a while, or whose machine
// slept, does not know that another one took over: it is not ready until Postgres has said where it stands.
type readiness struct {
	mu     sync.Mutex
	err    error     // nil for ready
	leads  bool      // the lease was ours when last heard of
	looked time.Time // when the last question about the lease was sent that was answered well
	beat   time.Time // when this process ran last; zero before it runs
	slept  bool      // since then nobody has asked about the lease
}

// Ready is nil while this process holds the lock, or held it when Postgres went away: its board goes
// on. Else it says who holds it, or what is wrong.
func (r *Referee) Ready() error { return r.ready.at(r.cfg.Now()) }

func (r *readiness) at(now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notice(now)
	switch {
	case r.err != nil:
		return r.err
	case r.slept, r.leads && since(now, r.looked) > leaseFor:
		return errInDoubt
	}
	return nil
}

// notice sees from the time since the last beat that the process did not run.
func (r *readiness) notice(now time.Time) {
	if !r.beat.IsZero() && since(now, r.beat) > sleptFor {
		r.slept = true
	}
}

func (r *readiness) tick(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notice(now)
	r.beat = now
}

// ours is an answer of Postgres to a question sent at this time: the lease is ours.
func (r *readiness) ours(sent time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looked, r.slept = sent, false
}

// lead makes it ready.
func (r *readiness) lead() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err, r.leads = nil, true
}

// standBy names the other holder.
func (r *readiness) standBy(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err, r.leads, r.slept = err, false, false
}

// lose ends a lease, or a try for one, of which nothing better is known. What was ready stays so: the board
// goes on without Postgres.
func (r *readiness) lose(err error, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notice(now)
	r.leads = false
	if r.err != nil || r.slept {
		r.err = err
	}
}

// since is by the clock that went further: one stands still while a machine sleeps, the other is set by people.
func since(now, then time.Time) time.Duration {
	return max(now.Sub(then), now.Round(0).Sub(then.Round(0)))
}

// beats tells readiness that this process runs.
func (r *Referee) beats(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		r.ready.tick(r.cfg.Now())
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
