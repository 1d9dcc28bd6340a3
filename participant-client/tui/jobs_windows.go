package tui

import "os"

// canSuspend reports whether the system can stop a process and let it go on.
const canSuspend = false

// jobs has the signals of job control: none.
type jobs struct{ continued chan os.Signal }

func newJobs() *jobs { return &jobs{} }

func (j *jobs) close()   {}
func (j *jobs) suspend() {}
