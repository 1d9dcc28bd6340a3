package game

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// crew returns a share group of these members with a backlog.
func crew(team int, backlog int64, members ...string) GroupFact {
	g := GroupFact{
		Team: team, Name: "crew-1", State: "Stable", Protocol: "share", Committed: map[int32]int64{0: 100, 1: 100},
		Backlog: map[int32]int64{0: backlog, 1: 0},
	}
	for _, id := range members {
		g.Members = append(g.Members, MemberFact{ID: id, ClientID: "client-" + id, OnTopic: true})
	}
	if len(members) == 0 {
		g.State = "Empty"
	}
	return g
}

// report passes in the workers' counts: their accepted, redelivered and rejected records.
func (s *stage) report(counts map[string][3]int64) {
	s.t.Helper()
	w := Work{Team: 1}
	for id, n := range counts {
		w.Workers = append(w.Workers, WorkerCounts{MemberID: id, At: s.now, Processed: n[0], Redelivered: n[1], Rejected: n[2]})
	}
	s.store(s.room.Scores(Scores{At: s.now, Round: s.room.Round().Number, Teams: []Work{w}}))
}

func queues(t *testing.T) *stage {
	s := newStage(t, workshop.Queues, 1)
	for i := range s.end {
		s.end[i] = 1000
	}
	return s
}

func TestCrewNeedsMoreWorkersThanPartitions(t *testing.T) {
	s := queues(t)
	s.sweep(crew(1, 50, "a", "b"))
	s.report(map[string][3]int64{"a": {5, 0, 0}, "b": {5, 0, 0}})
	s.after(time.Second).sweep(crew(1, 50, "a", "b"))
	s.wants(1, Connected)

	s.after(time.Second).sweep(crew(1, 50, "a", "b", "c"))
	s.wants(1, Connected) // c has done nothing yet

	s.report(map[string][3]int64{"a": {7, 0, 0}, "b": {7, 0, 0}, "c": {1, 0, 0}})
	s.after(time.Second).sweep(crew(1, 50, "a", "b", "c"))
	s.wants(1, Connected, Crew)
	if text := s.won[len(s.won)-1].EvidenceText(); !strings.Contains(text, "3 workers") || !strings.Contains(text, "client-c") {
		t.Errorf("evidence %q", text)
	}
}

func TestWorkersThatDoNothingAreNoCrew(t *testing.T) {
	s := queues(t)
	s.sweep(crew(1, 50, "a", "b", "c"))
	s.report(map[string][3]int64{"a": {5, 0, 0}, "b": {5, 0, 0}, "c": {5, 0, 0}})
	s.after(workingFor + time.Second)
	s.report(map[string][3]int64{"a": {6, 0, 0}, "b": {6, 0, 0}, "c": {5, 0, 0}}) // c is idle
	s.sweep(crew(1, 50, "a", "b", "c"))
	s.wants(1, Connected)
}

// The group notices a killed worker only after the session timeout. Its records come back before that.
func TestRedelivered(t *testing.T) {
	for name, c := range map[string]struct {
		back, leaves bool // another worker accepts records again; the worker announced that it leaves
		want         bool
	}{
		"killed, and its records come back": {true, false, true},
		"killed, and nothing came back":     {false, false, false},
		"left":                              {true, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := queues(t)
			s.sweep(crew(1, 50, "a", "b"))
			s.report(map[string][3]int64{"a": {5, 0, 0}, "b": {5, 1, 0}})
			s.after(2 * time.Second)
			again := int64(1)
			if c.back {
				again = 4
			}
			s.report(map[string][3]int64{"b": {9, again, 0}})
			s.sweep(crew(1, 50, "a", "b"))
			if c.leaves {
				s.store(s.room.Scores(Scores{At: s.now, Round: s.room.Round().Number, Teams: []Work{{
					Team: 1, Leaving: []ClientNote{{At: s.now, MemberID: "a"}},
					Workers: []WorkerCounts{{MemberID: "b", At: s.now, Processed: 9, Redelivered: again}},
				}}}))
			}
			s.after(8 * time.Second).sweep(crew(1, 50, "b"))
			if got := s.earnedNow(Redelivered); got != c.want {
				t.Errorf("redelivered: %v, want %v", got, c.want)
			}
		})
	}
}

// A program that does not know its member ID reports under its client ID.
func TestReportsUnderAClientID(t *testing.T) {
	work := func(s *stage, leaving string, counts map[string][3]int64) Work {
		w := Work{Team: 1}
		for name, n := range counts {
			w.Workers = append(w.Workers, WorkerCounts{Name: name, At: s.now, Processed: n[0], Redelivered: n[1], Rejected: n[2]})
		}
		if leaving != "" {
			w.Leaving = []ClientNote{{At: s.now, Name: leaving}}
		}
		return w
	}
	hand := func(s *stage, w Work) {
		s.store(s.room.Scores(Scores{At: s.now, Round: s.room.Round().Number, Teams: []Work{w}}))
	}

	for name, c := range map[string]struct {
		leaving string
		want    bool
	}{"killed": {"", true}, "left": {"client-a", false}} {
		t.Run(name, func(t *testing.T) {
			s := queues(t)
			s.sweep(crew(1, 50, "a", "b", "c"))
			hand(s, work(s, "", map[string][3]int64{"client-a": {5, 0, 0}, "client-b": {5, 0, 0}, "client-c": {1, 0, 0}}))
			s.after(time.Second).sweep(crew(1, 50, "a", "b", "c"))
			s.wants(1, Connected, Crew)

			s.after(time.Second)
			hand(s, work(s, c.leaving, map[string][3]int64{"client-a": {5, 0, 0}, "client-b": {5, 0, 0}, "client-c": {1, 0, 0}}))
			s.after(time.Second).sweep(crew(1, 50, "b", "c"))
			s.after(time.Second)
			hand(s, work(s, "", map[string][3]int64{"client-b": {9, 3, 0}, "client-c": {1, 0, 0}}))
			s.after(time.Second).sweep(crew(1, 50, "b", "c"))
			if got := s.earnedNow(Redelivered); got != c.want {
				t.Errorf("redelivered: %v, want %v", got, c.want)
			}
		})
	}

	t.Run("the next one of the same name begins with a report of its own", func(t *testing.T) {
		s := queues(t)
		same := func(id string) GroupFact {
			g := crew(1, 50, id)
			g.Members[0].ClientID = "laptop"
			return g
		}
		s.sweep(same("a"))
		old := work(s, "", map[string][3]int64{"laptop": {5, 0, 0}})
		hand(s, old)
		s.after(time.Second).sweep(same("b"))
		hand(s, old)
		if row := s.team(1).Workers[0]; row.MemberID != "b" || row.Working || row.Processed != 0 {
			t.Errorf("with the report of the one before it: %+v", row)
		}
		s.after(time.Second)
		hand(s, work(s, "", map[string][3]int64{"laptop": {1, 0, 0}}))
		if row := s.team(1).Workers[0]; !row.Working || row.Processed != 1 {
			t.Errorf("with its own report: %+v", row)
		}
	})

	t.Run("two of one name are not told apart", func(t *testing.T) {
		s := queues(t)
		g := crew(1, 50, "a", "b")
		g.Members[0].ClientID, g.Members[1].ClientID = "laptop", "laptop"
		s.sweep(g)
		hand(s, work(s, "", map[string][3]int64{"laptop": {5, 0, 0}}))
		for _, row := range s.team(1).Workers {
			if row.Working || row.Processed != 0 {
				t.Errorf("%+v", row)
			}
		}
	})
}

func TestPoisonHandled(t *testing.T) {
	s := queues(t)
	s.sweep(crew(1, 19, "a"))
	s.wants(1, Connected)
	s.report(map[string][3]int64{"a": {5, 0, 1}})
	s.after(time.Second).sweep(crew(1, 20, "a"))
	s.wants(1, Connected)
	s.after(time.Second).sweep(crew(1, 19, "a"))
	s.wants(1, Connected, Poison)
}

func TestWorkersShareTheWork(t *testing.T) {
	s := queues(t)
	s.sweep(crew(1, 50, "a", "b", "c"))
	s.report(map[string][3]int64{"a": {30, 2, 0}, "b": {10, 0, 1}})
	s.after(time.Second).sweep(crew(1, 50, "a", "b", "c"))
	rows := s.team(1).Workers
	if len(rows) != 3 || rows[0].Share != 0.75 || rows[1].Share != 0.25 || rows[2].Share != 0 || rows[2].Working || rows[0].Redelivered != 2 || rows[1].Rejected != 1 {
		t.Errorf("workers %+v", rows)
	}
	for _, lane := range s.team(1).Lanes {
		if lane.Owner != nil || lane.Lag == nil {
			t.Errorf("lane %+v, want a lag and no owner", lane)
		}
	}
	if lag := s.team(1).Lag; lag == nil || *lag != 50 {
		t.Errorf("backlog %v, want 50", lag)
	}
}

func TestTheConsumerGroupBeside(t *testing.T) {
	s := queues(t)
	g := crew(1, 50, "a")
	beside := stable(1, "x:0 y:1 z:")
	beside.Name = "team-1"
	g.Beside = &beside
	s.sweep(g)
	got := s.team(1).Beside
	if got == nil || got.Group != "team-1" || len(got.Members) != 3 || len(got.Members[2].Partitions) != 0 || got.Members[2].Colour != 2 {
		t.Fatalf("beside %+v", got)
	}

	moving := group(1, "PreparingRebalance", "x: y: z:")
	g.Beside = &moving
	s.after(time.Second).sweep(g)
	if got := s.team(1).Beside; got == nil || len(got.Members[0].Partitions) != 1 {
		t.Errorf("beside in a rebalance: %+v, want the assignment of before", got)
	}
}

// A consumer group with the name of a team's share group is reported as such.
func TestAConsumerGroupWhereAShareGroupIsMeant(t *testing.T) {
	s := queues(t)
	s.sweep(GroupFact{Team: 1, Name: "crew-1", State: "NotJoined", OtherKind: true})
	if notes := s.team(1).Notes; len(notes) != 1 || !strings.Contains(notes[0], "is a consumer group") {
		t.Errorf("notes %q", notes)
	}
}

func (s *stage) earnedNow(badge string) bool {
	return slices.ContainsFunc(s.team(1).Badges, func(b Earned) bool { return b.Badge == badge })
}
