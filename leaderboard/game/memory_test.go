package game

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

func TestRemembers(t *testing.T) {
	counts := func(member string, processed, next int64) PartitionCounts {
		return PartitionCounts{Partition: 3, MemberID: member, Processed: processed, Next: next}
	}
	before := []PartitionCounts{counts("a", 40, 50), counts("a", 60, 70)} // published while a owns the partition
	other := []PartitionCounts{counts("", 40, 50), counts("", 60, 70)}    // by a program that does not report its member ID

	for name, c := range map[string]struct {
		before, after []PartitionCounts
		want          bool
	}{
		"continued":                            {before, []PartitionCounts{counts("b", 75, 85)}, true},
		"nothing new":                          {before, []PartitionCounts{counts("b", 60, 70)}, false},
		"began again":                          {before, []PartitionCounts{counts("b", 15, 85), counts("b", 25, 95)}, false},
		"lost records":                         {before, []PartitionCounts{counts("b", 74, 85), counts("b", 84, 95)}, false},
		"counted twice":                        {before, []PartitionCounts{counts("b", 76, 85), counts("b", 86, 95)}, false},
		"late words of the owner before":       {before, []PartitionCounts{counts("a", 65, 75), counts("a", 70, 80)}, false},
		"of a process that was paused":         {before, []PartitionCounts{counts("b", 50, 60)}, false},
		"beyond the topic":                     {before, []PartitionCounts{counts("b", 995, 1005)}, false},
		"more records than there are":          {[]PartitionCounts{counts("a", 60, 50)}, []PartitionCounts{counts("b", 80, 70)}, false},
		"no counts before":                     {nil, []PartitionCounts{counts("b", 60, 70), counts("b", 70, 80)}, false},
		"of another topic":                     {before, []PartitionCounts{{Partition: 3, MemberID: "b", TopicID: "bb", Processed: 75, Next: 85}}, false},
		"another program":                      {other, []PartitionCounts{counts("", 65, 75), counts("", 75, 85)}, true},
		"another program, its last words late": {other, []PartitionCounts{counts("", 65, 75)}, false},
		"another program began again":          {other, []PartitionCounts{counts("", 5, 75), counts("", 15, 85)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, workshop.ScaleUp, 1)
			for i := range s.end {
				s.end[i] = 1000
			}
			report := func(all []PartitionCounts) {
				for _, one := range all {
					s.store(s.room.Scores(Scores{At: s.now, Round: s.room.Round().Number, Teams: []Work{{Team: 1, States: []PartitionCounts{one}}}}))
				}
			}
			s.sweep(stable(1, "a:3 c:0,1,2,4"))
			report(c.before)
			s.after(time.Second).sweep(stable(1, "c:0,1,2,3,4"))
			s.after(time.Second).sweep(stable(1, "b:3 c:0,1,2,4"))
			report(c.after)

			got := slices.ContainsFunc(s.team(1).Badges, func(b Earned) bool { return b.Badge == Remembers })
			if got != c.want {
				t.Fatalf("remembers: %v, want %v", got, c.want)
			}
			if !got {
				return
			}
			evidence := s.won[len(s.won)-1].EvidenceText()
			for _, part := range []string{"P3 went from ", "each counted once"} {
				if !strings.Contains(evidence, part) {
					t.Errorf("evidence %q lacks %q", evidence, part)
				}
			}
		})
	}
}

// Counts may be ahead of the sweep's view of the topic: they prove something once a sweep has seen their records.
func TestCountsAheadOfTheSweepCountLater(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	for i := range s.end {
		s.end[i] = 100
	}
	report := func(member string, next int64) {
		one := PartitionCounts{Partition: 3, MemberID: member, Processed: next, Next: next}
		s.store(s.room.Scores(Scores{At: s.now, Round: s.room.Round().Number, Teams: []Work{{Team: 1, States: []PartitionCounts{one}}}}))
	}
	s.sweep(stable(1, "a:3 c:0,1,2,4"))
	report("a", 90)
	s.after(time.Second).sweep(stable(1, "b:3 c:0,1,2,4"))
	report("b", 105)
	s.wants(1, Connected, Scaled)

	s.end[3] = 110
	s.after(time.Second).sweep(stable(1, "b:3 c:0,1,2,4"))
	report("b", 115)
	s.wants(1, Connected, Scaled, Remembers)
}

// Counts published during a rebalance prove nothing, because the owners are not certain.
func TestCountsDuringARebalanceProveNothing(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	for i := range s.end {
		s.end[i] = 1000
	}
	report := func(processed, next int64) {
		one := PartitionCounts{Partition: 0, Processed: processed, Next: next}
		s.store(s.room.Scores(Scores{At: s.now, Round: s.room.Round().Number, Teams: []Work{{Team: 1, States: []PartitionCounts{one}}}}))
	}
	s.sweep(stable(1, "a:0,1,2,3,4"))
	report(10, 10)
	s.after(time.Second).sweep(group(1, "PreparingRebalance", "a: b:"))
	report(20, 20)
	report(30, 30)
	s.wants(1, Connected)
}
