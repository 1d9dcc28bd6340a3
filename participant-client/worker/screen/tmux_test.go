package screen

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"

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

func TestInATerminal(t *testing.T) {
	if _, err := exec.LookPath("tmux"); err != nil {
		lacks.Part(t, "no tmux: install it to test in a real terminal")
	}
	c := kafkatest.New(t)
	room := c.Room
	room.Lesson = workshop.Queues
	c.CreateTopic(t, room.Topic(), 2, nil)
	c.ConfigureGroup(t, room.Group(1), workshop.ShareConfigs())
	stats := room.TeamTopics(1)[0]
	c.CreateTopic(t, stats.Name, stats.Partitions, nil)
	feed(t, c, room.Topic())

	dir := t.TempDir()
	client := filepath.Join(dir, "client")
	if out, err := exec.Command("go", "build", "-o", client, "kafka-workshop/participant-client").CombinedOutput(); err != nil {
		t.Fatalf("build: %v %s", err, out)
	}
	tm := terminal{t, filepath.Join(dir, "socket")}
	errs := filepath.Join(dir, "stderr")
	command := fmt.Sprintf("KAFKA_USERNAME=%s KAFKA_PASSWORD=%s KAFKA_CA=%s %s --lesson queues --namespace %s --team 1 --brokers %s 2>%s; echo ended with $?; read wait",
		c.Config.Username, string(c.Config.Password), c.Config.CA, client, room.Namespace, strings.Join(c.Config.Brokers, ","), errs)
	if out, err := tm.tmux("new-session", "-d", "-x", "80", "-y", "24", command); err != nil {
		t.Fatalf("tmux: %v %s", err, out)
	}
	t.Cleanup(func() { _, _ = tm.tmux("kill-server") })

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

// feed produces jobs until the test ends: more than two workers can do.
func feed(t *testing.T, c *kafkatest.Cluster, topic string) {
	t.Helper()
	producer := c.Client(t, kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	value, err := json.Marshal(workshop.Job{ID: "job", Kind: "send_invoice", WorkMS: 600})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			producer.Produce(ctx, &kgo.Record{Value: value}, nil)
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	}()
	t.Cleanup(func() { stop(); <-done })
}
