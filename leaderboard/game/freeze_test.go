package game

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

func (s *stage) freeze() {
	s.t.Helper()
	act, err := s.room.Freeze(s.now)
	if err != nil {
		s.t.Fatal(err)
	}
	s.do(act)
}

func TestNothingOfTheScoreIsSeenBehindTheFreeze(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.sweep(stable(1, "a:0,1,2 b:3,4"))
	s.scores(Work{Team: 1, Accepted: 1, Meeting: 2, Found: 1})
	was, _ := s.room.Boards()
	s.freeze()

	// when the team works on, and the instructor removes a badge
	s.after(time.Second)
	s.scores(Work{Team: 1, Accepted: 8, Rejected: 2, Meeting: 10, Found: 8})
	act, err := s.room.RemoveBadge(s.now, 1, Scaled)
	if err != nil {
		t.Fatal(err)
	}
	s.do(act)

	// then the room sees what it saw before
	room, truth := s.room.Boards()
	before, one := was.Teams[0], room.Teams[0]
	if !reflect.DeepEqual(one.Recall, before.Recall) || !reflect.DeepEqual(one.Precision, before.Precision) || one.Actions != before.Actions || one.Points != before.Points {
		t.Errorf("the room sees %+v, it saw %+v", one, before)
	}
	for _, e := range one.Events {
		if strings.Contains(e.Text, "loses") {
			t.Errorf("the room sees %q", e.Text)
		}
	}
	if *truth.Teams[0].Recall != 0.8 || truth.Teams[0].Points >= before.Points {
		t.Errorf("the truth is %+v", truth.Teams[0])
	}
}

func TestATeamThatIsAddedBehindTheFreezeShowsNoScore(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.freeze()
	room, err := NewRoom(workshop.Room{Lesson: workshop.ScaleUp, Teams: 2}, s.saved, s.now)
	if err != nil {
		t.Fatal(err)
	}
	s.room = room
	s.after(time.Second).sweep(stable(1, "a:0"), stable(2, "b:0,1 c:2,3,4"))

	public, truth := s.room.Boards()
	if got := public.Teams[1]; got.Points != 0 || len(got.Badges) != 0 {
		t.Errorf("the room sees %d points, %v", got.Points, got.Badges)
	}
	if truth.Teams[1].Points == 0 {
		t.Error("the truth has none either")
	}
}

func TestANewRoundShowsTheBoardAtOnce(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.freeze()
	s.do(s.room.Begin(s.now))
	if room, _ := s.room.Boards(); room.Frozen {
		t.Error("frozen in a new round")
	}
}
