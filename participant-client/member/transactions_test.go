package member

import (
	"fmt"
	"slices"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kadm"
)

// A partition without records in a poll does not abort a transaction.
func TestExactlyOnceWithEmptyPartitions(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	cfg.TransactionalID = func(instance int) string { return c.TransactionalID(1, fmt.Sprint(instance)) }
	c.CreateTopic(t, cfg.Topic, 5, nil)
	produce(t, c, cfg.Topic, 1, func(int) string { return "alone" })
	r := start(t, cfg, 1)
	committed := func(e Event) bool { return e.Kind == Committed && !e.Resumed }
	r.heard.until(t, "the commit", func(events []Event, _ map[string]int) bool { return slices.ContainsFunc(events, committed) })
	if n := r.heard.read(); n != 1 {
		t.Errorf("read %d times, want once", n)
	}
}

// A rewind also moves a member that publishes exactly once, without a rebalance if the group has commits, and its
// commit takes effect at once.
func TestRewindWithExactlyOnce(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	cfg.TransactionalID = func(instance int) string { return c.TransactionalID(1, fmt.Sprint(instance)) }
	c.CreateTopic(t, cfg.Topic, 2, nil)
	produce(t, c, cfg.Topic, 40, func(i int) string { return fmt.Sprint(i) })
	r, adm := start(t, cfg, 1), c.Admin(t)
	committed := func() (n int64) {
		offsets, err := adm.FetchOffsets(t.Context(), cfg.Group)
		if err != nil {
			return -1 // there is no group yet
		}
		offsets.Offsets().Each(func(o kadm.Offset) { n += o.At })
		return n
	}
	r.heard.until(t, "all of it committed", func([]Event, map[string]int) bool { return committed() == 40 })
	before := r.heard.read()
	if err := r.Rewind(t.Context(), 1, "earliest"); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "all of it again", func(_ []Event, records map[string]int) bool {
		n := 0
		for _, times := range records {
			n += times
		}
		return n == before+40
	})
	r.heard.until(t, "the cause", func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Duplicate && e.After == Rewound })
	})
	r.heard.until(t, "all of it committed again", func([]Event, map[string]int) bool { return committed() == 40 })
	if err := r.Pause(1, true); err != nil {
		t.Fatal(err)
	}
	if err := r.Rewind(t.Context(), 1, "earliest"); err != nil || committed() != 0 {
		t.Errorf("rewind to earliest while paused: %v, committed %d of 0", err, committed())
	}
	if err := r.Rewind(t.Context(), 1, "latest"); err != nil || committed() != 40 {
		t.Errorf("rewind to latest: %v, committed %d of 40", err, committed())
	}
	if e, ok := r.heard.find(func(e Event) bool { return e.Kind == Revoked }); ok {
		t.Errorf("a rebalance took %v", e.Partitions)
	}
}
