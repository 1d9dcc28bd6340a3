package tui

import "os"

// CanSuspend reports whether the system can stop a process and continue it.
const CanSuspend = false

// Jobs receives the signals of job control: none.
type Jobs struct{ continued chan os.Signal }

// NewJobs returns Jobs that never receive anything.
func NewJobs() *Jobs { return &Jobs{} }

func (j *Jobs) close()   {}
func (j *Jobs) suspend() {}
