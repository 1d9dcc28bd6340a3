// Package clocks creates times at which a machine's two clocks disagree: after a sleep, during which the monotonic
// clock stopped and the wall clock did not, or after somebody set the wall clock.
package clocks

import (
	"testing"
	"time"
	"unsafe"
)

// Apart returns a time after at, by these durations on the two clocks. at must come from time.Now.
func Apart(t testing.TB, at time.Time, wall, monotonic time.Duration) time.Time {
	t.Helper()
	out := at.Add(wall)
	// The first fields of time.Time: no call changes only one clock's reading.
	readings := (*struct {
		wall uint64
		ext  int64 // the monotonic clock's
	})(unsafe.Pointer(&out))
	readings.ext += int64(monotonic - wall)

	if out.Sub(at) != monotonic || out.Round(0).Sub(at.Round(0)) != wall {
		t.Fatalf("time.Time has another layout than this test expects: %v and %v", out.Sub(at), out.Round(0).Sub(at.Round(0)))
	}
	return out
}
