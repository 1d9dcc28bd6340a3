package score

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestIndexIsAMapThatForgetsTheOldest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 40).Draw(t, "most")
		x := newIndex(most)
		x.table = make([]uint32, 4) // so that it grows, and probes collide
		model := map[string]int64{}
		var order []string
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 120), 0, 300).Draw(t, "users") {
			email := fmt.Sprint(n)
			_, known := model[email]
			_, evicted, ok := x.add(email, 0, int64(n))
			if ok == known {
				t.Fatalf("add %s: %v, known: %v", email, ok, known)
			}
			if !ok {
				continue
			}
			if evicted >= 0 {
				for _, old := range order[:x.block] {
					delete(model, old)
				}
				order = order[x.block:]
			}
			model[email] = int64(n)
			order = append(order, email)
		}
		for n := range 121 {
			slot, ok := x.find(fmt.Sprint(n))
			if want, known := model[fmt.Sprint(n)]; ok != known || ok && x.madeAt(slot) != want {
				t.Fatalf("find %d: %v, want %v", n, ok, known)
			}
		}
		live := 0
		x.slots(func(int) { live++ })
		if live != len(model) || live > max(most, 2) {
			t.Fatalf("%d live slots of %d, the model has %d", live, most, len(model))
		}
	})
}

// Times of users from long before or long after the first one are clamped to the earliest or the latest time that an index
// can store.
func TestIndexBoundsTimes(t *testing.T) {
	first := epoch.UnixMilli()
	x := newIndex(100)
	x.add("first", 0, first)
	for _, c := range []struct {
		email      string
		made, want int64
	}{
		{"an hour before", first - 3_600_000, first - 3_600_000},
		{"a year before", first - 365*86_400_000, first - 86_400_000 + 1},
		{"a month after", first + 30*86_400_000, first + 30*86_400_000},
		{"a year after", first + 365*86_400_000, first - 86_400_000 + math.MaxUint32},
		{"a round before", beforeRound, beforeRound},
	} {
		if slot, _, _ := x.add(c.email, 0, c.made); x.madeAt(slot) != c.want {
			t.Errorf("%s: %d, want %d", c.email, x.madeAt(slot), c.want)
		}
	}
}
