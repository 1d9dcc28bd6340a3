package story

import (
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/member"
)

func TestTotalsSurviveMembersThatComeAndGo(t *testing.T) {
	m := newMemory(config())
	see := func(members ...member.Status) Scene {
		return m.scene(member.Snapshot{At: nine, Members: members}, nil)
	}
	see(member.Status{Instance: 1, Records: 100, Duplicates: 3})
	see(member.Status{Instance: 1, Records: 150, Duplicates: 3})
	see()
	s := see(member.Status{Instance: 1, Records: 20, Duplicates: 1}) // a new member with the old number
	if s.Read != 170 || s.Twice != 4 {
		t.Errorf("read %d, twice %d; want 170 and 4", s.Read, s.Twice)
	}
}

func TestColoursStayWithTheirMembers(t *testing.T) {
	m := newMemory(config())
	colours := func(board map[string]int, ids ...string) []int {
		seen := member.GroupView{}
		for _, id := range ids {
			seen.Members = append(seen.Members, group.Member{ID: id, ClientID: id, Host: "h"})
		}
		var out []int
		for _, a := range m.scene(member.Snapshot{At: nine, Group: seen}, board).Members {
			out = append(out, a.Colour)
		}
		return out
	}
	if got := colours(nil, "a", "b", "c"); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("first %v", got)
	}
	if got := colours(nil, "b", "c"); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("after a left %v", got)
	}
	if got := colours(nil, "b", "c", "d"); !slices.Equal(got, []int{1, 2, 0}) {
		t.Errorf("the lowest free is not given: %v", got)
	}
	if got := colours(map[string]int{"d": 5}, "b", "c", "d"); !slices.Equal(got, []int{1, 2, 5}) {
		t.Errorf("the leaderboard's does not win: %v", got)
	}
}

func TestMeter(t *testing.T) {
	var m meter
	got := 0.0
	for i := range 50 {
		got = m.add(nine.Add(time.Duration(i)*100*time.Millisecond), int64(i)*20)
	}
	if got < 199 || got > 201 {
		t.Errorf("%f a second, want 200", got)
	}
	if got := m.add(nine.Add(5*time.Second), 3); got != 0 {
		t.Errorf("%f a second after a rewind, want 0", got)
	}
}
