// Package processtest starts, stops and measures processes for tests.
package processtest

import (
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/wait"
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
		_ = cmd.Wait() // its exit status is not tested
	})
}

// StartServer starts a command, and waits until it listens on addr. At the end of the test it is killed.
func StartServer(t testing.TB, cmd *exec.Cmd, addr string) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }) // it has no state to save
	wait.For(t, cmd.Path+" to listen", func() error {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close() // it only tested the port
		}
		return err
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
