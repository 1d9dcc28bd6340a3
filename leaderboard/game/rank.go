package game

import (
	"cmp"
	"slices"
	"time"
)

// A standing determines a team's rank.
type standing struct {
	Team    int
	Points  int
	Reached time.Time // when the team reached its points: its last badge; zero without one
}

// points returns what an award is worth.
func (a Award) points() int {
	i := badgeIndex(a.Badge)
	switch {
	case i < 0:
		return 0
	case a.First:
		return badges[i].Points + firstBonus
	}
	return badges[i].Points
}

// rankTeams ranks teams from 1: by points, then by the time at which they reached them, then by number.
func rankTeams(standings []standing) map[int]int {
	sorted := slices.Clone(standings)
	slices.SortFunc(sorted, func(a, b standing) int {
		return cmp.Or(cmp.Compare(b.Points, a.Points), a.Reached.Compare(b.Reached), cmp.Compare(a.Team, b.Team))
	})

	out := make(map[int]int, len(sorted))
	for i, s := range sorted {
		out[s.Team] = i + 1
	}
	return out
}

// updateRanks ranks the teams if a standing has changed. Only stored badges count, because only they are shown.
func (r *Room) updateRanks() {
	changed := len(r.standings) != len(r.teams)
	if changed {
		r.standings, r.ranks = make([]standing, len(r.teams)), make([]int, len(r.teams))
	}
	for i, t := range r.teams {
		now := t.earned.scorecard().standing
		now.Team = t.team
		changed = changed || now != r.standings[i]
		r.standings[i] = now
	}
	if !changed {
		return
	}

	ranks := rankTeams(r.standings)
	for i, t := range r.teams {
		r.ranks[i] = ranks[t.team]
	}
}

// add counts an award unless it was removed.
func (s *standing) add(a Award) {
	if a.Removed != nil {
		return
	}
	s.Points += a.points()
	if a.At.After(s.Reached) {
		s.Reached = a.At
	}
}
