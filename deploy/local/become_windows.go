package main

import (
	"os"
	"os/exec"
	"os/signal"
)

// become runs the program in this one's place; Windows knows no other way. Both get a Ctrl+C, and this one waits.
func become(path string, args []string) error {
	signal.Ignore(os.Interrupt)
	cmd := exec.Command(path, args...)
	cmd.Stdin = os.Stdin
	cmd.Stdout = os.Stdout
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
