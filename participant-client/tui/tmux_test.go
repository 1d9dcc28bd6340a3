package tui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/terminaltest"

	"github.com/twmb/franz-go/pkg/kgo"
)

// oddColleague joins the group with a client id that would clear the terminal and reverse the text after it.
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
	tm := terminaltest.New(t)
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
	tm.Open(80, 24, fmt.Sprintf("%s --group %s --topic %s --session-timeout 6s 2>%s; echo ended with $?; read wait", terminaltest.Client(t, c), group, topic, errs))

	tm.Await("50 READ")
	tm.Await("Stable")
	tm.Press("+")
	tm.Await("B member 2")
	tm.Press("k")
	tm.Await("member 2 crashed with")
	tm.Await("B member 2 ✗")
	tm.Press("d")
	tm.Await("CURRENT-OFFSET")
	tm.Press("Escape")
	if _, err := tm.Tmux("resize-window", "-t", "0", "-x", "120", "-y", "40"); err != nil {
		t.Fatal(err)
	}
	tm.Await("▀▀▀")
	tm.Await("came back")
	oddColleague(t, c, topic, group)
	tm.Await("�[2J�[31mBOO��z�")
	tm.Await("A member 1") // nothing has cleared the screen
	tm.Press("d")
	tm.Await("CURRENT-OFFSET")
	tm.Press("Escape")
	tm.Await("WHAT HAPPENED")
	tm.Press("q")
	tm.Await("ended with 0")
	tm.Await("are committed and free for the others at once") // the last words stay on the shell's screen
	tm.Await("Read 50 records; committed P")
	if said, err := os.ReadFile(errs); err != nil || len(said) > 0 {
		t.Errorf("stderr: %q, %v", said, err)
	}
}
