package board

import (
	"fmt"
	"strings"

	"kafka-workshop/leaderboard/game"
)

// curvePoints is how many seconds a curve shows.
const curvePoints = 40

// curveTeams is the largest number of teams for which the layout has room for curves.
const curveTeams = 15

// A curve holds the last seconds of a team's figures, the newest last.
type curve struct{ lag, rate []float64 }

// curves are by team.
type curves map[int]curve

func (c curves) add(teams []game.Team) {
	for _, t := range teams {
		was := c[t.Team]
		lag := 0.0
		if t.Lag != nil {
			lag = float64(*t.Lag)
		}
		c[t.Team] = curve{lag: push(was.lag, lag), rate: push(was.rate, t.ProcessedPerSecond)}
	}
}

// push returns a new slice, because pages may be reading the old one.
func push(points []float64, v float64) []float64 {
	if len(points) >= curvePoints {
		points = points[len(points)-curvePoints+1:]
	}
	return append(append(make([]float64, 0, curvePoints), points...), v)
}

// A drawing is a curve as SVG paths: its line and the area under it.
type drawing struct{ Line, Area string }

// draw draws the points into a box of 100 x 30. The scale covers at least 0 to least, so that noise around zero does not look
// like a mountain.
func draw(points []float64, least float64) drawing {
	if len(points) < 4 {
		return drawing{}
	}
	top := least
	for _, p := range points {
		top = max(top, p)
	}

	var b strings.Builder
	step := 100.0 / float64(curvePoints-1)
	from := 100 - step*float64(len(points)-1)
	x := from
	for i, p := range points {
		pen := "L"
		if i == 0 {
			pen = "M"
		}
		fmt.Fprintf(&b, "%s%.0f %.0f", pen, x, 29-27*max(p, 0)/top)
		x += step
	}
	return drawing{b.String(), fmt.Sprintf("%sV30H%.0fZ", b.String(), from)}
}
