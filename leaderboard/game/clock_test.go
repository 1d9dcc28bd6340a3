package game

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// The stored times are from a clock that ran an hour ahead; after the restart, the clock is right.
func TestAClockThatWasSetBackHoldsNothingUp(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.after(time.Hour)
	six := stable(1, "a:0 b:1 c:2 d:3 e:4 f:", 1, 1, 1, 1, 1)
	s.sweep(six)
	s.after(time.Second).sweep(stable(1, "a:0 b:1 c:2 d:3 e:4", 1, 1, 1, 1, 1))
	s.after(time.Second).sweep(six) // spare begins to count
	s.after(-time.Hour).restart()
	s.sweep(six)
	s.after(6 * time.Second).sweep(six)
	s.wants(1, Connected, Scaled, FullHouse, Spare)

	// And partitions of a member that left under the wrong clock are taken over under the right one.
	five := stable(1, "a:0 b:1 c:2 d:3 e:4", 1, 1, 1, 1, 1)
	s.after(time.Hour).sweep(five)
	s.produce(10).after(time.Second).sweep(stable(1, "a:0 b:1 c:2 d:3", 5, 5, 5, 5, 5))
	s.after(-time.Hour).restart()
	s.after(time.Second).sweep(stable(1, "a:0,4 b:1 c:2 d:3", 9, 9, 9, 9, 9))
	s.wants(1, Connected, Scaled, FaultTolerant, FullHouse, Spare)
}

// What happens after the freeze stays hidden, even if the clock is set back.
func TestAClockThatIsSetBackLeaksNothingOfAFrozenBoard(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.after(time.Hour).sweep(stable(1, "a:0,1,2,3,4"))
	act, err := s.room.Freeze(s.now)
	if err != nil {
		t.Fatal(err)
	}
	s.do(act)
	s.after(-time.Hour).sweep(stable(1, "a:0,1,2 b:3,4"))
	room, truth := s.room.Boards()
	text, err := json.Marshal(room.Teams[0].Events)
	if err != nil || strings.Contains(string(text), "scale") {
		t.Errorf("the room sees %s %v", text, err)
	}
	if truth.Teams[0].Points != 220 {
		t.Errorf("the truth is %d points", truth.Teams[0].Points)
	}
}
