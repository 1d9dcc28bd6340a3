package game

import (
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// lost returns a team of a and b whose b is gone: a owns everything, but has not continued where b stopped.
func lost(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10).sweep(stable(1, "a:0,1,2 b:3,4", 10, 10, 10, 10, 10))
	s.after(time.Second).produce(10).sweep(stable(1, "a:0,1,2,3,4", 20, 20, 20, 10, 10))
	if len(s.room.teams[0].Gone) != 1 {
		t.Fatalf("gone: %+v", s.room.teams[0].Gone)
	}
	return s
}

func (s *stage) tolerant() bool { return s.room.teams[0].has(FaultTolerant) }

func TestFaultToleranceIsProvedWithinAMinuteBySettledAnswers(t *testing.T) {
	s := lost(t)
	s.after(59 * time.Second).sweep(stable(1, "a:0,1,2,3,4", 20, 20, 20, 20, 20))
	if !s.tolerant() {
		t.Error("taken over and read on within 59 s, and not given")
	}

	s = lost(t)
	s.after(time.Second).sweep(group(1, "PreparingRebalance", "a: c:", 20, 20, 20, 20, 20))
	if s.tolerant() {
		t.Error("given while the group rebalances, by who owned before")
	}
	s.after(time.Second).sweep(stable(1, "a:0,1,2 c:3,4", 20, 20, 20, 20, 20))
	if s.tolerant() {
		t.Error("given to a newcomer")
	}
}

func TestFaultToleranceIsNotProvedByOldCommits(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10).sweep(stable(1, "a:0,1,2 b:3,4", 10, 10, 10, 10, 10))
	s.after(time.Second).sweep(stable(1, "a:0,1,2,3 c:4", 10, 10, 10, 10, 10))
	g := stable(1, "a:0,1,2,3,4 c:")
	g.CommitErr = "no answer"
	s.after(time.Second).sweep(g)
	if s.tolerant() {
		t.Error("given though the commits were not answered for")
	}
	s.after(time.Second).sweep(stable(1, "a:0,1,2,3,4 c:", 10, 10, 10, 10, 10))
	if !s.tolerant() {
		t.Error("not given once they were")
	}
}

// The minute begins when the member is first missing, not at the end of the rebalance.
func TestFaultToleranceCountsFromTheLoss(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10).sweep(stable(1, "a:0,1,2 b:3,4", 10, 10, 10, 10, 10))
	s.after(time.Second).produce(10).sweep(group(1, "PreparingRebalance", "a:", 10, 10, 10, 10, 10))
	s.after(50 * time.Second).sweep(stable(1, "a:0,1,2,3,4", 20, 20, 20, 10, 10))
	s.after(11 * time.Second).sweep(stable(1, "a:0,1,2,3,4", 20, 20, 20, 20, 20))
	if s.tolerant() {
		t.Error("given 61 s after the loss")
	}
}

func TestNothingWaitsForSurvivorsWhenThereAreNone(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10).sweep(stable(1, "a:0,1,2 b:3,4", 10, 10, 10, 10, 10))
	s.after(time.Second).sweep(stable(1, "c:0,1,2,3,4", 10, 10, 10, 10, 10))
	if gone := s.room.teams[0].Gone; gone != nil {
		t.Errorf("it waits on %+v, and nobody of that view is left", gone)
	}
}

func TestTheMinuteIsNoLongerAfterTheClockWasSetBack(t *testing.T) {
	s := lost(t)
	s.after(-time.Hour).restart()
	s.after(61 * time.Second).sweep(stable(1, "a:0,1,2,3,4", 20, 20, 20, 20, 20))
	if s.tolerant() {
		t.Error("given 61 s after the restart")
	}
}
