package inspect

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Tail continues with a topic that is deleted and created again, from its start, with all its partitions and those
// added later.
func TestTailFollowsATopicMadeAnew(t *testing.T) {
	for _, from := range []string{"earliest", "latest"} {
		for _, partitions := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("%s, %d partitions", from, partitions), func(t *testing.T) {
				t.Parallel()
				c := kafkatest.New(t)
				topic := c.Namespace.Name("t")
				c.CreateTopic(t, topic, 2, nil)
				spread(t, c, topic, 2, "old")
				tail := Tail{Topic: topic, Start: Start{kind: map[string]startKind{"earliest": atStart, "latest": atEnd}[from]}}
				ctx, cancel := context.WithCancel(soon(t))
				defer cancel()
				out, notes := newLines(), newLines()
				ended := make(chan error, 1)
				go func() { ended <- tail.Run(ctx, c.Client(t, tail.Options()...), out, notes) }()
				if from == "earliest" {
					out.await(t, topic+":1:0 key=- old")
				} else {
					for ready := soon(t); !out.has("late"); { // latest is the topic's end at the time when reading begins
						if spread(t, c, topic, 2, "late"); ready.Err() != nil {
							t.Fatal("nothing is read")
						}
					}
				}

				adm := c.Admin(t)
				if _, err := adm.DeleteTopic(ctx, topic); err != nil {
					t.Fatal(err)
				}
				c.CreateTopic(t, topic, partitions, nil)
				spread(t, c, topic, partitions, "new")
				for p := range partitions {
					out.await(t, fmt.Sprintf("%s:%d:0 key=- new", topic, p))
				}
				notes.await(t, topic+" was deleted and created again: reading it from its start")

				c.AddPartitions(t, topic, partitions+1)
				spread(t, c, topic, partitions+1, "grown")
				out.await(t, fmt.Sprintf("%s:%d:0 key=- grown", topic, partitions))
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// spread writes a record to each partition.
func spread(t *testing.T, c *kafkatest.Cluster, topic string, partitions int, value string) {
	t.Helper()
	cl := c.Client(t, kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for p := range partitions {
		if err := cl.ProduceSync(soon(t), &kgo.Record{Value: []byte(value), Partition: int32(p)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	cl.Close()
}

// lines is a writer that a test can wait on.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func newLines() *lines { return &lines{more: make(chan struct{}, 1)} }

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
	return l.text.Write(p)
}

func (l *lines) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), text)
}

func (l *lines) await(t *testing.T, text string) {
	t.Helper()
	ctx := soon(t)
	for !l.has(text) {
		select {
		case <-l.more:
		case <-ctx.Done():
			l.mu.Lock()
			defer l.mu.Unlock()
			t.Fatalf("no %q in\n%s", text, l.text.String())
		}
	}
}
