package board

import (
	"slices"
	"testing"

	"kafka-workshop/leaderboard/game"
)

func TestVersions(t *testing.T) {
	lag := int64(8)
	for what, c := range map[string]struct {
		change       func(*game.Team)
		row, figures uint64
	}{
		"nothing":          {func(*game.Team) {}, 0, 0},
		"the same anew":    {func(t *game.Team) { t.Members = slices.Clone(t.Members); v := *t.Protocol; t.Protocol = &v }, 0, 0},
		"lag":              {func(t *game.Team) { t.Lag = &lag }, 0, 1},
		"a commit":         {func(t *game.Team) { t.Committed = slices.Clone(t.Committed); t.Committed[0].End++ }, 0, 1},
		"the log's start":  {func(t *game.Team) { t.Committed = slices.Clone(t.Committed); t.Committed[0].Start++ }, 0, 1},
		"a count":          {func(t *game.Team) { t.Actions.Accepted++ }, 0, 1},
		"a reported count": {func(t *game.Team) { t.Reported.Processed++ }, 0, 1},
		"recall":           {func(t *game.Team) { t.Recall = nil }, 0, 1},
		"an owner":         {func(t *game.Team) { setMembers(t, 5, 3); t.Committed = nil }, 1, 1},
		"a hidden member":  {func(t *game.Team) { t.MoreMembers++ }, 1, 0},
		"the name":         {func(t *game.Team) { t.Name = "Lanes" }, 1, 0},
		"a badge":          {func(t *game.Team) { t.Badges = append(slices.Clone(t.Badges), game.Earned{Badge: game.Spare}) }, 1, 0},
		"a pause": {func(t *game.Team) {
			ms := int64(1)
			t.Events = slices.Clone(t.Events)
			t.Events[0].PauseMS = &ms
		}, 1, 0},
		"a hint": {func(t *game.Team) { t.Notes = []string{"start a member"} }, 1, 0},
		"a turn": {func(t *game.Team) { t.Turn = true }, 1, 0},
	} {
		teams := newSample(2).Truth.Teams
		v := versions{}
		v.of(teams[0])
		v.of(teams[1])
		next := slices.Clone(teams)
		c.change(&next[0])
		if got := *v.of(next[0]); got.row != c.row || got.figures != c.figures {
			t.Errorf("%s: version %d and %d, want %d and %d", what, got.row, got.figures, c.row, c.figures)
		}
		if got := *v.of(next[1]); got.row != 0 || got.figures != 0 {
			t.Errorf("%s: the other team has version %d and %d", what, got.row, got.figures)
		}
	}
}
