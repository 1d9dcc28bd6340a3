// Package wait lets tests wait for a condition instead of a time.
package wait

import (
	"errors"
	"testing"
	"time"
)

// Patience is how long a condition may take on a machine that does other work as well.
const Patience = 2 * time.Minute

var errNotYet = errors.New("it does not hold")

// Until polls until the condition holds, and fails the test if it does not within Patience.
func Until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	For(t, what, func() error {
		if holds() {
			return nil
		}
		return errNotYet
	})
}

// For polls until try returns no error, and fails the test with its last error if that takes longer than Patience.
func For(t testing.TB, what string, try func() error) {
	t.Helper()
	deadline := time.NewTimer(Patience)
	defer deadline.Stop()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()

	for {
		err := try()
		if err == nil {
			return
		}

		select {
		case <-poll.C:
		case <-deadline.C:
			t.Fatalf("waited %v in vain for %s: %v", Patience, what, err)
		}
	}
}
