package process

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// OwnGroup keeps the console's Ctrl+C from the child: we stop it in our order.
func OwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

func killGroup(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill() // it may have ended just now
	}
}

// UntilPipeCloses cannot watch the pipe on Windows: what runs is killed at a stop.
func UntilPipeCloses(_ string, _ time.Duration, name string, args ...string) *exec.Cmd {
	return exec.Command(name, args...)
}
