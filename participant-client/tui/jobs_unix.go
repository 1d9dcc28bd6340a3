//go:build !windows

package tui

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// CanSuspend reports whether the system can stop a process and continue it.
const CanSuspend = true

// resumeAfter is how long suspend waits for SIGCONT once it runs again. A process group that has no shell is not stopped.
const resumeAfter = 300 * time.Millisecond

// Jobs receives SIGCONT, which means that the process was stopped and continues. SIGTSTP is left alone: once Go has
// caught it, nothing restores its default action (golang.org/issue/41996).
type Jobs struct{ continued chan os.Signal }

// NewJobs starts to listen, until close.
func NewJobs() *Jobs {
	j := &Jobs{make(chan os.Signal, 1)}
	j.listen()
	return j
}

func (j *Jobs) listen() { signal.Notify(j.continued, syscall.SIGCONT) }
func (j *Jobs) close()  { signal.Stop(j.continued) }

// suspend stops the process group, as the terminal does for Ctrl+Z, and returns when it continues.
func (j *Jobs) suspend() {
	j.close()
	defer j.listen()
	goesOn := make(chan os.Signal, 1)
	signal.Notify(goesOn, syscall.SIGCONT)
	defer signal.Stop(goesOn)

	_ = syscall.Kill(0, syscall.SIGTSTP)
	timer := time.NewTimer(resumeAfter) // stops while the process is stopped
	defer timer.Stop()
	select {
	case <-goesOn:
	case <-timer.C:
	}
}
