package process

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// OwnGroup runs the child in a separate process group, so that the console's Ctrl+C does not reach it: children are
// stopped in our order.
func OwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

func killGroup(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill() // it may have just exited
	}
}

// UntilPipeCloses returns a plain command: nothing watches the pipe on Windows, so Stop kills the program.
func UntilPipeCloses(_ string, _ time.Duration, name string, args ...string) *exec.Cmd {
	return exec.Command(name, args...)
}
