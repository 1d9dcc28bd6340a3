package worker

import (
	"testing"
	"time"
)

// A worker that may hold a record for longer than the broker locks it renews the lock, and nobody else gets it.
func TestALongerLockIsRenewed(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	c.cfg.Lock = 4 * c.lock
	c.add(t, jobs(1, 2*c.lock)...)
	r := start(t, c.cfg, 2)
	r.heard.until(t, "a job longer than the lock", func(events []Event) bool { return count(events, Accepted) == 1 })
	if again := r.heard.of(Redelivered, Lost); len(again) != 0 || len(r.heard.of(Renewed)) < 2 || len(r.heard.of(LockDiffers)) != 1 {
		t.Errorf("heard:\n%s", r.heard)
	}
}

// A worker that may hold a record for less time than the broker locks it gives it back.
func TestAShorterLockEndsEarlier(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	c.cfg.Lock = time.Second
	c.add(t, jobs(1, time.Minute)...)
	r := start(t, c.cfg, 1)
	r.heard.until(t, "a record given back", func(events []Event) bool { return count(events, Released) == 1 })
	if held := r.heard.of(Released)[0].At.Sub(r.heard.of(Acquired)[0].At); held < time.Second-50*time.Millisecond || held > c.lock { // the Acquired event comes after the lock begins
		t.Errorf("held for %v; heard:\n%s", held, r.heard)
	}
}

// A record that waited for its worker has used up part of its lock. That is not another lock of the group, and not reported.
func TestALockThatIsPartlyOver(t *testing.T) {
	g := &Group{}
	for _, step := range []struct {
		left, lock time.Duration
		longer     bool
	}{{14_900 * time.Millisecond, 15 * time.Second, true}, {11_400 * time.Millisecond, 15 * time.Second, false}, {30 * time.Second, 30 * time.Second, true}} {
		if lock, longer := g.recordLock(step.left); lock != step.lock || longer != step.longer {
			t.Errorf("with %v left: %v, longer %v, want %v, %v", step.left, lock, longer, step.lock, step.longer)
		}
	}
}
