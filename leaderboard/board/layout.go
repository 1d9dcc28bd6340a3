package board

import (
	"strings"

	"kafka-workshop/leaderboard/game"
)

// denseRows and spottedRows are how many rows the densest layout shows on a projector of 1920 x 1080 without scrolling,
// without and with the spotlight. More teams have several pages.
const (
	denseRows   = 100
	spottedRows = 56
)

// rowsShown returns the maximum number of rows on a page of the board.
func rowsShown(b game.Board) int {
	if enlarged(b) {
		return spottedRows
	}
	return denseRows
}

// enlarged reports whether the spotlight or a question is shown large above the rows.
func enlarged(b game.Board) bool { return spotlit(b) > 0 || askedOf(b) != nil }

// layout returns the layout's classes for the number of teams. With the spotlight, the rows are as dense as those of twice as
// many teams, and "spotted" is among the classes. Ranks of 1,000 and above need "wide" columns.
func layout(b game.Board) string {
	n := len(b.Teams)
	wide := ""
	if n >= 1000 {
		wide = " wide"
	}
	if enlarged(b) {
		switch {
		case n <= 7:
			return "std spotted"
		case n <= 16:
			return "two spotted"
		case n <= 30:
			return "three spotted"
		}
		return "dense spotted" + wide
	}

	switch {
	case n == 3:
		return "big trio"
	case n < 3:
		return "big"
	case n <= 6:
		return "few"
	case n <= 15:
		return "std"
	case n <= 30:
		return "two"
	case n <= 60:
		return "three"
	}
	return "dense" + wide
}

// pageLayout returns the layout's classes for a page of the board: in addition to those for its teams, "waiting" while nobody
// has joined, and "paged" if there are several pages. Scripts and styles read them from the page's body: with a style that
// inspects the page's content (:has), the browser would match all elements again after each change.
func pageLayout(b game.Board, at pageRange) string {
	out := layout(b)
	if waiting(b) {
		out += " waiting"
	}
	if at.Pages > 1 {
		out += " paged"
	}
	return out
}

// columns returns the number of columns in which the board lists its teams.
func columns(layout string) int {
	switch strings.Fields(layout)[0] {
	case "two":
		return 2
	case "three":
		return 3
	case "dense":
		return 4
	}
	return 1
}

// spotlit returns the number of the team that is shown large, or 0. A single team always is.
func spotlit(b game.Board) int {
	if _, ok := team(b, b.Spotlight); ok {
		return b.Spotlight
	}
	if len(b.Teams) == 1 {
		return b.Teams[0].Team
	}
	return 0
}

// leastScale is the least lag, in records, that a full edge or the width of a lane represents: it keeps the saw-tooth of
// auto-commits at the default rate small.
const leastScale = 50

// An edge is a lane's lag as the length of its cell's edge. All edges of a board have the same scale.
type edge struct {
	Partition int32
	Lag       *int64
	Length    float64 // 0 to 100
}

func edges(cells []cell, scale int64) []edge {
	out := make([]edge, len(cells))
	for i, c := range cells {
		out[i] = edge{Partition: c.Partition, Lag: c.Lag}
		if c.Lag != nil {
			out[i].Length = min(100, float64(*c.Lag*1000/scale)/10)
		}
	}
	return out
}

// nextScale returns the lag that a full edge represents. It follows the longest lag, but does not shrink at every commit.
func nextScale(was int64, teams []game.Team) int64 {
	most := int64(0)
	for _, t := range teams {
		for _, l := range t.Lanes {
			if l.Lag != nil {
				most = max(most, *l.Lag)
			}
		}
	}

	if most > was || most*5 < was {
		return max(leastScale, roundUp(most))
	}
	return was
}

// roundUp returns the smallest of 1, 2 or 5 times a power of ten that is at least n.
func roundUp(n int64) int64 {
	for unit := int64(1); ; unit *= 10 {
		for _, digit := range []int64{1, 2, 5} {
			if digit*unit >= n {
				return digit * unit
			}
		}
	}
}
