package game

import (
	"maps"
	"testing"

	"pgregory.net/rapid"
)

// Two members may name the same partition for a while, and a member may name one that the topic does not have.
func TestOwnersAreThoseOfOwnership(t *testing.T) {
	members := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) seenMember {
		return seenMember{
			ID:         rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(rt, "id"),
			Partitions: rapid.SliceOfN(rapid.SampledFrom([]int32{0, 1, 2, 77}), 0, 3).Draw(rt, "partitions"),
		}
	}), 0, 4)
	rapid.Check(t, func(rt *rapid.T) {
		was, now := members.Draw(rt, "was"), members.Draw(rt, "now")
		want := ownership(now)
		for _, p := range []int32{0, 1, 2, 3, 77} {
			id, owned := want[p]
			if m := ownerOf(now, p); (m != nil) != owned || owned && m.ID != id {
				rt.Errorf("P%d is owned by %+v, want %q", p, m, id)
			}
		}
		if n := owned(now); n != len(want) {
			rt.Errorf("%d partitions have owners, want %d", n, len(want))
		}
		if same := sameOwners(was, now); same != maps.Equal(ownership(was), want) {
			rt.Errorf("the owners are the same: %t", same)
		}
	})
}
