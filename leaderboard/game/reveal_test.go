package game

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"

	"pgregory.net/rapid"
)

// score returns a row with badges, in the rules' order, earned the given number of seconds after t0.
func score(badgeAt map[string]int) FrozenRow {
	row := FrozenRow{Badges: []Earned{}}
	s := standing{}
	for _, b := range badges {
		if at, ok := badgeAt[b.ID]; ok {
			when := t0.Add(time.Duration(at) * time.Second)
			row.Badges = append(row.Badges, Earned{b.ID, b.Icon, workshop.At(when), false})
			s.add(Award{Badge: b.ID, At: when})
		}
	}
	row.Points = s.Points
	return row
}

func ranked(rows map[int]FrozenRow) map[int]FrozenRow {
	standings := []standing{}
	for n, row := range rows {
		s := standing{Team: n}
		for _, b := range row.Badges {
			s.add(Award{Badge: b.Badge, At: b.EarnedAt.Time, First: b.First})
		}
		standings = append(standings, s)
	}
	ranks := rankTeams(standings)
	for n, row := range rows {
		row.Rank = ranks[n]
		rows[n] = row
	}
	return rows
}

func TestTheRevealGoesFromTheLastPlaceUp(t *testing.T) {
	f := Frozen{
		Teams: ranked(map[int]FrozenRow{
			1: score(map[string]int{Connected: 1, FirstLoad: 9}),
			2: score(map[string]int{Connected: 2}),
			3: score(map[string]int{Connected: 3}),
		}),
		Reveal: &revealState{To: ranked(map[int]FrozenRow{
			1: score(map[string]int{Connected: 1, FirstLoad: 9, Spare: 30}),
			2: score(map[string]int{Connected: 2, Scaled: 21}),
			3: score(map[string]int{Connected: 3, Scaled: 20, FirstLoad: 22, FullHouse: 23}),
		})},
	}
	type line struct {
		team       int
		badge      string
		from, rank int
	}
	var got []line
	for _, s := range f.scene().steps {
		got = append(got, line{s.Team, s.Badge.Badge, s.From, s.Rank})
	}
	want := []line{
		{3, Scaled, 3, 2},    // team 3 climbs, and team 2 falls into its row:
		{2, Scaled, 3, 3},    // the same row again
		{3, FirstLoad, 2, 1}, // team 1 falls into the second row
		{1, Spare, 2, 2},
		{3, FullHouse, 1, 1},
	}
	if !slices.Equal(got, want) {
		t.Fatalf("steps %v, want %v", got, want)
	}
}

func drawRows(rt *rapid.T, teams int) map[int]FrozenRow {
	rows := map[int]FrozenRow{}
	for n := 1; n <= teams; n++ {
		at := map[string]int{}
		for _, b := range badges {
			if rapid.Bool().Draw(rt, "has") {
				at[b.ID] = rapid.IntRange(0, 50).Draw(rt, "at")
			}
		}
		rows[n] = score(at)
	}
	return ranked(rows)
}

// For any events during the freeze: each step shows one thing, of the lowest row that hides one; nothing else of the score is
// visible earlier; the end is the truth; a restart shows the same.
func TestARevealShowsOneThingAtATimeAndEndsWithTheTruth(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		teams := rapid.IntRange(1, 6).Draw(rt, "teams")
		before, to := drawRows(rt, teams), drawRows(rt, teams)
		f := Frozen{Teams: before, Reveal: &revealState{To: to}}
		steps := f.scene().steps
		was := f.scene().rows
		for n := range steps {
			f.Reveal = &revealState{To: to, Step: n + 1}
			stored, err := json.Marshal(f)
			if err != nil {
				rt.Fatal(err)
			}
			var again Frozen
			if err := json.Unmarshal(stored, &again); err != nil {
				rt.Fatal(err)
			}
			s := again.scene()
			changed := 0
			for team, row := range s.rows {
				for _, b := range row.Badges {
					if !containsEarned(before[team].Badges, b) && !containsEarned(to[team].Badges, b) {
						rt.Fatalf("step %d: team %d has %v, which it never had", n, team, b)
					}
				}
				if d := differences(row.Badges, was[team].Badges); d > 0 {
					changed += d
					if team != steps[n].Team {
						rt.Fatalf("step %d is of team %d and changes team %d", n, steps[n].Team, team)
					}
				}
			}
			if changed != 1 {
				rt.Fatalf("step %d shows %d things", n, changed)
			}
			for team, row := range was {
				if row.Rank > was[steps[n].Team].Rank && differences(row.Badges, to[team].Badges) > 0 {
					rt.Fatalf("step %d is of rank %d, and rank %d still hides something", n, was[steps[n].Team].Rank, row.Rank)
				}
			}
			was = s.rows
		}
		if !reflect.DeepEqual(jsonOf(rt, was), jsonOf(rt, to)) {
			rt.Fatalf("ends with %v, the truth is %v", was, to)
		}
	})
}

func jsonOf(rt *rapid.T, v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		rt.Fatal(err)
	}
	return string(out)
}

func differences(a, b []Earned) int {
	n := 0
	for _, x := range a {
		if !containsEarned(b, x) {
			n++
		}
	}
	for _, x := range b {
		if !containsEarned(a, x) {
			n++
		}
	}
	return n
}

func (s *stage) reveal(how string) {
	s.t.Helper()
	act, err := s.room.Reveal(s.now, how)
	if err != nil {
		s.t.Fatal(err)
	}
	s.do(act)
}

func (s *stage) points() []int {
	room, _ := s.room.Boards()
	var out []int
	for _, t := range room.Teams {
		out = append(out, t.Points)
	}
	return out
}

func TestARevealStepsForthAndBackPlaysAndSurvivesARestart(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 2)
	s.sweep(stable(1, "a:0,1,2,3,4"))
	act, err := s.room.Freeze(s.now)
	if err != nil {
		t.Fatal(err)
	}
	s.do(act)
	s.after(time.Second).sweep(stable(1, "a:0,1,2,3,4"), stable(2, "c:0,1 d:2,3,4"))
	is := func(want ...int) {
		t.Helper()
		if got := s.points(); !slices.Equal(got, want) {
			t.Fatalf("the room sees %v points, want %v", got, want)
		}
	}
	is(110, 0)
	s.reveal(RevealNext)
	is(110, 0)
	s.reveal(RevealNext)
	is(110, 100)
	s.reveal(RevealNext) // scaled, and first to do so
	is(110, 210)
	s.reveal(RevealBack)
	is(110, 100)
	s.restart()
	is(110, 100)
	if _, playing := s.room.RevealDelay(); playing {
		t.Error("it plays after a step by hand")
	}
	// Badges earned during the reveal are shown after it.
	s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4"), stable(2, "c:0,1 d:2,3,4"))
	is(110, 100)
	s.reveal(RevealPlay)
	s.restart()
	is(110, 100)
	if d, playing := s.room.RevealDelay(); !playing || d != revealPause {
		t.Errorf("it plays: %v, next after %v", playing, d)
	}
	s.store(s.room.AdvanceReveal(s.now))
	is(110, 210)
	if d, _ := s.room.RevealDelay(); d != climbPause {
		t.Errorf("a climb is looked at for %v", d)
	}
	room, truth := s.room.Boards()
	if room.Reveal == nil || room.Reveal.Step != 2 || room.Reveal.Next != "" || truth.Reveal.Next == "" || !room.Teams[1].Turn || !room.Frozen {
		t.Errorf("room %+v, truth %+v", room.Reveal, truth.Reveal)
	}
	if last := room.Ticker[len(room.Ticker)-1]; last.Text != "team-2 has Scaled: 210 points, from rank 2 to 1" {
		t.Errorf("the ticker says %q", last.Text)
	}
	s.store(s.room.AdvanceReveal(s.now))
	is(210, 210)
	s.restart()
	if room, _ := s.room.Boards(); room.Frozen || room.Reveal != nil {
		t.Error("frozen after the reveal")
	}
}

func TestAFreezeThatHidNothingIsLiftedAtOnce(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 2)
	act, err := s.room.Freeze(s.now)
	if err != nil {
		t.Fatal(err)
	}
	s.do(act)
	s.reveal(RevealPlay)
	if room, _ := s.room.Boards(); room.Frozen {
		t.Error("still frozen")
	}
}
