package game

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// podium returns what the room sees, as "3: team-2 160 team-1 100", or "" for none.
func (s *stage) podium() string {
	s.t.Helper()
	public, truth := s.room.Boards()
	if (public.Podium == nil) != (truth.Podium == nil) {
		s.t.Fatal("the room and the instructor see different podiums")
	}
	if public.Podium == nil {
		return ""
	}
	out := fmt.Sprint(public.Podium.Round, ":")
	for i, p := range public.Podium.Places {
		if p.Rank != i+1 {
			s.t.Errorf("place %d has rank %d", i, p.Rank)
		}
		out += fmt.Sprintf(" %s %d", p.Name, p.Points)
	}
	return out
}

func (s *stage) wantsPodium(want string) {
	s.t.Helper()
	if got := s.podium(); got != want {
		s.t.Errorf("the podium is %q, want %q", got, want)
	}
}

func TestTheRevealEndsInAPodiumThatStaysUntilItIsDismissed(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 5)
	s.sweep(stable(1, "a:0,1,2,3,4"), stable(2, "b:0,1,2,3,4"), stable(3, "c:0,1,2,3,4"), stable(4, "d:0,1,2,3,4"))
	if _, err := s.room.DismissPodium(s.now); !errors.Is(err, ErrNoPodium) {
		t.Fatalf("dismissed without one: %v", err)
	}
	s.freeze()
	s.after(time.Minute).sweep(stable(2, "b:0,1 e:2,3,4"))
	s.wantsPodium("")

	s.reveal(RevealNext)
	for s.room.frozen != nil {
		s.wantsPodium("")
		s.reveal(RevealNext)
	}
	const want = "1: team-2 220 team-1 110 team-3 110"
	s.wantsPodium(want)
	s.restart()
	s.wantsPodium(want)
	s.sweep(stable(1, "a:0,1 f:2,3,4"))
	s.wantsPodium(want)

	s.do(must(s.room.DismissPodium(s.now)))
	s.wantsPodium("")
	s.do(s.room.Begin(s.now)) // the round already had its podium
	s.wantsPodium("")
	s.restart()
	s.wantsPodium("")
}

func TestARoundThatEndsWithoutAFreezeHasAPodium(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 2)
	s.do(s.room.Begin(s.now)) // nobody has points: no podium
	s.wantsPodium("")
	s.sweep(stable(1, "a:0,1,2,3,4"))
	s.wantsPodium("")
	s.do(s.room.Begin(s.now))
	s.wantsPodium("2: team-1 110")
	s.restart()
	s.wantsPodium("2: team-1 110")
}

// The start of the next round does not show what a freeze hides.
func TestAFrozenRoundThatIsNotRevealedHasNoPodium(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.sweep(stable(1, "a:0,1,2,3,4"))
	s.freeze()
	s.do(s.room.Begin(s.now))
	s.wantsPodium("")
}
