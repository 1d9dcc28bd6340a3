package tui

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"

	"github.com/twmb/franz-go/pkg/kgo"
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
	ctx, cancel := context.WithTimeout(tm.t.Context(), 40*time.Second)
	defer cancel()
	screen := ""
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		screen, _ = tm.tmux("capture-pane", "-p", "-t", "0")
		if strings.Contains(screen, text) {
			return
		}
		select {
		case <-ctx.Done():
			tm.t.Fatalf("the screen never shows %q:\n%s", text, screen)
		case <-tick.C:
		}
	}
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
	if _, err := exec.LookPath("tmux"); err != nil {
		lacks.Part(t, "no tmux: install it to test in a real terminal")
	}
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
	dir := t.TempDir()
	client := filepath.Join(dir, "client")
	if out, err := exec.Command("go", "build", "-o", client, "kafka-workshop/participant-client").CombinedOutput(); err != nil {
		t.Fatalf("build: %v %s", err, out)
	}
	tm := terminal{t, filepath.Join(dir, "socket")}
	errs := filepath.Join(dir, "stderr")
	command := fmt.Sprintf("%s --brokers %s --group %s --topic %s --session-timeout 6s 2>%s; echo ended with $?; read wait",
		client, strings.Join(c.Config.Brokers, ","), group, topic, errs)
	if c.Config.Username != "" {
		command = fmt.Sprintf("KAFKA_USERNAME=%s KAFKA_PASSWORD=%s KAFKA_CA=%s %s", c.Config.Username, string(c.Config.Password), c.Config.CA, command)
	}
	if out, err := tm.tmux("new-session", "-d", "-x", "80", "-y", "24", command); err != nil {
		t.Fatalf("tmux: %v %s", err, out)
	}
	t.Cleanup(func() { _, _ = tm.tmux("kill-server") })

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
	if said, err := os.ReadFile(errs); err != nil || len(said) > 0 {
		t.Errorf("stderr: %q, %v", said, err)
	}
}
