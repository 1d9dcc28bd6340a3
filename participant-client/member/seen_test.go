package member

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Whatever order batches come in, as many count as repeated as a set of offsets says, and the ranges
// stay few: ordered and apart.
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
			if got := s.add(3, first, next); got != want {
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
