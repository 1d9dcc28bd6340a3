package tui

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/wait"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A terminal is a real one: the client runs in tmux, keys are typed and the screen is read.
type terminal struct {
	t      *testing.T
	socket string
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
	tm.awaitScreen(fmt.Sprintf("shows %q", text), func(screen string) bool { return strings.Contains(screen, text) })
}

// awaitGone reads the screen until it does not show text.
func (tm terminal) awaitGone(text string) {
	tm.t.Helper()
	tm.awaitScreen(fmt.Sprintf("is without %q", text), func(screen string) bool { return !strings.Contains(screen, text) })
}

func (tm terminal) awaitScreen(what string, fits func(screen string) bool) {
	tm.t.Helper()
	wait.For(tm.t, "the screen", func() error {
		screen, _ := tm.tmux("capture-pane", "-p", "-t", "0")
		if !fits(screen) {
			return fmt.Errorf("it never %s:\n%s", what, screen)
		}
		return nil
	})
}

// command is the command line of a client that was just built, on a cluster.
func command(t *testing.T, c *kafkatest.Cluster) string {
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

// oddColleague joins the group with a client id that would clear the terminal and turn what follows around.
func oddColleague(t *testing.T, c *kafkatest.Cluster, topic, group string) {
	t.Helper()
	client := c.Client(t, kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.ClientID("\x1b[2J\x1b[31mBOO\n\tz\u202e"),
		kgo.Balancers(kgo.RangeBalancer()), kgo.HeartbeatInterval(200*time.Millisecond))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			client.PollFetches(ctx)
		}
	}()
	t.Cleanup(func() { cancel(); <-done; client.CloseAllowingRebalance() })
}

func TestInATerminal(t *testing.T) {
	tm := newTerminal(t)
	c := kafkatest.New(t)
	topic, group := c.Namespace.Name("new_users"), c.Namespace.Name("team-7")
	c.CreateTopic(t, topic, 5, nil)
	producer := c.Client(t, kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	for i := range 50 {
		r := &kgo.Record{Value: fmt.Appendf(nil, `{"email":"user%d@hotmail.com"}`, i)}
		if err := producer.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	errs := filepath.Join(t.TempDir(), "stderr")
	tm.open(80, 24, fmt.Sprintf("%s --group %s --topic %s --session-timeout 6s 2>%s; echo ended with $?; read wait", command(t, c), group, topic, errs))

	tm.await("50 READ")
	tm.await("Stable")
	tm.press("+")
	tm.await("B member 2")
	tm.press("k")
	tm.await("member 2 crashed with")
	tm.await("B member 2 ✗")
	tm.press("d")
	tm.await("CURRENT-OFFSET")
	tm.press("Escape")
	if _, err := tm.tmux("resize-window", "-t", "0", "-x", "120", "-y", "40"); err != nil {
		t.Fatal(err)
	}
	tm.await("▀▀▀")
	tm.await("came back")
	oddColleague(t, c, topic, group)
	tm.await("�[2J�[31mBOO��z�")
	tm.await("A member 1") // nothing has cleared the screen
	tm.press("d")
	tm.await("CURRENT-OFFSET")
	tm.press("Escape")
	tm.await("WHAT HAPPENED")
	tm.press("q")
	tm.await("ended with 0")
	tm.await("are committed and free for the others at once") // the last words stay on the shell's screen
	tm.await("Read 50 records; committed P")
	if said, err := os.ReadFile(errs); err != nil || len(said) > 0 {
		t.Errorf("stderr: %q, %v", said, err)
	}
}
