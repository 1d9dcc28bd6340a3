package fault

import (
	"testing"
	"time"
)

func TestStoodStill(t *testing.T) {
	for ago, want := range map[time.Duration]bool{0: false, 5 * time.Second: false, 7 * time.Second: true, time.Hour: true} {
		if got := StoodStill(time.Now().Add(-ago), 4*time.Second); got != want {
			t.Errorf("a look with a deadline of 4 s that began %v ago: %v", ago, got)
		}
	}
}
