package game

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// A spanLog holds the spans as a database does: by key, with the later one replacing the earlier.
type spanLog map[string]Span

func (l spanLog) store(c Changes) {
	for _, s := range c.Spans {
		l[fmt.Sprintf("%d/%d/%d/%s", s.Round, s.Team, s.Partition, s.From.Format(time.RFC3339Nano))] = s
	}
}

// of returns the spans of a lane, without those that end when they begin.
func (l spanLog) of(team int, partition int32) []Span {
	var out []Span
	for _, s := range l {
		if s.Team == team && s.Partition == partition && (s.To == nil || s.To.After(s.From.Time)) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Span) int { return a.From.Compare(b.From.Time) })
	return out
}

// at returns the state of a lane at a time: "owned a", "free", or "" if nobody watched.
func (l spanLog) at(team int, partition int32, at time.Time) string {
	for _, s := range l.of(team, partition) {
		if !at.Before(s.From.Time) && (s.To == nil || at.Before(s.To.Time)) {
			return says(s)
		}
	}
	return ""
}

func says(s Span) string {
	if s.Owner == nil {
		return s.State
	}
	return s.State + " " + *s.Owner
}

func (l spanLog) check(t *testing.T, teams int, partitions int) {
	t.Helper()
	for team := 1; team <= teams; team++ {
		for p := range int32(partitions) {
			spans := l.of(team, p)
			for i, s := range spans {
				if s.To == nil && i < len(spans)-1 {
					t.Errorf("team %d, partition %d: %v never ended, and %v began", team, p, s, spans[i+1])
				}
				if i > 0 && s.From.Before(spans[i-1].To.Time) {
					t.Errorf("team %d, partition %d: %v began before %v ended", team, p, s, spans[i-1])
				}
			}
		}
	}
}

// For any behaviour of groups, the history shows for each moment what the lanes showed then.
func TestTheHistoryIsWhatTheLanesShowed(t *testing.T) {
	groups := []string{"", "a:0,1,2,3,4", "a:0,1,2 b:3,4", "b:0,1,2,3,4", "a:0 b:1 c:2 d:3 e:4", "a:0,1 b:2,3", "a: b:0,1,2,3,4"}
	for seed := range uint64(10) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		s := newStage(t, workshop.ScaleUp, 2)
		stored := spanLog{}
		type moment struct {
			at    time.Time
			lanes [2][]Lane
		}
		var shown []moment
		for range 200 {
			s.after(sweepGap).produce(int64(rnd.IntN(3)))
			facts := make([]GroupFact, 2)
			for i := range facts {
				members := groups[rnd.IntN(len(groups))]
				if rnd.IntN(3) > 0 {
					members = groups[int(s.now.Unix()/7+int64(i))%len(groups)] // it stays for a while
				}
				state := "Stable"
				if rnd.IntN(6) == 0 {
					state = "PreparingRebalance"
				}
				if members == "" {
					state = "Empty"
				}
				facts[i] = group(i+1, state, members, 0, 0, s.end[2], s.end[3], 0)
				if rnd.IntN(20) == 0 {
					facts[i] = GroupFact{Team: i + 1, Err: "away"}
				}
			}
			stored.store(s.sweep(facts...))
			m := moment{at: s.now}
			for i := range 2 {
				if facts[i].Err == "" && len(s.team(i+1).Members) > 0 {
					m.lanes[i] = s.team(i + 1).Lanes
				}
			}
			shown = append(shown, m)
		}

		stored.check(t, 2, 5)
		lanes := map[[2]int]spanLog{}
		for key, span := range stored {
			k := [2]int{span.Team, int(span.Partition)}
			if lanes[k] == nil {
				lanes[k] = spanLog{}
			}
			lanes[k][key] = span
		}
		for _, m := range shown {
			for i, seen := range m.lanes {
				for _, l := range seen {
					got := lanes[[2]int{i + 1, int(l.Partition)}].at(i+1, l.Partition, m.at)
					want := says(Span{Owner: l.Owner, State: state(l)})
					// An owner's silence is detected later, and recorded from its beginning.
					if silent := l.Owner != nil && got == LaneSilent+" "+*l.Owner && state(l) == LaneOwned; got != want && !silent {
						t.Fatalf("seed %d, team %d, partition %d at %v: the lane showed %q, the history has %q", seed, i+1, l.Partition, m.at, want, got)
					}
				}
			}
		}
	}
}

func state(l Lane) string {
	switch {
	case l.Moving:
		return LaneMoving
	case l.Owner == nil:
		return LaneFree
	case l.SilentSince != nil:
		return LaneSilent
	}
	return LaneOwned
}

func TestTheHistoryGoesOnInTheNextRound(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	stored := spanLog{}
	stored.store(s.sweep(stable(1, "a:0,1,2,3,4")))
	s.after(time.Minute)
	c := s.room.Begin(s.now)
	stored.store(c.Changes)
	s.do(c)
	began := s.now
	stored.store(s.after(time.Minute).sweep(stable(1, "a:0,1,2,3,4")))
	stored.check(t, 1, 5)
	spans := stored.of(1, 0)
	if len(spans) != 2 || spans[0].Round != 1 || !spans[0].To.Equal(began) || spans[1].Round != 2 || !spans[1].From.Equal(began) || spans[1].To != nil {
		t.Errorf("%+v", spans)
	}
	if got := s.team(1).History.All(); len(got) != 5 || got[0].Round != 2 {
		t.Errorf("the row has %+v", got)
	}
}

func TestWhatNobodyWatchedIsNotTold(t *testing.T) {
	for _, away := range []time.Duration{4 * time.Second, time.Minute} {
		s := newStage(t, workshop.ScaleUp, 1)
		stored := spanLog{}
		c := s.sweep(stable(1, "a:0,1,2,3,4"))
		stored.store(c)
		s.saved.WatchedAt = *c.WatchedAt
		for _, span := range stored {
			s.saved.Spans = append(s.saved.Spans, span)
		}

		last := s.now
		s.after(away).restart()
		stored.store(s.sweep(stable(1, "a:0,1,2,3,4")))
		stored.check(t, 1, 5)
		spans := stored.of(1, 2)
		between := stored.at(1, 2, last.Add(away/2))
		if away < watchGap && (len(spans) != 1 || between != "owned a") {
			t.Errorf("away for %v: %+v", away, spans)
		}
		if away > watchGap && (between != "" || stored.at(1, 2, s.now) != "owned a") {
			t.Errorf("away for %v, and the history says %q of the time between", away, between)
		}
	}

	s := newStage(t, workshop.ScaleUp, 1)
	stored := spanLog{}
	stored.store(s.sweep(stable(1, "a:0,1,2,3,4")))
	for range 100 { // Kafka is unavailable
		s.after(time.Second)
		stored.store(s.room.Sweep(Sweep{At: s.now, Err: "no broker"}))
	}
	if got := stored.at(1, 0, s.now); got != "" {
		t.Errorf("Kafka has been away for 100 s, and the history says %q", got)
	}
}

func TestStillnessIsCountedByAssignor(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 2)
	server := func(g GroupFact) GroupFact { g.Protocol = "consumer"; return g }
	s.sweep(stable(1, "a:0,1,2,3,4"), server(stable(2, "a:0,1,2,3,4")))
	s.after(10*time.Second).sweep(group(1, "PreparingRebalance", "a:0,1,2,3,4 b:"), server(stable(2, "a:0,1,2,3,4")))
	g := server(group(2, "Reconciling", "a:0,1,2 b:"))
	g.Movers = []int32{3, 4}
	s.after(2*time.Second).sweep(stable(1, "a:0,1,2 b:3,4"), g)
	s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4"), server(stable(2, "a:0,1,2 b:3,4")))

	got := s.room.Stillness(s.now)
	want := []Stillness{
		{Assignor: "range", Rebalance: 10, Owned: 55, Stops: 1}, // five lanes for two seconds
		{Assignor: "server", Rebalance: 2, Owned: 63, Stops: 1}, // two lanes for a second
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestATeamHasABoundedHistory(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	for i := range 2 * maxSpans / 5 {
		s.after(time.Second).sweep(stable(1, []string{"a:0,1,2,3,4", "b:0,1,2,3,4"}[i%2]))
	}
	if n := len(s.team(1).History.All()); n < maxSpans || n > maxSpans+10 {
		t.Errorf("%d spans", n)
	}
}

// The board shows lanes of a new topic before anything is known of it, and so does the history.
func TestTheHistoryBeginsWithTheLanes(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.room.Sweep(Sweep{At: s.now, Topic: TopicFact{Err: "unknown topic"}, Groups: []GroupFact{stable(1, "a:0,1,2,3,4")}})
	row := s.team(1)
	if len(row.Lanes) != 5 || row.Lanes[4].Owner == nil {
		t.Fatalf("the board shows %+v", row.Lanes)
	}
	if got := row.History.Lasting; len(got) != 5 || *got[4].Owner != "a" {
		t.Errorf("the history has %+v", got)
	}
}
