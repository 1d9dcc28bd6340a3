package control

import (
	"testing"
	"time"

	"kafka-workshop/internal/testing/clocks"
)

// One clock may stop while the other runs: the lease expires by either one.
func TestTheLeaseEndsByEitherClock(t *testing.T) {
	good := time.Now()
	for what, c := range map[string]struct {
		wall, monotonic time.Duration
		want            bool
	}{
		"both young":           {time.Second, time.Second, true},
		"a machine that slept": {time.Hour, 0, false},
		"a clock set back":     {-time.Hour, time.Minute, false},
		"a clock set forward":  {time.Minute, time.Second, false},
	} {
		if got := fresh(good, clocks.Apart(t, good, c.wall, c.monotonic)); got != c.want {
			t.Errorf("%s: fresh is %v, want %v", what, got, c.want)
		}
	}
}
