//go:build unix

package main

import (
	"syscall"
	"testing"
	"time"
)

// Records that a hanging process holds go to others when the lock ends, and not before, on Apache Kafka. The embedded
// broker releases them when the member's session ends. When the process continues, its acknowledgement is rejected.
func TestAFrozenWorkersRecordsComeBackAfterTheLock(t *testing.T) {
	t.Parallel()
	q := newQueue(t, 1)
	frozen := q.start(t, "--format", "json")
	q.add(t, 4, 5*time.Second)
	frozen.await(t, 1, `"event":"record"`)
	taken := eventsOf(t, frozen, "acquired")
	frozen.signal(t, syscall.SIGSTOP)

	other := q.start(t, "--format", "json")
	other.await(t, 1, `"event":"redelivered"`)
	back := eventsOf(t, other, "redelivered")
	silence, lost := 14*time.Second, "lock"
	if !q.Real {
		silence, lost = 9*time.Second, "session"
	}
	if len(taken) == 0 || back[0].At.Before(taken[0].At.Add(silence)) {
		t.Errorf("taken at %v, and back at %v", taken, back[0].At)
	} else {
		t.Logf("back %v after it was taken", back[0].At.Sub(taken[0].At))
	}

	frozen.signal(t, syscall.SIGCONT)
	frozen.await(t, 1, `"event":"lost"`)
	gone := eventsOf(t, frozen, "lost")
	if gone[0].Reason != lost {
		t.Errorf("lost %+v", gone[0])
	}
	if accepted := eventsOf(t, frozen, "accepted"); len(accepted) > 0 && accepted[0].Offset == gone[0].Offset {
		t.Errorf("accepted what it had lost: %+v", accepted)
	}
}

// A terminal that is closed sends SIGHUP: workers give back what they hold and leave.
func TestSIGHUPLeavesTheShareGroup(t *testing.T) {
	t.Parallel()
	q := newQueue(t, 1)
	q.add(t, 4, time.Minute)
	p := q.start(t, "--format", "plain")
	p.await(t, 1, ":0:0 key=- ")
	p.signal(t, syscall.SIGHUP)
	<-p.ended
	p.await(t, 1, "worker 1 left")
	p.await(t, 1, "done: accepted 0, gave back 4")
	if code := p.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exits with %d", code)
	}
}
