package game

import (
	"errors"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

func testSheet() workshop.Sheet {
	auto, two := workshop.SpotlightAuto, workshop.Spotlight(2)
	return workshop.Sheet{Steps: []workshop.Step{
		{Title: "Join", Say: "{partitions} partitions wait", Minutes: 10, Spotlight: &auto},
		{Title: "Scale", Say: "Look at {team}", Minutes: 5, Spotlight: &two},
		{Title: "Sprint", Say: "Hidden now", Minutes: 1, Freeze: true},
		{Title: "Reveal", Say: "From the last place up", Minutes: 1, Reveal: true},
	}}
}

func (s *stage) goTo(step int) {
	s.t.Helper()
	c, err := s.room.GoToStep(s.now, step)
	if err != nil {
		s.t.Fatal(err)
	}
	s.do(c)
	if c.Changes.Position != nil {
		s.saved.Position = *c.Changes.Position
	}
	if c.Changes.Message != nil {
		s.saved.Message = *c.Changes.Message
	}
}

func TestAStepSetsLineSpotlightAndCountdown(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 3)
	s.room.UseSheet(testSheet())
	if b, _ := s.room.Boards(); b.Step != nil || b.Spotlight != 0 {
		t.Fatalf("before the first step: %+v", b.Step)
	}

	s.goTo(1)
	b, _ := s.room.Boards()
	if b.Message != "5 partitions wait" || *b.Step != (StepProgress{1, 4, "Join", workshop.At(t0.Add(10 * time.Minute))}) {
		t.Errorf("%q, %+v", b.Message, b.Step)
	}

	s.after(time.Minute).goTo(2)
	if b, _ := s.room.Boards(); b.Message != "Look at team-2" || b.Spotlight != 2 {
		t.Errorf("%q, spotlight on %d", b.Message, b.Spotlight)
	}

	s.goTo(3)
	if b, _ := s.room.Boards(); !b.Frozen || b.Spotlight != 2 || b.Message != "Hidden now" {
		t.Errorf("frozen: %v, spotlight on %d, %q", b.Frozen, b.Spotlight, b.Message)
	}
	s.goTo(4)
	if b, _ := s.room.Boards(); b.Frozen {
		t.Error("a reveal with nothing to reveal leaves the board frozen")
	}
}

func TestAStepIsExtended(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 3)
	s.room.UseSheet(testSheet())
	if _, err := s.room.ExtendStep(s.now, time.Minute); !errors.Is(err, ErrNoStep) {
		t.Errorf("before the first step: %v", err)
	}
	s.goTo(1)
	extend := func(by time.Duration, want time.Time) {
		t.Helper()
		c, err := s.room.ExtendStep(s.now, by)
		if err != nil {
			t.Fatal(err)
		}
		s.do(c)
		if got := s.room.Sheet().EndsAt; !got.Equal(want) {
			t.Errorf("it ends at %v, want %v", got, want)
		}
	}
	extend(time.Minute, t0.Add(11*time.Minute))
	extend(-2*time.Minute, t0.Add(9*time.Minute))
	s.after(20 * time.Minute)
	extend(time.Minute, t0.Add(21*time.Minute))
}

func TestThePositionSurvivesARestart(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 3)
	s.room.UseSheet(testSheet())
	s.goTo(2)
	s.restart()
	s.room.UseSheet(testSheet())
	if b, _ := s.room.Boards(); b.Step == nil || b.Step.Number != 2 || b.Spotlight != 2 {
		t.Errorf("%+v, spotlight on %d", b.Step, b.Spotlight)
	}

	s.restart()
	s.room.UseSheet(workshop.Sheet{Steps: testSheet().Steps[:1]})
	if b, _ := s.room.Boards(); b.Step != nil {
		t.Errorf("with a shorter sheet: %+v", b.Step)
	}
}

func TestStepsThatAreNone(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 3)
	s.room.UseSheet(testSheet())
	for _, n := range []int{-1, 0, 5} {
		if _, err := s.room.GoToStep(s.now, n); !errors.Is(err, ErrNoStep) {
			t.Errorf("step %d: %v", n, err)
		}
	}
	if _, err := s.room.SetSpotlight(s.now, 4); !errors.Is(err, ErrNoTeam) {
		t.Errorf("team 4 of 3: %v", err)
	}
}

func TestTheSpotlightFollowsWhatHappens(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 3)
	auto := func() int { b, _ := s.room.Boards(); return b.Spotlight }
	c, err := s.room.SetSpotlight(s.now, workshop.SpotlightAuto)
	if err != nil {
		t.Fatal(err)
	}
	s.do(c)
	s.sweep(stable(1, ""), stable(2, ""), stable(3, ""))
	if auto() != 0 {
		t.Errorf("nobody is here, and the spotlight is on team %d", auto())
	}

	s.after(time.Second).sweep(stable(1, ""), stable(2, "a:0,1,2,3,4"), stable(3, ""))
	if auto() != 2 {
		t.Errorf("team 2 joined, and the spotlight is on team %d", auto())
	}
	s.after(time.Second).sweep(stable(1, "b:0,1,2,3,4"), stable(2, "a:0,1,2,3,4"), stable(3, ""))
	if auto() != 2 {
		t.Errorf("the spotlight left team 2 after a second, for team %d", auto())
	}
	s.after(time.Second).sweep(stable(1, "b:0,1,2,3,4"), stable(2, "a:0,1,2,3,4"), group(3, "PreparingRebalance", "c:"))
	if auto() != 3 {
		t.Errorf("team 3 rebalances, and the spotlight is on team %d", auto())
	}
	seen := map[int]bool{}
	for range 20 {
		s.after(5*time.Second).sweep(stable(1, "b:0,1,2,3,4"), stable(2, "a:0,1,2,3,4"), stable(3, "c:0,1,2,3,4"))
		seen[auto()] = true
	}
	if len(seen) != 3 {
		t.Errorf("nothing happens, and the spotlight shows only %v", seen)
	}
}
