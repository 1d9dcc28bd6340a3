//go:build !windows

package tui

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/terminaltest"
	"kafka-workshop/internal/testing/wait"
)

// A shell runs the client as a job, in tmux.
type shell struct {
	terminaltest.Terminal
	cluster *kafkatest.Cluster
	group   string
}

// inShell starts a shell with job control, and in it the client with a member of a group on a topic of two partitions.
func inShell(t *testing.T, flags string) shell {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		lacks.Part(t, "no bash: install it to test job control")
	}
	c := kafkatest.New(t)
	s := shell{terminaltest.New(t), c, c.Namespace.Name("team-7")}
	topic := c.Namespace.Name("new_users")
	c.CreateTopic(t, topic, 2, nil)

	s.Open(80, 24, "PS1='shell> ' exec "+bash+" --norc --noprofile -i")
	s.Await("shell>")
	s.Press(terminaltest.Client(t, c)+" --group "+s.group+" --topic "+topic+" "+flags, "Enter")
	s.Await("Stable")
	return s
}

// members returns the client IDs of the group's members.
func (s shell) members(t *testing.T) (out []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	groups, err := s.cluster.Admin(t).DescribeGroups(ctx, s.group)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range groups[s.group].Members {
		out = append(out, m.ClientID)
	}
	return out
}

// process returns the client's process: client IDs end in its number and the member's.
func (s shell) process(t *testing.T) *os.Process {
	t.Helper()
	ids := s.members(t)
	if len(ids) != 1 {
		t.Fatalf("members %q, want one", ids)
	}
	parts := strings.Split(ids[0], "-")
	pid, err := strconv.Atoi(parts[max(len(parts)-2, 0)])
	if err != nil {
		t.Fatalf("client ID %s does not end in process and number", ids[0])
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCtrlZGivesTheShellItsScreenBack(t *testing.T) {
	s := inShell(t, "")
	s.Press("C-z")
	s.Await("Suspended: no heartbeats")
	s.Await("Stopped") // printed by the shell
	s.AwaitGone("A member 1")
	s.Press("fg", "Enter")
	s.Await("A member 1")
	s.AwaitGone("shell>")

	s.Press("C-z") // and again
	s.Await("Suspended: no heartbeats")
	s.Press("fg", "Enter")
	s.Await("A member 1")
	s.Press("q")
	s.Await("shell>")
	s.Await("Read 0 records; nothing is committed")
}

// A process that somebody else stopped takes over the terminal again when it continues.
func TestTheScreenComesBackAfterSIGSTOP(t *testing.T) {
	for name, sig := range map[string]syscall.Signal{"SIGSTOP": syscall.SIGSTOP, "SIGTSTP": syscall.SIGTSTP} {
		t.Run(name, func(t *testing.T) {
			s := inShell(t, "")
			if err := s.process(t).Signal(sig); err != nil {
				t.Fatal(err)
			}
			s.Await("Stopped")
			s.Press("clear", "Enter")
			s.AwaitGone("A member 1")
			s.Press("fg", "Enter")
			s.Await("A member 1")
			s.Press("?") // keys are read one by one again
			s.Await("start one more member")
		})
	}
}

func TestCtrlLPaintsAnew(t *testing.T) {
	s := inShell(t, "")
	tty, err := s.Tmux("display-message", "-p", "#{pane_tty}")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(strings.TrimSpace(tty), []byte("\x1b[2J\x1b[HGARBAGE"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Await("GARBAGE")
	s.Press("C-l")
	s.Await("OWNER") // nothing changes it
	s.AwaitGone("GARBAGE")
}

// When a window is closed, the member leaves the group at once, not after the session timeout.
func TestAClosedWindowLeavesTheGroup(t *testing.T) {
	s := inShell(t, "--session-timeout 5m")
	if got := s.members(t); len(got) != 1 {
		t.Fatalf("members %q", got)
	}
	if out, err := s.Tmux("kill-session"); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	wait.For(t, "the group to be empty", func() error {
		if got := s.members(t); len(got) > 0 {
			return os.ErrExist
		}
		return nil
	})
}
