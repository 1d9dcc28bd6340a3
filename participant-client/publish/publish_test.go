package publish

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// action returns a valid line for team 7.
func action(n int) string {
	return fmt.Sprintf(`{"customer":"%d@b.c","type":"CONTACT_CUSTOMER","reason":"VIP_USER","team":"team-7"}`, n)
}

// said collects what is written to stderr.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func newSaid() *said { return &said{more: make(chan struct{}, 1)} }

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *said) await(t *testing.T, text string) {
	t.Helper()
	for ctx := soon(t); !strings.Contains(s.String(), text); {
		select {
		case <-s.more:
		case <-ctx.Done():
			t.Fatalf("no %q in %q", text, s.String())
		}
	}
}

// customers returns the keys of a topic's records, of which count are expected.
func customers(t *testing.T, c *kafkatest.Cluster, topic string, count int) []string {
	t.Helper()
	client := c.Client(t, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	var out []string
	for ctx := soon(t); len(out) < count; {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("%d records, want %d", len(out), count)
		}
		fetches.EachRecord(func(r *kgo.Record) { out = append(out, string(r.Key)) })
	}
	return out
}

func newTopic(t *testing.T) (*kafkatest.Cluster, Lines) {
	t.Helper()
	c := kafkatest.New(t)
	c.CreateTopic(t, c.Actions(7), 1, nil)
	return c, Lines{Topic: c.Actions(7), Check: Actions(7)}
}

// Each line is published once and in order, or reported.
func TestEveryLineIsPublishedOrNamed(t *testing.T) {
	c, lines := newTopic(t)
	var in strings.Builder
	for n := range 5000 {
		in.WriteString(action(n) + "\r\n")
	}
	in.WriteString("\n" + strings.Repeat("x", 3*workshop.MaxValue) + "\n" + action(5000)) // the last line has no end

	notes := newSaid()
	got := lines.Run(soon(t), c.Client(t, lines.Options()...), strings.NewReader(in.String()), notes)
	if want := (Result{Acknowledged: 5001, Rejected: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if want := "line 5002 is not sent: it has more than 65536 bytes\n"; notes.String() != want {
		t.Errorf("said %q, want %q", notes.String(), want)
	}
	for n, key := range customers(t, c, lines.Topic, 5001) {
		if key != fmt.Sprintf("%d@b.c", n) {
			t.Fatalf("record %d is of %s", n, key)
		}
	}
}

// While Kafka is away nothing is counted and nothing is lost. When it is back, everything is acknowledged.
func TestLinesOutliveABrokerThatIsAway(t *testing.T) {
	c, lines := newTopic(t)
	if c.Real {
		lacks.Cluster(t, "a test cannot stop a shared one")
	}
	in, out := io.Pipe()
	notes := newSaid()
	results := make(chan Result, 1)
	go func() { results <- lines.Run(soon(t), c.Client(t, lines.Options()...), in, notes) }()
	write := func(from, to int) {
		for n := from; n < to; n++ {
			if _, err := io.WriteString(out, action(n)+"\n"); err != nil {
				t.Error(err)
			}
		}
	}

	write(0, 10)
	customers(t, c, lines.Topic, 10)
	c.Stop(t)
	write(10, 20)
	notes.await(t, "waiting for Kafka: 10 lines are sent and not acknowledged yet")
	c.Start(t)
	write(20, 30)
	_ = out.Close()

	if got, want := <-results, (Result{Acknowledged: 30}); got != want {
		t.Errorf("%+v, want %+v; said %s", got, want, notes)
	}
	seen := map[string]bool{}
	for _, key := range customers(t, c, lines.Topic, 30) {
		seen[key] = true
	}
	if len(seen) != 30 {
		t.Errorf("%d customers, want 30", len(seen))
	}
}

// On an interrupt, everything read so far is published, and a reader that continues is left alone.
func TestAnInterruptPublishesWhatWasRead(t *testing.T) {
	c, lines := newTopic(t)
	in, out := io.Pipe()
	ctx, interrupt := context.WithCancel(soon(t))
	results := make(chan Result, 1)
	go func() { results <- lines.Run(ctx, c.Client(t, lines.Options()...), in, io.Discard) }()
	if _, err := io.WriteString(out, action(1)+"\n"); err != nil {
		t.Fatal(err)
	}
	customers(t, c, lines.Topic, 1)

	interrupt()
	if got, want := <-results, (Result{Acknowledged: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	_ = in.Close()
}

// A topic that does not exist accepts nothing. That is reported for the first line, and no others are sent.
func TestARefusalEndsIt(t *testing.T) {
	c := kafkatest.New(t)
	lines := Lines{Topic: c.Actions(7), Check: Actions(7)}
	in, out := io.Pipe()
	go func() {
		for n := 0; ; n++ {
			if _, err := io.WriteString(out, action(n)+"\n"); err != nil {
				return // nobody reads any more
			}
		}
	}()
	notes := newSaid()
	got := lines.Run(soon(t), c.Client(t, lines.Options()...), in, notes)
	_ = in.Close()
	if got.Acknowledged != 0 || got.Lost == 0 || !strings.HasPrefix(notes.String(), "line 1 was not acknowledged: Cannot write to") {
		t.Errorf("%+v; said %s", got, notes)
	}
	if told := strings.Count(notes.String(), "\n"); told > maxToldLost {
		t.Errorf("%d lines are named", told)
	}
}
