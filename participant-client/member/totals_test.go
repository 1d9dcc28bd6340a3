package member

import (
	"maps"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What a run read and committed is counted to the last record, including that of members that crashed or left before
// its end. Records that led to an action are marked.
func TestFlaggedRecordsAndTotals(t *testing.T) {
	const records = 20
	c := kafkatest.New(t)
	cfg := config(c)
	cfg.CommitInterval = time.Hour // so that only leaving commits
	actions := c.Namespace.Name("actions")
	c.CreateTopic(t, cfg.Topic, 2, nil)
	c.CreateTopic(t, actions, 1, nil)
	cfg.Handler = handler(func(r *kgo.Record) []*kgo.Record {
		if r.Offset%5 != 0 {
			return nil
		}
		return []*kgo.Record{{Topic: actions, Value: r.Value}, {Topic: actions, Value: r.Value}}
	})
	producer := c.Client(t, kgo.DefaultProduceTopic(cfg.Topic), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for i := range records {
		if err := producer.ProduceSync(t.Context(), &kgo.Record{Partition: int32(i % 2), Value: []byte("x")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	r := start(t, cfg, 1)
	r.heard.until(t, "all records", func([]Event, map[string]int) bool {
		s := r.Snapshot()
		return len(s.Members) == 1 && s.Members[0].Records == records && s.Members[0].Flagged == 4
	})
	for _, shown := range r.Snapshot().Members[0].Last {
		if shown.Flagged != (shown.Offset%5 == 0) {
			t.Errorf("P%d:%d: flagged %v", shown.Partition, shown.Offset, shown.Flagged)
		}
	}

	if err := r.Stop(1); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "the member to leave", func([]Event, map[string]int) bool { return r.Totals().Members == 1 })
	if got := r.Totals(); got.Records != records || len(got.Committed) > 0 {
		t.Errorf("before the end: %+v, and the commits are nobody's last ones", got)
	}

	if _, err := r.Start(); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "it knows the commits", func([]Event, map[string]int) bool {
		s := r.Snapshot()
		return len(r.shares(2)) == 1 && !slices.ContainsFunc(s.Members[0].Partitions, func(p Position) bool { return p.Committed < 0 })
	})
	r.stop()
	if err := r.wait(t); err != nil {
		t.Fatal(err)
	}
	got := r.Totals()
	if got.Members != 2 || got.Records != records || got.Flagged != 4 || got.Uncommitted != 0 || !maps.Equal(got.Committed, map[int32]int64{0: 10, 1: 10}) {
		t.Errorf("at the end: %+v", got)
	}
}

func TestUncommittedIsNeverMoreThanWasRead(t *testing.T) {
	for _, test := range []struct {
		at   Position
		want int64
	}{
		{Position{Next: 10, Committed: 10, Read: 5}, 0},
		{Position{Next: 10, Committed: 7, Read: 5}, 3},
		{Position{Next: 10, Committed: -1, Read: 4}, 4},
		{Position{Next: 110, Committed: 7, Read: 5}, 5}, // with gaps
		{Position{Next: -1, Committed: 7}, 0},
	} {
		if got := test.at.uncommitted(); got != test.want {
			t.Errorf("%+v: %d, want %d", test.at, got, test.want)
		}
	}
}
