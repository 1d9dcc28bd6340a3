package inspect

import (
	"slices"
	"testing"

	"kafka-workshop/internal/group"
)

// The order is that of Kafka's tool. So is the lag, which includes records that retention deleted.
func TestRowsByMemberThenWithoutOwner(t *testing.T) {
	p := func(id int32) group.Partition { return group.Partition{Topic: "t", ID: id} }
	g := &group.Group{
		Name: "g",
		Members: []group.Member{
			{ID: "a"},
			{ID: "b", Assigned: group.Assignment{"t": {2}}},
			{ID: "c", Assigned: group.Assignment{"t": {1}}},
			{ID: "d", Assigned: group.Assignment{"t": {3, 4}}},
		},
		Offsets: map[group.Partition]group.Offsets{
			p(0): {Committed: 5, Start: 12, End: 20},
			p(1): {Committed: -1, Start: 0, End: 7},
			p(3): {Committed: 4, Start: 0, End: -1},
			p(9): {Committed: -1, Start: 0, End: 8},
		},
	}
	want := [][]string{
		{"g", "t", "3", "4", "-", "-", "d", "-", "-"},
		{"g", "t", "4", "-", "-", "-", "d", "-", "-"},
		{"g", "t", "1", "-", "7", "-", "c", "-", "-"},
		{"g", "t", "2", "-", "-", "-", "b", "-", "-"},
		{"g", "-", "-", "-", "-", "-", "a", "-", "-"},
		{"g", "t", "0", "5", "20", "15", "-", "-", "-"},
	}
	got := partitionTable(Rows(g)).lines
	if len(got) != len(want) {
		t.Fatalf("rows %+v", got)
	}
	for i := range want {
		if !slices.Equal(got[i].cells, want[i]) {
			t.Errorf("row %d\n got %q\nwant %q", i, got[i].cells, want[i])
		}
	}
}
