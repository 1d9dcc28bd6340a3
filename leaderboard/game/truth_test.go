package game

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// Data was kept overnight, and retention emptied the log: the commits are below its start.
func TestLagCountsRecordsThatThereAre(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(6472)
	s.start = slices.Clone(s.end)
	for range 60 {
		s.after(time.Second).sweep(stable(1, "a:0,1,2,3,4", 1, 1, 1, 1, 1))
	}

	got := s.team(1)
	if got.Lag == nil || *got.Lag != 0 {
		t.Errorf("lag %v, want 0: there is no record", got.Lag)
	}
	if lag := got.Committed[0].Lag(); lag == nil || *lag != 0 {
		t.Errorf("lag of partition 0 %v, want 0", lag)
	}
	if s.room.teams[0].Behind != nil {
		t.Error("armed lag_buster with an empty log")
	}
	s.produce(10).after(time.Second).sweep(stable(1, "a:0,1,2,3,4", 1, 1, 1, 1, 1))
	if got := s.team(1); *got.Lag != 50 {
		t.Errorf("lag %d, want 50", *got.Lag)
	}
}

// A commit from another day does not belong to this round, and leaves nothing to catch up with.
func TestAnOldCommitArmsNothing(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(6472)
	for range 60 {
		s.after(time.Second).produce(2).sweep(stable(1, "a:0,1,2,3,4", 1, 1, 1, 1, 1))
	}
	if s.room.teams[0].Behind != nil {
		t.Error("armed lag_buster without a commit in this round")
	}
}

func TestSpeedStartsWithTheSecondCommit(t *testing.T) {
	for name, c := range map[string]struct {
		start int64
		first []int64
	}{
		"at the log's end":      {0, []int64{54554, 54554, 54554, 54554, 54554}},
		"one by one":            {0, []int64{54554, -1, 54554, -1, -1}},
		"below the log's start": {54550, []int64{1, 1, 1, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, workshop.ScaleUp, 1)
			s.produce(54554)
			s.start = []int64{c.start, c.start, c.start, c.start, c.start}
			s.sweep(stable(1, "a:0,1,2,3,4"))
			s.after(time.Second).sweep(stable(1, "a:0,1,2,3,4", c.first...))
			if got := s.team(1).ProcessedPerSecond; got != 0 {
				t.Errorf("%v/s after the first commit, want 0", got)
			}
			s.produce(10).after(5 * time.Second).sweep(stable(1, "a:0,1,2,3,4", s.end...))
			if got := s.team(1).ProcessedPerSecond; got <= 0 || got > 15 {
				t.Errorf("%v/s after the second commit, want about 10", got)
			}
		})
	}
}

func TestAStaticMemberThatComesBackWasNotRebalanced(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	static := func(ids string) GroupFact {
		g := stable(1, ids)
		g.Members[0].Instance, g.Members[1].Instance = "one", "two"
		return g
	}
	s.sweep(static("a:0,1,2 b:3,4"))
	events := len(s.team(1).Events)
	colours := []int{s.team(1).Members[0].Colour, s.team(1).Members[1].Colour}

	s.after(time.Second).sweep(static("a:0,1,2 c:3,4")) // b came back as c
	got := s.team(1)
	if len(got.Events) != events {
		t.Errorf("events: %+v, want none of a member that kept its place", got.Events[events:])
	}
	if len(got.Members) != 2 || got.Members[1].MemberID != "c" || got.Members[1].Colour != colours[1] || got.Members[0].Colour != colours[0] {
		t.Errorf("members %+v, want c in b's place", got.Members)
	}
	if len(s.room.teams[0].Gone) != 0 {
		t.Error("armed fault_tolerant: nobody is gone")
	}
}

// A member that was given a partition has subscribed to it, even if the broker does not report its subscription.
func TestAnUnknownSubscription(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.sweep(stable(1, "a:0,1 b:2,3,4"))
	g := stable(1, "a:0,1,2,3,4 b:")
	g.Members[1].OnTopic = false
	s.after(time.Second).sweep(g)
	if !s.room.teams[0].member("b").OnTopic {
		t.Error("b was given partitions of the topic")
	}
	g = stable(1, "a:0,1,2,3,4 b:")
	g.Members[1].OnTopic, g.Members[1].Elsewhere = false, true
	s.after(time.Second).sweep(g)
	if s.room.teams[0].member("b").OnTopic {
		t.Error("b subscribes to something else now")
	}
}

// How members left, as values.
func TestHowAMemberWentAsAValue(t *testing.T) {
	for name, c := range map[string]struct {
		before, after string
		says          bool // that it leaves
		silent        int  // sweeps without a commit although records wait
		want          eventFact
	}{
		"left two partitions":    {"a:0,1,2 b:3,4", "a:0,1,2,3,4", true, 0, memberLeft{"B", []int32{3, 4}}},
		"left nothing":           {"a:0,1,2,3,4 b:", "a:0,1,2,3,4", true, 0, memberLeft{Member: "B"}},
		"left nobody":            {"b:0,1,2,3,4", "", true, 0, memberLeft{Member: "A"}},
		"timed out":              {"a:0,1,2 b:3,4", "a:0,1,2,3,4", false, 11, memberTimedOut{"B", 11 * time.Second}},
		"gone, nobody knows how": {"a:0,1,2 b:3,4", "a:0,1,2,3,4", false, 0, memberVanished{"B"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, workshop.ScaleUp, 1)
			s.produce(10).sweep(stable(1, c.before, 1, 1, 1, 1, 1))
			s.after(time.Second).sweep(stable(1, c.before, 2, 2, 2, 2, 2))
			for range c.silent - 1 {
				s.after(time.Second).sweep(stable(1, c.before, 2, 2, 2, 2, 2))
			}
			if c.says {
				s.scores(Work{Team: 1, Leaving: []ClientNote{{At: s.now, MemberID: "b"}}})
			}
			state := "Stable"
			if c.after == "" {
				state = "Empty"
			}
			s.after(time.Second).sweep(group(1, state, c.after, 2, 2, 2, 2, 2))

			events := s.team(1).Events
			went := slices.ContainsFunc(events, func(e Event) bool {
				return reflect.DeepEqual(e.fact, c.want) && e.Kind == c.want.kind() && e.Text == c.want.text()
			})
			if !went {
				t.Errorf("%+v, want %#v", events, c.want)
			}
		})
	}
}

// A rebalance as a value: which partitions moved between which members.
func TestARebalanceAsAValue(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.sweep(stable(1, "a:0,1,2,3,4"))
	s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4 c:"))
	events := s.team(1).Events
	want := groupRebalanced{Moves: []move{{[]int32{3, 4}, "A", "B"}}, Shares: []int{3, 2}, Idle: []string{"C"}, Owned: 5}
	if i := slices.IndexFunc(events, func(e Event) bool { return reflect.DeepEqual(e.fact, want) }); i < 0 {
		t.Errorf("%+v, want %+v", events, want)
	} else if events[i].Text != "P3 P4: A → B; C idle: 5 partitions have owners" {
		t.Errorf("%q", events[i].Text)
	}
}
