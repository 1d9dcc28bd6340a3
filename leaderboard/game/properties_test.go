package game

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"

	"pgregory.net/rapid"
)

const propTeams = 3

// A step is one random fact.
type step struct {
	after   time.Duration
	produce int64
	groups  []GroupFact
	works   []Work
	restart bool
}

func drawGroup(rt *rapid.T, team int, end []int64) GroupFact {
	if rapid.IntRange(0, 9).Draw(rt, "fails") == 0 {
		return GroupFact{Team: team, Err: "no answer"}
	}
	g := GroupFact{Team: team, Protocol: rapid.SampledFrom([]string{"classic", "consumer"}).Draw(rt, "protocol")}
	g.State = rapid.SampledFrom([]string{"Stable", "Stable", "Stable", "PreparingRebalance", "Empty", "NotJoined"}).Draw(rt, "state")
	g.Moving = rapid.IntRange(0, 9).Draw(rt, "moving") == 0
	if g.State == "NotJoined" {
		g.Protocol = ""
		return g
	}
	g.Committed = map[int32]int64{}
	for p, e := range end {
		if c := rapid.Int64Range(-1, e).Draw(rt, "commit"); c >= 0 {
			g.Committed[int32(p)] = c
		}
	}
	if rapid.IntRange(0, 9).Draw(rt, "commits fail") == 0 {
		g.CommitErr = "no answer"
	}
	if g.State == "Empty" {
		return g
	}
	ids := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g"}), 1, 7, rapid.ID[string]).Draw(rt, "members")
	for _, id := range ids {
		g.Members = append(g.Members, MemberFact{ID: id, OnTopic: true})
	}
	for p := range end {
		if i := rapid.IntRange(-1, len(ids)*4-1).Draw(rt, "owner"); i >= 0 {
			m := &g.Members[i%len(ids)]
			m.Partitions = append(m.Partitions, int32(p))
		}
	}
	return g
}

func drawSteps(rt *rapid.T) []step {
	end := make([]int64, workshop.ScaleUp.Partitions)
	works := make([]Work, propTeams)
	var out []step
	for range rapid.IntRange(1, 30).Draw(rt, "steps") {
		s := step{
			after:   time.Duration(rapid.IntRange(0, 20000).Draw(rt, "ms")) * time.Millisecond,
			produce: rapid.Int64Range(0, 600).Draw(rt, "produce"),
			restart: rapid.IntRange(0, 9).Draw(rt, "restart") == 0,
		}
		for p := range end {
			end[p] += s.produce
		}
		for team := 1; team <= propTeams; team++ {
			s.groups = append(s.groups, drawGroup(rt, team, end))
			w := &works[team-1]
			w.Team = team
			w.Accepted += rapid.Int64Range(0, 60).Draw(rt, "accepted")
			w.Rejected += rapid.Int64Range(0, 2).Draw(rt, "rejected")
			w.Meeting, w.Found = w.Accepted, w.Accepted
		}
		s.works = slices.Clone(works)
		out = append(out, s)
	}
	return out
}

// play plays one step; twist, if not nil, changes the order in which its facts arrive.
func (s *stage) play(st step, twist func(step, *stage)) {
	s.after(st.after).produce(st.produce)
	if st.restart {
		s.restart()
	}
	if twist != nil {
		twist(st, s)
		return
	}
	s.sweep(st.groups...)
	s.scores(st.works...)
}

func TestWhatIsEarnedStays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t, workshop.ScaleUp, propTeams)
		points := map[int]int{}
		had := map[int]map[string]Earned{}
		for _, st := range drawSteps(rt) {
			s.play(st, nil)
			for n := 1; n <= propTeams; n++ {
				now := s.team(n)
				if now.Points < points[n] {
					rt.Fatalf("team %d falls from %d to %d points", n, points[n], now.Points)
				}
				points[n] = now.Points
				got := map[string]Earned{}
				for _, e := range now.Badges {
					got[e.Badge] = e
				}
				for id, e := range had[n] {
					if got[id] != e {
						rt.Fatalf("team %d had %+v, has %+v", n, e, got[id])
					}
				}
				had[n] = got
			}
		}
		seen := map[[2]any]bool{}
		for _, a := range s.won {
			k := [2]any{a.Team, a.Badge}
			if seen[k] {
				rt.Fatalf("team %d earned %s twice", a.Team, a.Badge)
			}
			seen[k] = true
		}
	})
}

// verdictOf returns what was earned, independent of the order.
func verdictOf(awards []Award) map[[2]any]bool {
	out := map[[2]any]bool{}
	for _, a := range awards {
		out[[2]any{a.Team, a.Badge}] = a.First
	}
	return out
}

func TestTheOrderOfArrivalDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := drawSteps(rt)
		straight, twisted := newStage(t, workshop.ScaleUp, propTeams), newStage(t, workshop.ScaleUp, propTeams)
		for _, st := range steps {
			straight.play(st, nil)
			twisted.play(st, func(st step, s *stage) {
				groups := rapid.Permutation(st.groups).Draw(rt, "groups")
				for i := range groups {
					groups[i].Members = rapid.Permutation(groups[i].Members).Draw(rt, "members")
				}
				s.scores(rapid.Permutation(st.works).Draw(rt, "works")...)
				s.sweep(groups...)
			})
		}
		if a, b := verdictOf(straight.won), verdictOf(twisted.won); !maps.Equal(a, b) {
			rt.Fatalf("one order: %v, another: %v", a, b)
		}
	})
}

func TestStaleAnswersTakeNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t, workshop.ScaleUp, propTeams)
		for _, st := range drawSteps(rt) {
			s.play(st, nil)
		}
		var before []Team
		for n := 1; n <= propTeams; n++ {
			before = append(before, s.team(n))
		}
		s.after(time.Second)
		for _, w := range before {
			g := GroupFact{Team: w.Team, State: "PreparingRebalance", Protocol: "classic", CommitErr: "no answer"}
			for _, m := range w.Members {
				if rapid.Bool().Draw(rt, "answers") {
					g.Members = append(g.Members, MemberFact{ID: m.MemberID})
				}
			}
			s.sweep(rapid.SampledFrom([]GroupFact{g, {Team: w.Team, Err: "no answer"}}).Draw(rt, "stale"))
		}
		for i, was := range before {
			now := s.team(i + 1)
			ids := func(t Team) (out []string) {
				for _, m := range t.Members {
					out = append(out, m.MemberID)
				}
				return out
			}
			if now.Points < was.Points || !slices.Equal(ids(now), ids(was)) || !reflect.DeepEqual(now.Lag, was.Lag) || !maps.Equal(owns(now), owns(was)) {
				rt.Fatalf("stale answers took something of team %d: members %v → %v, owners %v → %v", i+1, ids(was), ids(now), owns(was), owns(now))
			}
		}
	})
}
