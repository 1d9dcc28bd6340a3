package look

import (
	"fmt"
	"maps"
	"testing"
)

func TestMembersKeepTheirColours(t *testing.T) {
	colours := map[string]int{}
	AssignColours(colours, []string{"a", "b", "c"}, nil)
	if want := map[string]int{"a": 0, "b": 1, "c": 2}; !maps.Equal(colours, want) {
		t.Errorf("first: %v", colours)
	}

	AssignColours(colours, []string{"0", "a", "c"}, nil) // b is gone, and its colour is the lowest free one
	if want := map[string]int{"0": 1, "a": 0, "c": 2}; !maps.Equal(colours, want) {
		t.Errorf("after a change: %v", colours)
	}

	AssignColours(colours, []string{"0", "a", "c", "d"}, map[string]int{"a": 5, "d": 0, "z": 3})
	if want := map[string]int{"0": 1, "a": 5, "c": 2, "d": 0}; !maps.Equal(colours, want) {
		t.Errorf("with the board's: %v", colours)
	}
}

func TestTheNinthMemberSharesAColour(t *testing.T) {
	var present []string
	for i := range 9 {
		present = append(present, fmt.Sprint(i))
	}
	colours := map[string]int{}
	AssignColours(colours, present, map[string]int{"3": 3})
	if colours["7"] != 7 || colours["8"] != 0 {
		t.Errorf("%v", colours)
	}
}
