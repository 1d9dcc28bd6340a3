package member

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kadm"
)

// tables lists how many partitions each member owns, by the lesson's partitions and the number of members.
var tables = []struct {
	partitions int
	shares     [][]int // grown through, in this order
}{
	{5, [][]int{{5}, {3, 2}, {2, 2, 1}, {1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 0}, {5}}},
	{4, [][]int{{4}, {2, 2}, {1, 1, 1, 1}, {2, 2}}},
	{3, [][]int{{3}, {2, 1}, {1, 1, 1}}},
}

func TestAssignmentTables(t *testing.T) {
	for _, assignor := range []string{Range, RoundRobin, CooperativeSticky, Server} {
		for _, table := range tables {
			if assignor != Range && table.partitions != 5 {
				continue // the same rules; once is enough
			}
			t.Run(fmt.Sprintf("%s over %d", assignor, table.partitions), func(t *testing.T) {
				c := kafkatest.New(t)
				cfg := config(c)
				cfg.Assignor = assignor
				c.CreateTopic(t, cfg.Topic, table.partitions, nil)
				r := start(t, cfg, 1)
				for _, want := range table.shares {
					grow(t, r, len(want))
					r.heard.until(t, fmt.Sprint("shares ", want), func([]Event, map[string]int) bool {
						return slices.Equal(r.shares(table.partitions), want)
					})
				}
			})
		}
	}
}

// grow starts or stops members until there are n.
func grow(t *testing.T, r *running, n int) {
	t.Helper()
	r.heard.until(t, "a connection", func([]Event, map[string]int) bool { return len(r.Snapshot().Members) > 0 })
	for len(r.Snapshot().Members) < n {
		if _, err := r.Start(); err != nil {
			t.Fatal(err)
		}
	}
	for i := len(r.Snapshot().Members); i > n; i-- {
		if err := r.Stop(i); err != nil {
			t.Fatal(err)
		}
	}
	r.heard.until(t, "those that leave", func([]Event, map[string]int) bool { return len(r.Snapshot().Members) == n })
}

func TestTheSixthIsIdleAndTold(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	c.CreateTopic(t, cfg.Topic, 5, nil)
	r := start(t, cfg, 6)
	r.heard.until(t, "an idle member", func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Assigned && len(e.Owned) == 0 }) &&
			slices.Equal(r.shares(5), []int{1, 1, 1, 1, 1, 0})
	})
}

// A member that leaves hands over at once; one that crashes, only after the session timeout. The crash is reported as
// crashed, not revoked, and commits nothing.
func TestLeaveAgainstCrash(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	cfg.CommitInterval = time.Hour // so that a crash leaves something uncommitted
	c.CreateTopic(t, cfg.Topic, 5, nil)
	r := start(t, cfg, 2)
	split := func([]Event, map[string]int) bool { return slices.Equal(r.shares(5), []int{3, 2}) }
	alone := func([]Event, map[string]int) bool { return slices.Equal(r.shares(5), []int{5}) }
	r.heard.until(t, "3+2", split)

	produce(t, c, cfg.Topic, 50, func(i int) string { return fmt.Sprint(i) })
	r.heard.until(t, "50 records", func(_ []Event, records map[string]int) bool { return len(records) == 50 })
	left := time.Now()
	if err := r.Stop(2); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "the hand-over after leaving", alone)
	handOver := time.Since(left)
	if e, ok := r.heard.find(func(e Event) bool { return e.Kind == Closed }); !ok || e.Reason != Left {
		t.Errorf("closed: %+v, want left", e)
	}
	if e, ok := r.heard.find(func(e Event) bool { return e.Kind == Duplicate }); ok {
		t.Errorf("leaving commits, yet %d records were read twice", e.Count)
	}

	if _, err := r.Start(); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "3+2 again", split)
	produce(t, c, cfg.Topic, 50, func(i int) string { return fmt.Sprint(i) })
	r.heard.until(t, "100 records", func(_ []Event, records map[string]int) bool { return len(records) == 100 })
	crashed := time.Now()
	before := len(r.heard.all())
	if err := r.Crash(2); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "the hand-over after a crash", alone)
	t.Logf("handed over after leaving in %v, after a crash in %v (session timeout %v)",
		handOver.Round(time.Millisecond), time.Since(crashed).Round(time.Millisecond), cfg.SessionTimeout)
	r.heard.until(t, "duplicates", func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Duplicate && e.After == Crashed })
	})
	r.heard.until(t, "the crashed one thrown out", func([]Event, map[string]int) bool { return len(r.Snapshot().Members) == 1 })
	for _, e := range r.heard.all()[before:] {
		if e.Instance == 2 && (e.Kind == Revoked || e.Kind == Lost || e.Kind == Committed) {
			t.Errorf("a crash shows as %s", e.Kind)
		}
	}
	again := r.heard.read() - 100
	r.heard.until(t, "all duplicates told", func(events []Event, _ map[string]int) bool {
		told := int64(0)
		for _, e := range events {
			if e.Kind == Duplicate {
				told += e.Count
			}
		}
		return told == int64(again)
	})
}

func TestGoesOnAtTheCommit(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	c.CreateTopic(t, cfg.Topic, 1, nil)
	produce(t, c, cfg.Topic, 142, func(i int) string { return fmt.Sprint(i) })
	r := start(t, cfg, 1)
	r.heard.until(t, "142 records", func(_ []Event, records map[string]int) bool { return len(records) == 142 })
	r.stop()
	if err := r.wait(t); err != nil {
		t.Fatal(err)
	}
	produce(t, c, cfg.Topic, 3, func(i int) string { return fmt.Sprint(i) })
	r = start(t, cfg, 1)
	r.heard.until(t, "3 records", func(_ []Event, records map[string]int) bool { return len(records) == 3 })
	e, ok := r.heard.find(func(e Event) bool { return e.Kind == Committed && e.Resumed })
	if !ok || e.Offsets[0] != 142 {
		t.Errorf("goes on at %v, want 142", e.Offsets)
	}
}

func TestCommitRewindPauseAndSlow(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	cfg.CommitInterval = time.Hour
	c.CreateTopic(t, cfg.Topic, 2, nil)
	produce(t, c, cfg.Topic, 40, func(i int) string { return fmt.Sprint(i) })
	r := start(t, cfg, 1)
	r.heard.until(t, "40 records", func(_ []Event, records map[string]int) bool { return len(records) == 40 })
	committed := func() (n int64) {
		for _, p := range r.Snapshot().Members[0].Partitions {
			n += max(p.Committed, 0)
		}
		return n
	}
	if committed() != 0 {
		t.Errorf("committed %d before anybody asked", committed())
	}
	if err := r.Commit(t.Context(), 1); err != nil || committed() != 40 {
		t.Errorf("commit: %v, committed %d of 40", err, committed())
	}
	if err := r.Rewind(t.Context(), 1, "earliest"); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "all of it twice", func(_ []Event, records map[string]int) bool {
		twice := 0
		for _, n := range records {
			twice += n - 1
		}
		return twice == 40
	})
	r.heard.until(t, "the duplicates told", func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Duplicate && e.Count == 40 && e.After == "rewound" })
	})
	if err := r.Pause(1, true); err != nil {
		t.Fatal(err)
	}
	produce(t, c, cfg.Topic, 10, func(i int) string { return fmt.Sprint(i) })
	r.heard.until(t, "a lag while paused", func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Lag && e.Offsets[0]+e.Offsets[1] >= 10 })
	})
	if n := r.heard.read(); n != 80 {
		t.Errorf("read %d records, though paused at 80", n)
	}
	if err := errors.Join(r.Slow(1, time.Millisecond), r.Pause(1, false)); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "50 records", func(_ []Event, records map[string]int) bool { return len(records) == 50 })
	if err := r.Rewind(t.Context(), 1, "latest"); err != nil || committed() != 50 {
		t.Errorf("rewind to latest: %v, committed %d of 50", err, committed())
	}
	if err := r.Crash(7); err == nil {
		t.Error("member 7 crashed, and there is none")
	}
}

func TestMaxRecords(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	cfg.MaxRecords = 7
	c.CreateTopic(t, cfg.Topic, 5, nil)
	produce(t, c, cfg.Topic, 40, func(i int) string { return fmt.Sprint(i) })
	r := start(t, cfg, 2)
	if err := r.wait(t); err != nil {
		t.Fatal(err)
	}
	if n := r.heard.read(); n != 7 {
		t.Errorf("read %d records, want 7", n)
	}
	lanes, err := c.Admin(t).FetchOffsets(context.Background(), cfg.Group)
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	lanes.Offsets().Each(func(o kadm.Offset) { sum += o.At })
	if sum != 7 {
		t.Errorf("committed %d, want 7", sum)
	}
}

// A member can leave while the group waits for a crashed member: nobody waits for a second session timeout.
func TestLeavesAmidARebalance(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	cfg.SessionTimeout = 20 * time.Second // so that the rebalance outlasts the goodbye
	c.CreateTopic(t, cfg.Topic, 5, nil)
	r := start(t, cfg, 3)
	r.heard.until(t, "2+2+1", func([]Event, map[string]int) bool { return slices.Equal(r.shares(5), []int{2, 2, 1}) })
	if err := r.Crash(3); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Start(); err != nil { // it joins: the others have to rejoin, and the crashed one never will
		t.Fatal(err)
	}
	r.heard.until(t, "the rebalance", func([]Event, map[string]int) bool {
		return slices.ContainsFunc(r.Snapshot().Members, func(s Status) bool { return s.Instance == 1 && s.State == Rebalancing })
	})
	if err := r.Stop(1); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "its end", func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Closed && e.Instance == 1 })
	})
	if e, _ := r.heard.find(func(e Event) bool { return e.Kind == Closed && e.Instance == 1 }); e.Reason != Left {
		t.Errorf("closed as %q, want left", e.Reason)
	}
	r.heard.until(t, "the group without it", func([]Event, map[string]int) bool {
		g := r.Snapshot().Group
		return len(g.Members) > 0 && !slices.ContainsFunc(g.Members, func(m group.Member) bool { return g.Instances[m.ID] == 1 })
	})
}
