//go:build !windows

package main

import (
	"os"
	"syscall"
)

// become replaces this process with the program.
func become(path string, args []string) error {
	return syscall.Exec(path, append([]string{"local"}, args...), os.Environ())
}
