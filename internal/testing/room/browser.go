//go:build linux

package room

import (
	"os/exec"
	"syscall"
	"testing"
	"time"

	"kafka-workshop/internal/testing/browsertest"
)

// Browser opens a tab of a Chromium that runs on the host.
func (h *Host) Browser(t testing.TB) *browsertest.Tab {
	t.Helper()
	return browsertest.Started(t, 10*time.Minute, func(cmd *exec.Cmd) {
		here := h.Command(cmd.Args...)
		cmd.Path = here.Path
		cmd.Args = here.Args
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // with the test
	})
}
