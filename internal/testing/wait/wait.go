// Package wait lets tests wait for a condition instead of a time.
package wait

import (
	"testing"
	"time"
)

// Patience is how long a condition may take on a machine that does other work as well.
const Patience = 2 * time.Minute

// Until polls until the condition holds, and fails the test if it does not within Patience.
func Until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(Patience)
	defer deadline.Stop()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()

	for !holds() {
		select {
		case <-poll.C:
		case <-deadline.C:
			t.Fatalf("waited %v in vain for %s", Patience, what)
		}
	}
}
