package member

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// committed returns the sum of the group's committed offsets, 0 for none.
func committed(t *testing.T, c *kafkatest.Cluster, group string) (sum int64) {
	t.Helper()
	offsets, err := c.Admin(t).FetchOffsets(t.Context(), group)
	if errors.Is(err, kerr.GroupIDNotFound) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	offsets.Offsets().Each(func(o kadm.Offset) { sum += max(o.At, 0) })
	return sum
}

// actions reads a topic from its start until it has this many committed records, and then to its end.
func actions(t *testing.T, c *kafkatest.Cluster, topic string, least int) []string {
	t.Helper()
	ends, err := c.Admin(t).ListCommittedOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) { left[o.Partition] = o.Offset })

	cl := c.Client(t, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	var out []string
	next := map[int32]int64{}
	for behind := true; behind || len(out) < least; {
		fetches := cl.PollFetches(t.Context())
		if t.Context().Err() != nil {
			t.Fatalf("%s has %q, want %d", topic, out, least)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			next[r.Partition] = r.Offset + 1
			if !r.Attrs.IsControl() {
				out = append(out, string(r.Value))
			}
		})
		behind = false
		for p, end := range left {
			behind = behind || next[p] < end
		}
	}
	slices.Sort(out)
	return out
}

// publishing is a team's program that returns actions for each record from an offset on, for two topics, of which the
// second is created late.
type publishing struct {
	good, late string
	from       int64
}

func (p publishing) Handle(_ int, r *kgo.Record) []*kgo.Record {
	if r.Offset < p.from {
		return nil
	}
	return []*kgo.Record{{Topic: p.good, Value: r.Value}, {Topic: p.late, Value: r.Value}}
}

// publisher returns what a member needs whose second topic does not exist yet, with ten records to read.
func publisher(t *testing.T, exactlyOnce bool) (c *kafkatest.Cluster, cfg Config, p publishing) {
	t.Helper()
	c = kafkatest.New(t)
	cfg = config(c)
	p = publishing{good: c.Namespace.Name("good"), late: c.Namespace.Name("late")}
	cfg.Handler = p
	if exactlyOnce {
		cfg.TransactionalID = func(instance int) string { return c.TransactionalID(1, fmt.Sprint(instance)) }
	}
	c.CreateTopic(t, cfg.Topic, 1, nil)
	c.CreateTopic(t, p.good, 1, nil)
	produce(t, c, cfg.Topic, 10, func(i int) string { return fmt.Sprint(i) })
	return c, cfg, p
}

// failed waits until the member has reported that it cannot publish.
func (r *running) failed(t *testing.T) {
	t.Helper()
	r.heard.until(t, "that the topic is missing", func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Fault && strings.Contains(e.Text, "does not exist yet") })
	})
}

// A record whose action was not acknowledged is not committed, even if the member leaves: it is read again.
func TestWhatIsNotPublishedIsNotCommitted(t *testing.T) {
	c, cfg, _ := publisher(t, false)
	r := start(t, cfg, 1)
	r.failed(t)
	if err := r.Stop(1); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "its end", func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Closed })
	})
	if n := committed(t, c, cfg.Group); n != 0 {
		t.Errorf("%d records are committed, and none is published", n)
	}
}

// A record that is still being processed is not committed with those before it.
func TestWhatIsStillWorkedOnIsNotCommitted(t *testing.T) {
	c, cfg, p := publisher(t, false)
	p.from = 10
	cfg.Handler, cfg.CommitInterval = p, time.Hour
	r := start(t, cfg, 1)
	r.heard.until(t, "the first ten", func(_ []Event, records map[string]int) bool { return len(records) == 10 })
	produce(t, c, cfg.Topic, 10, func(i int) string { return fmt.Sprint(i) })
	r.failed(t)
	if err := r.Commit(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if n := committed(t, c, cfg.Group); n != 10 {
		t.Errorf("%d records are committed, and 10 are done", n)
	}
}

// A failed attempt is repeated only for what failed, and then everything is committed.
func TestARetrySendsOnlyWhatFailed(t *testing.T) {
	c, cfg, p := publisher(t, false)
	r := start(t, cfg, 1)
	r.failed(t)
	c.CreateTopic(t, p.late, 1, nil)
	r.heard.until(t, "the commit", func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Committed && e.Offsets[0] == 10 })
	})
	for _, topic := range []string{p.good, p.late} {
		if got := actions(t, c, topic, 10); len(got) != 10 {
			t.Errorf("%s has %d actions for 10 records: %q", topic, len(got), got)
		}
	}
}

// A transaction with a failed action does not commit: its records are read again.
func TestATransactionWithAFailedActionIsAborted(t *testing.T) {
	c, cfg, p := publisher(t, true)
	r := start(t, cfg, 1)
	r.failed(t)
	c.CreateTopic(t, p.late, 1, nil)
	r.heard.until(t, "the commit", func([]Event, map[string]int) bool { return committed(t, c, cfg.Group) == 10 })
	for _, topic := range []string{p.good, p.late} {
		if got := actions(t, c, topic, 10); len(got) != 10 || len(slices.Compact(got)) != 10 {
			t.Errorf("%s has %d actions for 10 records: %q", topic, len(got), got)
		}
	}
}

// cutShort runs a member until MaxRecords, which is 7. During the first four records, in the middle of a batch, it sets
// the rest to left, as if another member had read the others.
func cutShort(t *testing.T, left int64, exactlyOnce bool) (r *running, committedNow int64) {
	t.Helper()
	c := kafkatest.New(t)
	cfg := config(c)
	cfg.MaxRecords = 7
	if exactlyOnce {
		cfg.TransactionalID = func(instance int) string { return c.TransactionalID(1, fmt.Sprint(instance)) }
	}
	c.CreateTopic(t, cfg.Topic, 2, nil)
	known, once := make(chan struct{}), sync.Once{}
	cfg.Handler = handler(func(*kgo.Record) []*kgo.Record { // of the first partition of the batch
		<-known
		once.Do(func() { r.budget.left.Store(left) })
		return nil
	})
	r = start(t, cfg, 1)
	close(known)
	r.heard.until(t, "both partitions", func([]Event, map[string]int) bool { return slices.Equal(r.shares(2), []int{2}) })
	pause := func(on bool) { // so that one batch has records of both
		if err := r.Pause(1, on); err != nil {
			t.Fatal(err)
		}
	}
	pause(true)
	var records []*kgo.Record
	for i := range 8 { // four each
		records = append(records, &kgo.Record{Topic: cfg.Topic, Partition: int32(i % 2), Value: []byte("x")})
	}
	if err := c.Client(t, kgo.RecordPartitioner(kgo.ManualPartitioner())).ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	pause(false)
	if err := r.wait(t); err != nil {
		t.Fatal(err)
	}
	return r, committed(t, c, cfg.Group)
}

// The rest of MaxRecords limits all members together, also in the middle of a batch.
func TestMaxRecordsBoundsAllMembers(t *testing.T) {
	for _, left := range []int64{1, 0} {
		r, done := cutShort(t, left, false)
		if n := int64(r.heard.read()); n > 4+left || done != n {
			t.Errorf("%d left after 4: read %d, committed %d", left, n, done)
		}
	}
}

// A transaction that is cut short commits none of its batch.
func TestATransactionThatIsCutShortCommitsNothing(t *testing.T) {
	for _, left := range []int64{1, 0} {
		r, done := cutShort(t, left, true)
		if n := int64(r.heard.read()); done > n {
			t.Errorf("%d left after 4: committed %d, and %d were processed", left, done, n)
		}
	}
}

// Partitions that a rebalance takes are committed first: nothing is read twice when a member joins.
func TestNothingIsReadTwiceWhenAMemberJoins(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	cfg.CommitInterval = time.Hour
	c.CreateTopic(t, cfg.Topic, 4, nil)
	produce(t, c, cfg.Topic, 40, func(i int) string { return fmt.Sprint(i) })
	r := start(t, cfg, 1)
	r.heard.until(t, "40 records", func(_ []Event, records map[string]int) bool { return len(records) == 40 })
	if _, err := r.Start(); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "2+2", func([]Event, map[string]int) bool { return slices.Equal(r.shares(4), []int{2, 2}) })
	produce(t, c, cfg.Topic, 40, func(i int) string { return fmt.Sprint(i) })
	r.heard.until(t, "80 records", func(_ []Event, records map[string]int) bool { return len(records) == 80 })
	if n := r.heard.read(); n != 80 {
		t.Errorf("read %d times, want 80", n)
	}
}
