package referee

import (
	"errors"
	"testing"
	"time"

	"kafka-workshop/internal/testing/clocks"
)

// One clock may stop while the other advances: either one is enough to doubt the lease.
func TestEitherClockPutsTheLeaseInDoubt(t *testing.T) {
	start := time.Now()
	for what, now := range map[string]time.Time{
		"a machine that slept": clocks.Apart(t, start, time.Hour, 0),
		"a clock set back":     clocks.Apart(t, start, -time.Hour, 10*time.Second),
	} {
		r := &readiness{}
		r.recordBeat(start)
		r.confirm(start)
		r.lead()
		if err := r.check(now); !errors.Is(err, errInDoubt) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
