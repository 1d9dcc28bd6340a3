package member

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// In whatever order batches come, seen counts as many repeated records as a set of offsets does, and its ranges stay
// few, ordered and apart.
func TestSeenCountsWhatWasSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, set := newSeen(), map[int64]bool{}
		for range rapid.IntRange(1, 30).Draw(t, "batches") {
			first := rapid.Int64Range(0, 100).Draw(t, "first")
			next := first + rapid.Int64Range(1, 40).Draw(t, "length")
			want := int64(0)
			for o := first; o < next; o++ {
				if set[o] {
					want++
				}
				set[o] = true
			}
			if got := s.add(3, first, next)[""]; got != want {
				t.Fatalf("[%d,%d) repeats %d, want %d", first, next, got, want)
			}
		}
		total := 0
		for i, sp := range s.ranges[3] {
			total += int(sp.next - sp.first)
			if i > 0 && s.ranges[3][i-1].next >= sp.first {
				t.Fatalf("ranges touch: %v", s.ranges[3])
			}
		}
		if total != len(set) {
			t.Fatalf("ranges hold %d offsets, want %d", total, len(set))
		}
	})
}

// A cause explains the earlier records that are read again, once, and none that are read again later.
func TestEachDuplicateHasItsOwnCause(t *testing.T) {
	s := newSeen()
	read := func(first, next int64) map[string]int64 { return s.add(0, first, next) }
	check := func(what string, got, want map[string]int64) {
		t.Helper()
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}

	read(0, 100)
	s.addCause(Crashed, 0, 100)
	check("after the crash", read(80, 120), map[string]int64{Crashed: 20})
	check("later, with nothing known", read(110, 120), map[string]int64{"": 10})

	s.addCause(Crashed, 0, 120)
	s.resume(0, 120)
	check("a crash after which nothing came again", read(100, 120), map[string]int64{"": 20})

	s.addRewind(0)
	check("the beginning of a rewind", read(0, 30), map[string]int64{Rewound: 30})
	s.addCause("", 0, 30)
	check("lost on the way", read(20, 60), map[string]int64{"": 10, Rewound: 30})
	check("the rest of the rewind", read(60, 130), map[string]int64{Rewound: 60})

	s.addCause(Crashed, 1, 50)
	check("a crash of another partition", read(0, 50), map[string]int64{"": 50})

	s.commit(0, 130)
	s.resume(0, 90)
	check("set back by somebody else", read(90, 130), map[string]int64{Rewound: 40})
	s.resume(0, 95)
	check("set back to there, and no further", read(95, 130), map[string]int64{"": 35})
}

func TestBudget(t *testing.T) {
	b := newBudget(10)
	var got []int
	for _, n := range []int{4, 4, 4, 4} {
		granted, last := b.take(n)
		got = append(got, granted)
		if last != (len(got) >= 3) {
			t.Errorf("last is %v after %v", last, got)
		}
	}
	if !slices.Equal(got, []int{4, 4, 2, 0}) {
		t.Errorf("granted %v", got)
	}
}
