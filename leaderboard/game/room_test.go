package game

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

var t0 = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// A stage applies facts to a room and stores its changes at once.
type stage struct {
	t     testing.TB
	room  *Room
	now   time.Time
	start []int64 // of the log; nil for 0
	end   []int64
	id    string
	load  *LoadFact
	won   []Award
	saved Saved
}

func newStage(t testing.TB, lesson workshop.Lesson, teams int) *stage {
	t.Helper()
	s := &stage{t: t, now: t0, id: "aa", end: make([]int64, lesson.Partitions)}
	room, err := NewRoom(workshop.Room{Lesson: lesson, Teams: teams}, Saved{}, t0)
	if err != nil {
		t.Fatal(err)
	}
	s.room = room
	s.saved = Saved{States: map[int]json.RawMessage{}, Names: map[int]string{}}
	s.do(room.Begin(t0))
	return s
}

func (s *stage) do(a Command) {
	a.Apply()
	s.store(a.Changes)
}

// store stores changes as a database would.
func (s *stage) store(c Changes) {
	s.t.Helper()
	s.room.Stored(c)
	s.won = append(s.won, c.Awards...)
	if c.Begin != nil && c.Begin.Number != s.saved.Round.Number {
		s.saved.Awards, s.saved.Events, s.saved.States = nil, nil, map[int]json.RawMessage{}
		s.saved.Predictions = nil
	}
	if c.Begin != nil {
		s.saved.Round = *c.Begin
	}
	s.saved.Awards = append(s.saved.Awards, c.Awards...)
	for team, text := range c.States {
		s.saved.States[team] = text
	}
	if c.Scores != nil {
		s.saved.Scores = *c.Scores
	}
	if c.Freeze != nil {
		s.saved.Frozen = c.Freeze
	}
	if c.Reveal {
		s.saved.Frozen = nil
	}
	for team, name := range c.Names {
		s.saved.Names[team] = name
	}
	for _, p := range c.Predictions {
		s.saved.LastPrediction = max(s.saved.LastPrediction, p.ID)
		s.saved.Predictions = slices.DeleteFunc(s.saved.Predictions, func(old Prediction) bool { return old.ID == p.ID })
		if p.Round == s.saved.Round.Number {
			s.saved.Predictions = append(s.saved.Predictions, p)
		}
	}
	if c.Podium != nil {
		s.saved.Podium = *c.Podium
	}
	for _, p := range c.Predictions {
		s.saved.LastPrediction = max(s.saved.LastPrediction, p.ID)
		s.saved.Predictions = append(slices.DeleteFunc(s.saved.Predictions, func(o Prediction) bool { return o.ID == p.ID }), written(s.t, p))
	}
	for _, e := range c.Events {
		s.saved.NextID = max(s.saved.NextID, e.ID+1)
		s.saved.Events = append(s.saved.Events, e)
	}
}

// written returns a prediction as a database returns it.
func written(t testing.TB, p Prediction) (out Prediction) {
	t.Helper()
	text, err := json.Marshal(p)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// restart starts a new process that continues from what is stored.
func (s *stage) restart() {
	s.t.Helper()
	room, err := NewRoom(s.room.setup, s.saved, s.now)
	if err != nil {
		s.t.Fatal(err)
	}
	s.room = room
}

func (s *stage) after(d time.Duration) *stage { s.now = s.now.Add(d); return s }

// produce adds n records to each partition.
func (s *stage) produce(n int64) *stage {
	s.end = slices.Clone(s.end)
	for p := range s.end {
		s.end[p] += n
	}
	return s
}

func (s *stage) sweep(groups ...GroupFact) Changes {
	s.t.Helper()
	start := make([]int64, len(s.end))
	copy(start, s.start)
	c := s.room.Sweep(Sweep{
		At: s.now, Groups: groups, Load: s.load,
		Topic: TopicFact{Name: "new_users", ID: s.id, Start: start, End: slices.Clone(s.end)},
	})
	s.store(c)
	return c
}

func (s *stage) scores(works ...Work) Changes {
	s.t.Helper()
	c := s.room.Scores(Scores{At: s.now, Round: s.room.round.Number, Teams: works})
	s.store(c)
	return c
}

func (s *stage) team(n int) Team {
	_, truth := s.room.Boards()
	return truth.Teams[n-1]
}

// wants fails unless the team has exactly these badges.
func (s *stage) wants(team int, ids ...string) {
	s.t.Helper()
	var got []string
	for _, e := range s.team(team).Badges {
		got = append(got, e.Badge)
	}
	if !slices.Equal(got, ids) {
		s.t.Fatalf("team %d has %v, want %v", team, got, ids)
	}
}

// stable returns a settled group: "A:0,1,2 B:3,4 C:" with the commits.
func stable(team int, members string, commits ...int64) GroupFact {
	return group(team, "Stable", members, commits...)
}

func group(team int, state, members string, commits ...int64) GroupFact {
	g := GroupFact{Team: team, Name: workshop.TeamID(team), State: state, Protocol: "classic", Assignor: "range"}
	for _, text := range strings.Fields(members) {
		id, owned, _ := strings.Cut(text, ":")
		m := MemberFact{ID: id, ClientID: "client-" + id, Host: "10.0.0.1", OnTopic: true}
		for _, p := range strings.Split(owned, ",") {
			var n int32
			if _, err := fmt.Sscan(p, &n); err == nil {
				m.Partitions = append(m.Partitions, n)
			}
		}
		g.Members = append(g.Members, m)
	}
	for p, c := range commits {
		if g.Committed == nil {
			g.Committed = map[int32]int64{}
		}
		if c >= 0 {
			g.Committed[int32(p)] = c
		}
	}
	return g
}

func empty(team int, commits ...int64) GroupFact { return group(team, "Empty", "", commits...) }
