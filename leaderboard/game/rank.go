package game

import (
	"cmp"
	"slices"
	"time"
)

// A Standing is what decides a team's rank.
type Standing struct {
	Team    int
	Points  int
	Reached time.Time // when it got to its points: its last badge; zero without one
}

func pointsOf(a Award) int {
	i := slices.IndexFunc(badges, func(b Badge) bool { return b.ID == a.Badge })
	switch {
	case i < 0:
		return 0
	case a.First:
		return badges[i].Points + FirstBonus
	}
	return badges[i].Points
}

// Ranks gives each team its rank, from 1: by points, then by who reached them first, then by number.
func Ranks(standings []Standing) map[int]int {
	sorted := slices.Clone(standings)
	slices.SortFunc(sorted, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(b.Points, a.Points), a.Reached.Compare(b.Reached), cmp.Compare(a.Team, b.Team))
	})
	out := make(map[int]int, len(sorted))
	for i, s := range sorted {
		out[s.Team] = i + 1
	}
	return out
}

// standing counts stored badges alone: what is not stored is not shown.
func (t *State) standing() Standing {
	s := Standing{Team: t.team}
	for _, e := range t.earned {
		if e.stored {
			s.add(e.Award)
		}
	}
	return s
}

// add counts an award that was not taken back.
func (s *Standing) add(a Award) {
	if a.Removed != nil {
		return
	}
	s.Points += pointsOf(a)
	if a.At.After(s.Reached) {
		s.Reached = a.At
	}
}
