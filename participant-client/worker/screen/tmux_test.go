//go:build !windows

package screen

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

// A terminal is a real one: the client runs in tmux, keys are typed and the screen is read.
type terminal struct {
	t      *testing.T
	socket string
}

func (tm terminal) tmux(args ...string) (string, error) {
	out, err := exec.Command("tmux", append([]string{"-S", tm.socket, "-f", os.DevNull}, args...)...).CombinedOutput()
	return string(out), err
}

func (tm terminal) press(keys ...string) {
	tm.t.Helper()
	if out, err := tm.tmux(append([]string{"send-keys", "-t", "0"}, keys...)...); err != nil {
		tm.t.Fatalf("press %v: %v %s", keys, err, out)
	}
}

// await reads the screen until it shows text.
func (tm terminal) await(text string) {
	tm.t.Helper()
	wait.For(tm.t, text, func() error {
		screen, _ := tm.tmux("capture-pane", "-p", "-t", "0")
		if !strings.Contains(screen, text) {
			return fmt.Errorf("the screen shows\n%s", screen)
		}
		return nil
	})
}

// pressUntil types a key again and again: between two records there is nothing that it could act on.
func (tm terminal) pressUntil(key, text string) {
	tm.t.Helper()
	wait.For(tm.t, text, func() error {
		tm.press(key)
		screen, _ := tm.tmux("capture-pane", "-p", "-t", "0")
		if !strings.Contains(screen, text) {
			return fmt.Errorf("the screen shows\n%s", screen)
		}
		return nil
	})
}

func newTerminal(t *testing.T) terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		lacks.Part(t, "no tmux: install it to test in a real terminal")
	}
	return terminal{t, filepath.Join(t.TempDir(), "socket")}
}

// open runs a command in a new terminal.
func (tm terminal) open(width, height int, command string) {
	tm.t.Helper()
	out, err := tm.tmux("new-session", "-d", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height), command)
	if err != nil {
		tm.t.Fatalf("tmux: %v %s", err, out)
	}
	tm.t.Cleanup(func() { _, _ = tm.tmux("kill-server") })
}

// command is the command line of a client that was just built, on a cluster.
func command(t *testing.T, c *kafkatest.Cluster) string {
	t.Helper()
	client := filepath.Join(t.TempDir(), "client")
	if out, err := exec.Command("go", "build", "-o", client, "kafka-workshop/participant-client").CombinedOutput(); err != nil {
		t.Fatalf("build: %v %s", err, out)
	}
	line := client + " --lesson queues --brokers " + strings.Join(c.Config.Brokers, ",")
	if c.Config.Username != "" {
		line = fmt.Sprintf("KAFKA_USERNAME=%s KAFKA_PASSWORD=%s KAFKA_CA=%s %s", c.Config.Username, string(c.Config.Password), c.Config.CA, line)
	}
	return line
}

func TestInATerminal(t *testing.T) {
	tm := newTerminal(t)
	c := kafkatest.New(t)
	room := newJobs(t, c)
	errs := filepath.Join(t.TempDir(), "stderr")
	tm.open(80, 24, fmt.Sprintf("%s --namespace %s --team 1 2>%s; echo ended with $?; read wait", command(t, c), room.Namespace, errs))

	tm.await("Stable")
	tm.await("A worker 1")
	tm.await("send_invoice")
	tm.press("+")
	tm.await("B worker 2")
	tm.press("+") // more workers than partitions: two of them share one
	tm.await("C worker 3")
	tm.await("after ") // order is lost
	tm.press("1")
	tm.pressUntil("r", "worker 1 gave back")
	tm.pressUntil("x", "worker 1 rejected")
	tm.press("2", "k")
	tm.await("✗ crashed")
	tm.await("delivery 2")
	tm.press("?")
	tm.await("reject the record in work: nobody gets it again")
	tm.press("Escape")
	tm.await("WHAT HAPPENED")
	if _, err := tm.tmux("resize-window", "-t", "0", "-x", "120", "-y", "40"); err != nil {
		t.Fatal(err)
	}
	tm.await("▀▀▀")
	tm.press("q")
	tm.await("done: accepted")
	tm.await("ended with 0")
	if said, err := os.ReadFile(errs); err != nil || len(said) > 0 {
		t.Errorf("stderr: %q, %v", said, err)
	}
}
