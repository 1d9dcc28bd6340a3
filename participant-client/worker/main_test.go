package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience allows for a machine that does other work as well, and for heartbeats that are seconds apart.
const patience = 90 * time.Second

// heard is a Sink that stores everything and lets a test wait for it.
type heard struct {
	mu     sync.Mutex
	events []Event
	lines  []string
	broken error // of every Flush
	change chan struct{}
}

func newHeard() *heard { return &heard{change: make(chan struct{})} }

func (h *heard) changed() {
	close(h.change)
	h.change = make(chan struct{})
}

func (h *heard) Event(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
	h.changed()
}

func (h *heard) Record(worker int, r *kgo.Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, fmt.Sprintf("%d:%d", r.Partition, r.Offset))
	h.changed()
}

func (h *heard) Flush() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.broken
}

// until waits for a condition of the events.
func (h *heard) until(t *testing.T, what string, holds func(events []Event) bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		h.mu.Lock()
		ok, change := holds(h.events), h.change
		h.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-change:
		case <-deadline.C:
			t.Fatalf("waited in vain for %s; heard:\n%s", what, h)
		}
	}
}

// of returns the events of a kind so far.
func (h *heard) of(kinds ...Kind) []Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(h.events), func(e Event) bool { return !slices.Contains(kinds, e.Kind) })
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out strings.Builder
	for _, e := range h.events {
		fmt.Fprintf(&out, "%s %-11s %s\n", e.At.Format("05.000"), e.Kind, e)
	}
	return out.String()
}

// count returns how many events of a kind there are.
func count(events []Event, kind Kind) int {
	n := 0
	for _, e := range events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// offsets returns the offsets of events, in order.
func offsets(events []Event) []int64 {
	out := make([]int64, len(events))
	for i, e := range events {
		out[i] = e.Record.Offset
	}
	return out
}

// A crew is a share group with jobs to do.
type crew struct {
	*kafkatest.Cluster
	cfg      Config
	producer *kgo.Client
	lock     time.Duration // the broker's
}

// newCrew returns a crew whose topic has this many partitions. On the embedded broker the lock is short, so that tests
// can wait for its end; Apache Kafka rejects less than 15 s.
func newCrew(t *testing.T, partitions int) *crew {
	t.Helper()
	c := &crew{Cluster: kafkatest.New(t), lock: 15 * time.Second}
	room := c.Room
	room.Lesson = workshop.Queues
	c.cfg = Config{
		Kafka: c.Config, Group: room.Group(1), Topic: room.Topic(), ClientID: "team-1-laptop-4711", Lock: 15 * time.Second, OnPoison: Reject,
	}
	c.CreateTopic(t, c.cfg.Topic, partitions, nil)
	c.ConfigureGroup(t, c.cfg.Group, workshop.ShareConfigs())
	if !c.Real {
		c.lock = 3 * time.Second
		c.configureBroker(t, "group.share.record.lock.duration.ms", "3000")
	}
	c.producer = c.Client(t, kgo.RecordPartitioner(kgo.RoundRobinPartitioner()), kgo.DefaultProduceTopic(c.cfg.Topic), kgo.ProducerLinger(20*time.Millisecond))
	return c
}

// configureBroker sets a setting of the embedded broker.
func (c *crew) configureBroker(t *testing.T, name, value string) {
	t.Helper()
	config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	config.Name, config.Value = name, &value
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeBroker, ""
	resource.Configs = append(resource.Configs, config)
	req := kmsg.NewPtrIncrementalAlterConfigsRequest()
	req.Resources = append(req.Resources, resource)
	resp, err := req.RequestWith(t.Context(), c.Client(t))
	if err != nil || resp.Resources[0].ErrorCode != 0 {
		t.Fatalf("configure the broker: %v, %+v", err, resp)
	}
}

// add produces jobs.
func (c *crew) add(t *testing.T, jobs ...workshop.Job) {
	t.Helper()
	var records []*kgo.Record
	for i, job := range jobs {
		if job.ID == "" {
			job.ID = fmt.Sprintf("job-%d", i)
		}
		value, err := json.Marshal(job)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, &kgo.Record{Value: value})
	}
	if err := c.producer.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// jobs returns n jobs that take this long.
func jobs(n int, work time.Duration) []workshop.Job {
	return slices.Repeat([]workshop.Job{{Kind: "resize_image", WorkMS: int(work.Milliseconds())}}, n)
}

// running is a Group that runs until the test ends.
type running struct {
	*Group
	heard *heard
	stop  context.CancelFunc
	done  chan struct{}
	err   error
}

func start(t *testing.T, cfg Config, workers int) *running {
	t.Helper()
	r := &running{heard: newHeard(), done: make(chan struct{})}
	var err error
	if r.Group, err = New(cfg, r.heard, nil); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() {
		defer close(r.done)
		if r.err = r.Run(ctx, workers); r.err != nil {
			r.heard.Event(Event{Kind: "ended", At: time.Now(), Text: r.err.Error()})
		}
	}()
	t.Cleanup(func() { stop(); <-r.done })
	return r
}

// wait waits for the end of the run.
func (r *running) wait(t *testing.T) error {
	t.Helper()
	select {
	case <-r.done:
	case <-time.After(patience):
		t.Fatalf("it never ends; heard:\n%s", r.heard)
	}
	return r.err
}

// working waits until a worker works on a record, and returns it.
func (r *running) working(t *testing.T, number int) Record {
	t.Helper()
	var on Record
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		for _, s := range r.Snapshot().Workers {
			if s.Number == number && len(s.Held) > 0 && !s.Held[0].Began.IsZero() {
				on = s.Held[0]
				return on
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("worker %d never works; heard:\n%s", number, r.heard)
		}
		<-tick.C
	}
}
