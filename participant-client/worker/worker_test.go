package worker

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
)

// Two workers on one partition both get records, every record is accepted once, and order is lost: no consumer group
// can do this.
func TestTwoWorkersShareOnePartition(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	c.add(t, jobs(60, 40*time.Millisecond)...)
	r := start(t, c.cfg, 2)
	r.heard.until(t, "60 accepted", func(events []Event) bool { return count(events, Accepted) == 60 })

	by, seen, late := map[int]int{}, map[int64]int{}, 0
	for _, e := range r.heard.of(Accepted) {
		by[e.Worker]++
		seen[e.Record.Offset]++
		if e.After >= 0 {
			late++
		}
	}
	if by[1] == 0 || by[2] == 0 || len(seen) != 60 {
		t.Errorf("accepted by worker %v, %d records; heard:\n%s", by, len(seen), r.heard)
	}
	if late == 0 || !slices.ContainsFunc(r.heard.of(Lesson), func(e Event) bool { return strings.HasPrefix(e.Text, "Order is lost") }) {
		t.Errorf("%d records were accepted after a later one; heard:\n%s", late, r.heard)
	}
}

// Records that a worker held when its connection broke go to others at once, in order, as a second delivery. The group
// keeps it as a member: nobody has reported that it left.
func TestACrashedWorkersRecordsComeBackAtOnce(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	r, holder := twoWorkersOneHolds(t, c)
	dead := r.Snapshot().Workers[holder-1].MemberID
	crashed := time.Now()
	if err := r.Crash(holder); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "four redeliveries", func(events []Event) bool { return count(events, Redelivered) == 4 })

	back := r.heard.of(Redelivered)
	took := back[0].At.Sub(crashed)
	t.Logf("first redelivery %v after the crash", took)
	if !slices.Equal(offsets(back), []int64{0, 1, 2, 3}) || slices.ContainsFunc(back, func(e Event) bool { return e.Record.Delivery != 2 || e.Worker == holder }) {
		t.Errorf("came back:\n%s", r.heard)
	}
	if back[0].At.After(r.heard.of(Acquired)[0].Record.Until) {
		t.Errorf("came back %v after the crash, when the lock had ended as well", took)
	}
	g, err := group.DescribeShare(t.Context(), r.Client(), c.cfg.Group, c.cfg.Topic)
	if err != nil || dead == "" || !slices.ContainsFunc(g.Members, func(m group.Member) bool { return m.RawID == dead }) {
		t.Errorf("the crashed worker %q left the group: %+v, %v", dead, g, err)
	}
}

// twoWorkersOneHolds starts two workers, of which one holds all four records.
func twoWorkersOneHolds(t *testing.T, c *crew) (r *running, holder int) {
	t.Helper()
	r = start(t, c.cfg, 2)
	r.heard.until(t, "both in the group", func([]Event) bool {
		workers := r.Snapshot().Workers
		return len(workers) == 2 && workers[0].MemberID != "" && workers[1].MemberID != ""
	})
	c.add(t, jobs(4, time.Minute)...)
	r.heard.until(t, "four records taken", func(events []Event) bool { return count(events, Acquired) == 4 })
	taken := r.heard.of(Acquired)
	holder = taken[0].Worker
	if slices.ContainsFunc(taken, func(e Event) bool { return e.Worker != holder }) {
		t.Fatalf("both workers took some:\n%s", r.heard)
	}
	r.working(t, holder)
	return r, holder
}

// Keys decide about the record in work: one that is released is delivered again, one that is rejected is not.
func TestReleaseAndReject(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	c.add(t, jobs(1, time.Minute)...)
	r := start(t, c.cfg, 1)
	r.working(t, 1)
	if err := r.Release(1); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "a second delivery", func(events []Event) bool { return count(events, Redelivered) == 1 })
	r.working(t, 1)
	if err := r.Reject(1); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "its rejection", func(events []Event) bool { return count(events, Rejected) == 1 })

	c.add(t, jobs(1, 0)...)
	r.heard.until(t, "the next one", func(events []Event) bool { return count(events, Accepted) == 1 })
	if got := r.heard.of(Acquired, Redelivered, Accepted); !slices.Equal(offsets(got), []int64{0, 0, 1, 1}) {
		t.Errorf("heard:\n%s", r.heard)
	}
	if err := r.Release(1); err == nil || !strings.Contains(err.Error(), "works on nothing") {
		t.Errorf("releasing nothing: %v", err)
	}
	r.stop()
	if err := r.wait(t); err != nil {
		t.Fatal(err)
	}
	closed := r.heard.of(Closed)
	if got, want := closed[len(closed)-1].String(), "done: accepted 1, rejected 1, gave back 1"; got != want {
		t.Errorf("ends with %q, want %q", got, want)
	}
}

// Records that a worker holds when it leaves go to the others at once.
func TestALeavingWorkerGivesBackWhatItHolds(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	r, holder := twoWorkersOneHolds(t, c)
	left := time.Now()
	if err := r.Stop(holder); err != nil {
		t.Fatal(err)
	}
	r.heard.until(t, "four redeliveries", func(events []Event) bool { return count(events, Redelivered) == 4 })
	back := r.heard.of(Redelivered)
	t.Logf("first redelivery %v after leaving began", back[0].At.Sub(left))
	if !slices.Equal(offsets(back), []int64{0, 1, 2, 3}) {
		t.Errorf("heard:\n%s", r.heard)
	}
	r.heard.until(t, "its end", func(events []Event) bool { return count(events, Closed) == 1 })
	if closed := r.heard.of(Closed); closed[0].Reason != Left || len(r.heard.of(Released)) != 4 {
		t.Errorf("closed %+v; heard:\n%s", closed, r.heard)
	}
}

// A poison job is rejected once; or it is delivered until the broker gives it up, by workers that give it back and by
// workers that die of it. The jobs after it are done in each case.
func TestPoison(t *testing.T) {
	for _, test := range []struct {
		onPoison   string
		deliveries int
	}{{Reject, 1}, {Release, 5}, {Crash, 5}} {
		t.Run(test.onPoison, func(t *testing.T) {
			t.Parallel()
			c := newCrew(t, 1)
			c.cfg.OnPoison = test.onPoison
			c.add(t, workshop.Job{Poison: true, WorkMS: 10})
			r := start(t, c.cfg, 1)
			r.heard.until(t, "its deliveries", func(events []Event) bool { return poisoned(events) == test.deliveries })
			c.add(t, jobs(2, 10*time.Millisecond)...)
			r.heard.until(t, "the next jobs", func(events []Event) bool { return count(events, Accepted) == 2 })
			r.stop()
			if err := r.wait(t); err != nil {
				t.Fatal(err)
			}
			if got := poisoned(r.heard.of(Acquired, Redelivered)); got != test.deliveries {
				t.Errorf("delivered %d times; heard:\n%s", got, r.heard)
			}
			if died := len(r.heard.of(Closed)) - 2; test.onPoison == Crash && died != 5 {
				t.Errorf("%d workers died of it; heard:\n%s", died, r.heard)
			}
		})
	}
}

// When a worker dies, a delivery counts for every record that it held. Apache Kafka delivers a record alone when half
// of its deliveries are used up, so a good job beside a deadly one is done; the embedded broker gives up both.
func TestADeadlyJobAndItsNeighbour(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	c.cfg.OnPoison = Crash
	c.add(t, workshop.Job{Poison: true}, workshop.Job{ID: "neighbour"})
	r := start(t, c.cfg, 1)
	r.heard.until(t, "five deaths", func(events []Event) bool { return count(events, Closed) == 5 })
	c.add(t, jobs(1, 0)...)
	r.heard.until(t, "what comes after", func(events []Event) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Accepted && e.Record.Offset == 2 })
	})
	if done := slices.Contains(offsets(r.heard.of(Accepted)), 1); done != c.Real {
		t.Errorf("the neighbour was done: %v; heard:\n%s", done, r.heard)
	}
	if !slices.ContainsFunc(r.heard.of(Lesson), func(e Event) bool { return strings.Contains(e.Text, "counts a delivery") }) {
		t.Errorf("nothing explains it; heard:\n%s", r.heard)
	}
}

// poisoned returns how often the poison job was delivered.
func poisoned(events []Event) int {
	n := 0
	for _, e := range events {
		if (e.Kind == Acquired || e.Kind == Redelivered) && e.Record.Job.Poison {
			n++
		}
	}
	return n
}

// The run ends after this many records, and nothing stays locked.
func TestMaxRecords(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 2)
	c.add(t, jobs(20, 10*time.Millisecond)...)
	c.cfg.MaxRecords = 5
	r := start(t, c.cfg, 2)
	if err := r.wait(t); err != nil || len(r.heard.of(Accepted)) != 5 || len(r.heard.lines) != 5 {
		t.Errorf("error %v; heard:\n%s", err, r.heard)
	}
}

// A record whose line cannot be written is not accepted.
func TestWhatIsNotWrittenIsNotAccepted(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	c.add(t, jobs(4, 0)...)
	r := start(t, c.cfg, 0)
	r.heard.mu.Lock()
	r.heard.broken = errors.New("closed pipe")
	r.heard.mu.Unlock()
	for {
		if _, err := r.Start(); err == nil {
			break
		}
		<-time.After(10 * time.Millisecond) // not connected yet
	}
	r.heard.until(t, "what it takes", func(events []Event) bool { return count(events, Acquired) == 4 })
	r.stop()
	if err := r.wait(t); err != nil || len(r.heard.of(Accepted)) != 0 || len(r.heard.of(Released)) != 4 {
		t.Errorf("error %v; heard:\n%s", err, r.heard)
	}
}

// Counts are published with the headers that the leaderboard reads, the last ones on leaving.
func TestStats(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	room := c.Room
	room.Lesson = workshop.Queues
	stats := room.TeamTopics(1)[0]
	c.CreateTopic(t, stats.Name, stats.Partitions, nil)
	c.cfg.Stats, c.cfg.Team = stats.Name, "team-1"
	c.cfg.Instance = func(n int) string { return fmt.Sprintf("laptop-%d", n) }
	c.add(t, workshop.Job{}, workshop.Job{Poison: true})
	r := start(t, c.cfg, 1)
	r.heard.until(t, "both jobs", func(events []Event) bool { return count(events, Accepted) == 1 && count(events, Rejected) == 1 })
	r.heard.until(t, "worker 1 in the group", func(events []Event) bool { return count(events, Member) == 1 })
	r.stop()
	if err := r.wait(t); err != nil {
		t.Fatal(err)
	}

	last := readLast(t, c, stats.Name)
	want := `{"team":"team-1","processed":1,"redelivered":0,"rejected":1}`
	headers := map[string]string{}
	for _, h := range last.Headers {
		headers[h.Key] = string(h.Value)
	}
	if string(last.Value) != want || string(last.Key) != "laptop-1" {
		t.Errorf("the last stats are %s %s, want %s", last.Key, last.Value, want)
	}
	if headers[workshop.HeaderInstance] != "laptop-1" || headers[workshop.HeaderMemberID] == "" || headers[workshop.HeaderLeaving] != "true" {
		t.Errorf("headers %v", maps.Collect(maps.All(headers)))
	}
}

// A consumer group of the same name is reported, and the run ends.
func TestAConsumerGroupOfThatName(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	joinAsConsumer(t, c)
	r := start(t, c.cfg, 1)
	if err := r.wait(t); err == nil || !strings.Contains(err.Error(), "is a consumer group") || strings.Contains(err.Error(), "\n") {
		t.Errorf("says %v", err)
	}
}
