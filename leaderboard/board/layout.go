package board

import (
	"strings"

	"kafka-workshop/leaderboard/game"
)

// denseRows and spottedRows are how many rows the densest layout shows on a projector of 1920 x 1080 without scrolling,
// alone and beside the spotlight. More teams have several pages.
const (
	denseRows   = 100
	spottedRows = 56
)

// rowsShown returns how many rows a page of the board has at most.
func rowsShown(b game.Board) int {
	if enlarged(b) {
		return spottedRows
	}
	return denseRows
}

// enlarged reports whether something stands large above the rows.
func enlarged(b game.Board) bool { return spotlit(b) > 0 || askedOf(b) != nil }

// layout returns the classes of the layout for the number of teams. Beside the spotlight the rows are as dense as
// those of twice as many teams, and "spotted" is among the classes. Ranks from 1,000 on need "wide" columns.
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

// pageLayout returns the classes of the layout of a page of the board: beside those for its teams, "waiting" while nobody has
// joined, and "paged" where there are several pages. Scripts and styles read them from the page's body: a style that looked
// into the page for what it shows (:has) would have the browser match all of its elements anew for each that changes.
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

// columns is in how many columns the board lists its teams.
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

// spotlit returns the number of the team that is shown large, 0 for none. A team alone always is.
func spotlit(b game.Board) int {
	if _, ok := team(b, b.Spotlight); ok {
		return b.Spotlight
	}
	if len(b.Teams) == 1 {
		return b.Teams[0].Team
	}
	return 0
}

// leastScale is the least lag, in records, that a whole edge or the width of a lane stands for: the saw-tooth of
// auto-commits at the default rate stays small.
const leastScale = 50

// An edge is the lag of a lane, as the length of the edge of its cell. All edges of a board have the same scale.
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

// nextScale returns the lag that a whole edge stands for. It follows the longest lag, and does not shrink at every
// commit.
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

// roundUp returns the least number of 1, 2 or 5 times a power of ten that is not below n.
func roundUp(n int64) int64 {
	for unit := int64(1); ; unit *= 10 {
		for _, digit := range []int64{1, 2, 5} {
			if digit*unit >= n {
				return digit * unit
			}
		}
	}
}
