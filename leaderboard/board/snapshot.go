package board

import (
	"cmp"
	"slices"
	"sync"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// A snapshot is a View prepared for pages and JSON. Like the View, it is never modified.
type snapshot struct {
	game.View
	curves curves
	scale  int64 // the lag that a full edge of a lane represents
	calm   bool  // without ranks and points

	boardJSON func() ([]byte, error) // of /api/board, encoded once for all requests

	// Parts that a list's pages share are made when the first of them is viewed.
	above       func() []spec // the parts of the board other than rows
	publicOrder func() []int  // the indexes of the teams in the order of the board
	truthOrder  func() []int
}

func newSnapshot(v game.View, c curves, scale int64, calm bool) *snapshot {
	v.Public = withoutNils(v.Public)
	v.Truth = withoutNils(v.Truth)
	s := &snapshot{View: v, curves: c, scale: scale, calm: calm}
	s.boardJSON = sync.OnceValues(func() ([]byte, error) { return encode(s.Public) })
	s.truthOrder = sync.OnceValue(func() []int { return ranked(s.Truth.Teams) })
	s.publicOrder = sync.OnceValue(func() []int {
		if calm {
			return numbered(s.Public.Teams)
		}
		return ranked(s.Public.Teams)
	})
	return s
}

// withoutNils replaces nil slices with empty ones, which JSON encodes as [].
func withoutNils(b game.Board) game.Board {
	if b.Teams != nil && !slices.ContainsFunc(b.Teams, incomplete) {
		return b // as game makes them; it would be wasteful to copy 5,000 teams four times a second
	}

	teams := make([]game.Team, len(b.Teams))
	for i, t := range b.Teams {
		if !workshop.HasVisible(t.Name) { // stored before names were checked
			t.Name = workshop.TeamID(t.Team)
		}
		t.Badges, t.Committed, t.Lanes = notNil(t.Badges), notNil(t.Committed), notNil(t.Lanes)
		t.Members = slices.Clone(notNil(t.Members))
		for j := range t.Members {
			t.Members[j].Partitions = notNil(t.Members[j].Partitions)
		}
		t.Events, t.Rejected = notNil(t.Events), notNil(t.Rejected)
		teams[i] = t
	}
	b.Teams = teams
	return b
}

// incomplete reports whether withoutNils changes a team.
func incomplete(t game.Team) bool {
	return t.Badges == nil || t.Committed == nil || t.Lanes == nil || t.Members == nil || t.Events == nil || t.Rejected == nil ||
		!workshop.HasVisible(t.Name) || slices.ContainsFunc(t.Members, func(m game.Member) bool { return m.Partitions == nil })
}

func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// team returns the team with the given number. Teams are in the order of their numbers, normally from 1.
func team(b game.Board, n int) (game.Team, bool) {
	if n > 0 && n <= len(b.Teams) && b.Teams[n-1].Team == n {
		return b.Teams[n-1], true
	}
	i := slices.IndexFunc(b.Teams, func(t game.Team) bool { return t.Team == n })
	if i < 0 {
		return game.Team{}, false
	}
	return b.Teams[i], true
}

// byRank returns the teams in the order of the board.
func byRank(b game.Board) []game.Team {
	teams := make([]game.Team, 0, len(b.Teams))
	for _, i := range ranked(b.Teams) {
		teams = append(teams, b.Teams[i])
	}
	return teams
}

// ranked returns the indexes of the teams, by rank.
func ranked(teams []game.Team) []int {
	order := numbered(teams)
	slices.SortFunc(order, func(x, y int) int {
		return cmp.Or(cmp.Compare(teams[x].Rank, teams[y].Rank), cmp.Compare(teams[x].Team, teams[y].Team))
	})
	return order
}

// numbered returns the indexes of the teams in their own order.
func numbered(teams []game.Team) []int {
	order := make([]int, len(teams))
	for i := range order {
		order[i] = i
	}
	return order
}
