//go:build !windows

package tui

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// CanSuspend reports whether the system can stop a process and let it go on.
const CanSuspend = true

// resumeAfter is how long suspend waits to be continued once it runs again. A process group that has no shell is not stopped.
const resumeAfter = 300 * time.Millisecond

// Jobs has SIGCONT, which says that the process was stopped and goes on. SIGTSTP is left alone: once Go has caught it, nothing
// gives it its meaning back (golang.org/issue/41996).
type Jobs struct{ continued chan os.Signal }

// NewJobs begins to listen, until close.
func NewJobs() *Jobs {
	j := &Jobs{make(chan os.Signal, 1)}
	j.listen()
	return j
}

func (j *Jobs) listen() { signal.Notify(j.continued, syscall.SIGCONT) }
func (j *Jobs) close()  { signal.Stop(j.continued) }

// suspend stops the process group, as the terminal does for Ctrl+Z, and returns when it goes on.
func (j *Jobs) suspend() {
	j.close()
	defer j.listen()
	goesOn := make(chan os.Signal, 1)
	signal.Notify(goesOn, syscall.SIGCONT)
	defer signal.Stop(goesOn)

	_ = syscall.Kill(0, syscall.SIGTSTP)
	timer := time.NewTimer(resumeAfter) // stands still while the process does
	defer timer.Stop()
	select {
	case <-goesOn:
	case <-timer.C:
	}
}
