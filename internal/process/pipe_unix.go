//go:build !windows

package process

import (
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// OwnGroup keeps the terminal's Ctrl+C from the child: we stop it in our order.
func OwnGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
}

// killGroup ends a process that OwnGroup was applied to, and what it started.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) } // it may have ended just now

// untilPipeCloses starts the program that the words after the first two name. When the standard
// input ends it sends the signal that the first word names; the second is after how many seconds it
// kills, 0 for never.
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

// UntilPipeCloses runs a program that does not watch its parent so that it ends when its standard
// input closes: by the signal of that name (as in TERM), and after grace, unless 0, by force.
func UntilPipeCloses(signal string, grace time.Duration, name string, args ...string) *exec.Cmd {
	words := []string{"-c", untilPipeCloses, "sh", signal, strconv.Itoa(int(grace.Seconds())), name}
	cmd := exec.Command("sh", append(words, args...)...)
	OwnGroup(cmd)
	return cmd
}
