package tui

import "os"

// CanSuspend reports whether the system can stop a process and let it go on.
const CanSuspend = false

// Jobs has the signals of job control: none.
type Jobs struct{ continued chan os.Signal }

// NewJobs returns Jobs that never say anything.
func NewJobs() *Jobs { return &Jobs{} }

func (j *Jobs) close()   {}
func (j *Jobs) suspend() {}
