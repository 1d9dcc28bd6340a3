package board

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/leaderboard/game"
)

func TestOldAgainstNewInWords(t *testing.T) {
	v := compareAssignors([]game.Stillness{
		{Assignor: "range", Rebalance: 20, Silence: 12.34, Stops: 4}, {Assignor: "cooperative-sticky", Rebalance: 1.25, Stops: 1}, {Assignor: "server", Rebalance: 0.5, Stops: 2}, {Assignor: "sticky"},
	})
	want := []assignorLine{
		{"range", "4 rebalances stopped 20.0 lane-seconds, 5.0 each; silence: 12.3."},
		{"cooperative-sticky", "1 rebalance stopped 1.2 lane-seconds; silence: 0.0."},
		{"server (KIP-848)", "2 rebalances stopped 0.5 lane-seconds, 0.2 each; silence: 0.0."},
		{"sticky", "no rebalance stopped a lane; silence: 0.0."},
	}
	if !slices.Equal(v.Assignors, want) {
		t.Errorf("%q, want %q", v.Assignors, want)
	}
	if v.Compare != "A rebalance with range stopped 20.0 times as much as one with server (KIP-848)." {
		t.Errorf("compares with %q", v.Compare)
	}

	for name, one := range map[string][]game.Stillness{
		"nobody": nil, "one": {{Assignor: "range", Rebalance: 20, Stops: 4}}, "alike": {{Assignor: "range", Rebalance: 20, Stops: 4}, {Assignor: "sticky", Rebalance: 5, Stops: 1}},
	} {
		if got := compareAssignors(one).Compare; got != "" {
			t.Errorf("%s: compares with %q", name, got)
		}
	}
}

func TestTheInstructorSeesOldAgainstNew(t *testing.T) {
	s := newSample(3)
	s.Instructor.Stillness = []game.Stillness{{Assignor: "<b>", Rebalance: 20, Stops: 4}}
	r := newRoom(t, s)
	page := r.get(t, "/instructor", true, http.StatusOK)
	if !strings.Contains(page, "<bdi>&lt;b&gt;</bdi></b>: 4 rebalances stopped 20.0 lane-seconds, 5.0 each") {
		t.Error("the instructor's page does not compare the assignors")
	}
}
