//go:build !windows

package process

import (
	"bufio"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line reads one line within a time limit that no machine needs.
func line(t *testing.T, r io.Reader) string {
	t.Helper()
	type read struct {
		text string
		err  error
	}
	got := make(chan read, 1)
	go func() {
		text, err := bufio.NewReader(r).ReadString('\n')
		got <- read{strings.TrimSpace(text), err}
	}()
	select {
	case g := <-got:
		if g.err != nil {
			t.Fatal(g.err)
		}
		return g.text
	case <-time.After(20 * time.Second):
		t.Fatal("no line came")
		return ""
	}
}

func TestAChildIsStartedAgainAndStops(t *testing.T) {
	r, w := io.Pipe()
	defer func() { _ = r.Close() }()
	c := (&Child{Name: "worker", Log: w, Command: func() *exec.Cmd {
		return exec.Command("sh", "-c", "echo up; exec cat")
	}}).Start()
	if got := line(t, r); got != "worker | up" {
		t.Fatalf("got %q", got)
	}
	c.Kill()
	if got := line(t, r); got != "worker exited (signal: killed): restarting in 250ms" {
		t.Fatalf("got %q", got)
	}
	var exit *exec.ExitError
	if err := <-c.Died(); !errors.As(err, &exit) {
		t.Errorf("died of %v", err)
	}
	if got := line(t, r); got != "worker | up" {
		t.Fatalf("got %q", got)
	}
	c.Stop()
}

// TestWhatDoesNotWatchItsParentEndsWithIt covers a program that ignores its standard input, and one that ignores the
// signal, too.
func TestWhatDoesNotWatchItsParentEndsWithIt(t *testing.T) {
	for name, program := range map[string]string{
		"polite":   "echo $$; while :; do sleep 0.1; done",
		"stubborn": "trap '' TERM; echo $$; while :; do sleep 0.1; done",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := UntilPipeCloses("TERM", time.Second, "sh", "-c", program)
			pipe, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			line(t, out) // it runs
			_ = pipe.Close()
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			select {
			case err := <-ended:
				if err == nil {
					t.Error("the signal's status is lost")
				}
			case <-time.After(20 * time.Second):
				_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
				t.Fatal("it goes on without its parent")
			}
		})
	}
}

func TestItsStatusIsPassedOn(t *testing.T) {
	for want, words := range map[int][]string{
		7:   {"sh", "-c", "exit 7"},
		127: {filepath.Join(t.TempDir(), "none")},
	} {
		cmd := UntilPipeCloses("TERM", 0, words[0], words[1:]...)
		if _, err := cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		var exit *exec.ExitError
		if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != want {
			t.Errorf("want status %d, got %v", want, err)
		}
	}
}
