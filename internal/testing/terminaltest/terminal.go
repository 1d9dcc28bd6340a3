// Package terminaltest runs the client in real terminals, and checks what it draws.
package terminaltest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/wait"
)

// A Terminal is a real terminal: a command runs in tmux, keys are typed and the screen is read.
type Terminal struct {
	t      *testing.T
	socket string
}

// New returns a terminal, which Open opens.
func New(t *testing.T) Terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		lacks.Part(t, "no tmux: install it to test in a real terminal")
	}
	return Terminal{t, filepath.Join(t.TempDir(), "socket")}
}

// Open runs a command in the terminal, until the test ends.
func (tm Terminal) Open(width, height int, command string) {
	tm.t.Helper()
	out, err := tm.Tmux("new-session", "-d", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height), command)
	if err != nil {
		tm.t.Fatalf("tmux: %v %s", err, out)
	}
	tm.t.Cleanup(func() { _, _ = tm.Tmux("kill-server") })
}

// Tmux runs a command of tmux.
func (tm Terminal) Tmux(args ...string) (string, error) {
	out, err := exec.Command("tmux", append([]string{"-S", tm.socket, "-f", os.DevNull}, args...)...).CombinedOutput()
	return string(out), err
}

// Press types keys, by their names in tmux.
func (tm Terminal) Press(keys ...string) {
	tm.t.Helper()
	if out, err := tm.Tmux(append([]string{"send-keys", "-t", "0"}, keys...)...); err != nil {
		tm.t.Fatalf("press %v: %v %s", keys, err, out)
	}
}

// PressUntil types a key repeatedly until the screen shows text: at times the key has nothing to act on.
func (tm Terminal) PressUntil(key, text string) {
	tm.t.Helper()
	tm.AwaitScreen(fmt.Sprintf("shows %q", text), func(screen string) bool {
		if strings.Contains(screen, text) {
			return true
		}
		tm.Press(key)
		return false
	})
}

// Await reads the screen until it shows text.
func (tm Terminal) Await(text string) {
	tm.t.Helper()
	tm.AwaitScreen(fmt.Sprintf("shows %q", text), func(screen string) bool { return strings.Contains(screen, text) })
}

// AwaitGone reads the screen until it does not show text.
func (tm Terminal) AwaitGone(text string) {
	tm.t.Helper()
	tm.AwaitScreen(fmt.Sprintf("is without %q", text), func(screen string) bool { return !strings.Contains(screen, text) })
}

// AwaitScreen reads the screen until fits accepts it.
func (tm Terminal) AwaitScreen(what string, fits func(screen string) bool) {
	tm.t.Helper()
	wait.For(tm.t, "the screen", func() error {
		screen, _ := tm.Tmux("capture-pane", "-p", "-t", "0")
		if !fits(screen) {
			return fmt.Errorf("it never %s:\n%s", what, screen)
		}
		return nil
	})
}

// Client builds the client and returns its command line for a cluster.
func Client(t *testing.T, c *kafkatest.Cluster) string {
	t.Helper()
	client := filepath.Join(t.TempDir(), "client")
	if out, err := exec.Command("go", "build", "-o", client, "kafka-workshop/participant-client").CombinedOutput(); err != nil {
		t.Fatalf("build: %v %s", err, out)
	}

	line := client + " --brokers " + strings.Join(c.Config.Brokers, ",")
	if c.Config.Username != "" {
		line = fmt.Sprintf("KAFKA_USERNAME=%s KAFKA_PASSWORD=%s KAFKA_CA=%s %s", c.Config.Username, string(c.Config.Password), c.Config.CA, line)
	}
	return line
}
