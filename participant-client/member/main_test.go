package member

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
)

// The library's LeaveGroupContext leaves a goroutine behind if its context ends while a poll delays the rebalance: the
// client is closed then, and nothing wakes the goroutine.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/twmb/franz-go/pkg/kgo.(*Client).LeaveGroupContext.func1"))
}

// heard is a Sink that stores everything and lets a test wait for it.
type heard struct {
	mu      sync.Mutex
	events  []Event
	records map[string]int // partition:offset, by how often
	change  chan struct{}
}

func newHeard() *heard { return &heard{records: map[string]int{}, change: make(chan struct{})} }

func (h *heard) Event(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
	close(h.change)
	h.change = make(chan struct{})
}

func (h *heard) Flush() error { return nil }

func (h *heard) Records(_ int, records []*kgo.Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range records {
		h.records[fmt.Sprintf("%d:%d", r.Partition, r.Offset)]++
	}
	close(h.change)
	h.change = make(chan struct{})
}

// until waits for a condition, checked after each event and batch, and regularly.
func (h *heard) until(t *testing.T, what string, holds func(events []Event, records map[string]int) bool) {
	t.Helper()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	for {
		h.mu.Lock()
		ok, change := holds(h.events, h.records), h.change
		h.mu.Unlock()
		if ok {
			return
		}
		again := time.NewTimer(50 * time.Millisecond)
		select {
		case <-change:
		case <-again.C:
		case <-deadline.C:
			h.mu.Lock()
			defer h.mu.Unlock()
			for _, e := range h.events {
				if e.Kind != Lag {
					t.Logf("%+v", e)
				}
			}
			t.Fatalf("waited in vain for %s", what)
		}
		again.Stop()
	}
}

// find returns the first event that fits.
func (h *heard) find(fits func(Event) bool) (Event, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.IndexFunc(h.events, fits)
	if i < 0 {
		return Event{}, false
	}
	return h.events[i], true
}

// all returns every event so far.
func (h *heard) all() []Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.events)
}

// read returns how many records were read, including those read again.
func (h *heard) read() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, times := range h.records {
		n += times
	}
	return n
}

// config returns a member's configuration on the test's cluster.
func config(c *kafkatest.Cluster) Config {
	return Config{
		Kafka: c.Config, Group: string(c.Namespace) + "team-1", Topic: string(c.Namespace) + "new_users", ClientID: "team-1-test",
		Assignor: Range, From: "earliest", SessionTimeout: 6 * time.Second, CommitInterval: 200 * time.Millisecond,
	}
}

// running is a Group that runs for the test.
type running struct {
	*Group
	heard *heard
	stop  context.CancelFunc
	err   chan error
}

func start(t *testing.T, cfg Config, instances int) *running {
	t.Helper()
	h := newHeard()
	group, err := New(cfg, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{Group: group, heard: h, stop: cancel, err: make(chan error, 1)}
	go func() { r.err <- group.Run(ctx, instances) }()
	t.Cleanup(func() {
		cancel()
		if r.err != nil {
			_ = r.wait(t) // a test that needs the error has called wait itself
		}
	})
	return r
}

// wait returns Run's error once the Group has ended.
func (r *running) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.err:
		r.err = nil
		return err
	case <-time.After(60 * time.Second):
		t.Fatal("the Group does not end")
		return nil
	}
}

// shares returns how many partitions each member owns, the most first, once all are owned and none twice.
func (r *running) shares(partitions int) []int {
	var out []int
	owned := map[int32]bool{}
	for _, m := range r.Snapshot().Members {
		if m.State == Dead {
			continue
		}
		for _, p := range m.Partitions {
			if owned[p.Partition] {
				return nil
			}
			owned[p.Partition] = true
		}
		out = append(out, len(m.Partitions))
	}
	if len(owned) != partitions {
		return nil
	}
	slices.SortFunc(out, func(a, b int) int { return b - a })
	return out
}

// produce writes n records without a key, spread record by record.
func produce(t *testing.T, c *kafkatest.Cluster, topic string, n int, value func(i int) string) {
	t.Helper()
	cl := c.Client(t, kgo.RecordPartitioner(kgo.UniformBytesPartitioner(1, false, true, nil)), kgo.DefaultProduceTopic(topic))
	for i := range n {
		cl.Produce(t.Context(), kgo.StringRecord(value(i)), func(_ *kgo.Record, err error) {
			if err != nil {
				t.Errorf("produce: %v", err)
			}
		})
	}
	if err := cl.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}
