package main

import (
	"os"
	"os/exec"
	"os/signal"
)

// become runs the program as a child and waits for it, since Windows has no exec. Both get a Ctrl+C, which
// this process ignores.
func become(path string, args []string) error {
	signal.Ignore(os.Interrupt)
	cmd := exec.Command(path, args...)
	cmd.Stdin = os.Stdin
	cmd.Stdout = os.Stdout
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
