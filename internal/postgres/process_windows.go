package postgres

import "os/exec"

// UntilPipeCloses does not watch the pipe on Windows. Stop kills the server, and the next start stops one that was left running.
func UntilPipeCloses(_, name string, args ...string) *exec.Cmd { return exec.Command(name, args...) }

func command(name string, args ...string) *exec.Cmd { return exec.Command(name, args...) }

// Chown does nothing: on Windows the server runs as the same user.
func Chown(string) error { return nil }
