package member

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// throwOut removes a member from its group, as an admin can.
func (r *running) throwOut(t *testing.T, instance int) {
	t.Helper()
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = r.cfg.Group
	out := kmsg.NewLeaveGroupRequestMember()
	for _, m := range r.Snapshot().Members {
		if m.Instance == instance {
			out.MemberID = m.MemberID
		}
	}
	req.Members = append(req.Members, out)
	if _, err := req.RequestWith(t.Context(), r.Client()); err != nil {
		t.Fatal(err)
	}
}

// A member that was removed from the group reports that and rejoins.
func TestThrownOutComesBack(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	c.CreateTopic(t, cfg.Topic, 5, nil)
	r := start(t, cfg, 1)
	r.heard.until(t, "5", func([]Event, map[string]int) bool { return slices.Equal(r.shares(5), []int{5}) })
	r.throwOut(t, 1)
	r.heard.until(t, "the loss", func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Lost && len(e.Partitions) == 5 })
	})
	r.heard.until(t, "all five again", func([]Event, map[string]int) bool { return slices.Equal(r.shares(5), []int{5}) })
}

// Records read twice because of a crash are reported as such, and records read twice later, for another reason, are not.
func TestACrashExplainsOnlyItsOwnDuplicates(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	cfg.CommitInterval = time.Hour
	c.CreateTopic(t, cfg.Topic, 2, nil)
	r := start(t, cfg, 2)
	r.heard.until(t, "1+1", func([]Event, map[string]int) bool { return slices.Equal(r.shares(2), []int{1, 1}) })
	produce(t, c, cfg.Topic, 40, func(i int) string { return fmt.Sprint(i) })
	r.heard.until(t, "40 records", func(_ []Event, records map[string]int) bool { return len(records) == 40 })

	duplicates := func(events []Event, after string) (n int64) {
		for _, e := range events {
			if e.Kind == Duplicate && e.After == after {
				n += e.Count
			}
		}
		return n
	}
	if err := r.Crash(2); err != nil {
		t.Fatal(err)
	}
	r.throwOut(t, 2) // so that nobody waits for the session timeout
	want := int64(0) // all that was read of the crashed member's partition
	r.heard.until(t, "the duplicates of the crash", func(events []Event, records map[string]int) bool {
		i := slices.IndexFunc(events, func(e Event) bool { return e.Kind == Closed })
		if i < 0 {
			return false
		}
		want = 0
		for record := range records {
			if strings.HasPrefix(record, fmt.Sprint(events[i].Partitions[0], ":")) {
				want++
			}
		}
		return duplicates(events, Crashed) == want
	})

	r.throwOut(t, 1) // it can no longer commit, and reads all that it had from the start
	r.heard.until(t, "duplicates for another reason", func(events []Event, _ map[string]int) bool { return duplicates(events, "") > 0 })
	if n := duplicates(r.heard.all(), Crashed); n != want {
		t.Errorf("%d duplicates are told as the crash's, want %d", n, want)
	}
}

// A client that has joined again under another member ID commits nothing for the partitions of the old one: they have
// other owners.
func TestAMemberCommitsNothingUnderAnotherID(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	cfg.Assignor = CooperativeSticky
	cfg.CommitInterval = time.Hour
	c.CreateTopic(t, cfg.Topic, 2, nil)
	r := start(t, cfg, 1)
	r.heard.until(t, "2", func([]Event, map[string]int) bool { return slices.Equal(r.shares(2), []int{2}) })
	produce(t, c, cfg.Topic, 40, func(i int) string { return fmt.Sprint(i) })
	r.heard.until(t, "40 records", func(_ []Event, records map[string]int) bool { return len(records) == 40 })

	m := r.roster.All()[0]
	m.mu.Lock()
	m.ownedAs = "the one that was expelled"
	m.mu.Unlock()
	if _, err := r.Start(); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "1+1", func([]Event, map[string]int) bool { return slices.Equal(r.shares(2), []int{1, 1}) })
	r.heard.until(t, "its loss", func(events []Event, _ map[string]int) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Lost && e.Instance == 1 })
	})
	if e, ok := r.heard.find(func(e Event) bool { return e.Kind == Revoked || e.Kind == Committed && !e.Resumed }); ok {
		t.Errorf("it commits under another ID: %+v", e)
	}
}
