//go:build !windows

package process

import (
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// OwnGroup runs the child in a separate process group, so that the terminal's Ctrl+C does not reach it: children are
// stopped in our order.
func OwnGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
}

// killGroup kills a process that was started with OwnGroup, and its children.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) } // it may have just exited

// untilPipeCloses takes a signal, a number of seconds, and a command to run. When its standard input
// closes it sends the command the signal, and kills it after the seconds, 0 for never.
const untilPipeCloses = `
signal=$1 grace=$2; shift 2
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
{
	cat >/dev/null
	kill -"$signal" $program
	[ "$grace" -gt 0 ] && sleep "$grace" && kill -KILL $program
} <&3 >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait $program
status=$?
kill $watch 2>/dev/null
exit $status
`

// UntilPipeCloses returns a command for a program that does not watch its standard input itself. When the
// input closes, the program gets the named signal, as in TERM, and is killed after grace unless that is 0.
func UntilPipeCloses(signal string, grace time.Duration, name string, args ...string) *exec.Cmd {
	words := []string{"-c", untilPipeCloses, "sh", signal, strconv.Itoa(int(grace.Seconds())), name}
	cmd := exec.Command("sh", append(words, args...)...)
	OwnGroup(cmd)
	return cmd
}
