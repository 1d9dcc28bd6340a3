// Package clocks makes moments at which the two clocks of a machine disagree, as after it slept: the monotonic
// one stood still, and the wall clock did not. Or as after people set the wall clock.
package clocks

import (
	"testing"
	"time"
	"unsafe"
)

// Apart is the moment that comes after another by these two clocks. The other must come from time.Now.
func Apart(t testing.TB, at time.Time, wall, monotonic time.Duration) time.Time {
	t.Helper()
	out := at.Add(wall)
	// The first fields of time.Time: no call sets one clock's reading alone.
	readings := (*struct {
		wall uint64
		ext  int64 // the monotonic clock's
	})(unsafe.Pointer(&out))
	readings.ext += int64(monotonic - wall)

	if out.Sub(at) != monotonic || out.Round(0).Sub(at.Round(0)) != wall {
		t.Fatalf("time.Time is made otherwise than this test knows: %v and %v", out.Sub(at), out.Round(0).Sub(at.Round(0)))
	}
	return out
}
