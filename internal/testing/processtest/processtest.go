// Package processtest holds what tests do with processes: with others that they start, and with their own.
package processtest

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/lacks"
)

// stopTimeout is how long a process has after a Ctrl+C before it is killed.
const stopTimeout = 10 * time.Second

// InterruptAtEnd sends a started command a Ctrl+C at the end of the test, and waits until it has exited.
func InterruptAtEnd(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have exited
		kill := time.AfterFunc(stopTimeout, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		_ = cmd.Wait() // its exit status is not what is tested
	})
}

// Resident returns the resident memory of the test's process, in MB.
func Resident(t testing.TB) float64 {
	t.Helper()
	mb, err := process.Resident(os.Getpid())
	if err != nil {
		lacks.Part(t, "this system does not report the memory of a process: %v", err)
	}
	return mb
}
