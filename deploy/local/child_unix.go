//go:build !windows

package main

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps the terminal's Ctrl+C from the child: we stop it in our order.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
