package board

import (
	"fmt"
	"slices"
	"strconv"

	"kafka-workshop/leaderboard/game"
)

// stillnessKey changes with what the part shows, which is accurate to a tenth of a lane-second.
func stillnessKey(all []game.Stillness) string {
	out := ""
	for _, s := range all {
		out += fmt.Sprintf("%s %d %.1f %.1f ", s.Assignor, s.Stops, s.Rebalance, s.Silence)
	}
	return out
}

// A stillnessView compares assignors, in sentences that can be read aloud.
type stillnessView struct {
	Assignors []assignorLine
	Compare   string // the best against the worst; empty if there is nothing to compare
}

type assignorLine struct {
	Name string
	Text string
}

func compareAssignors(all []game.Stillness) stillnessView {
	var v stillnessView
	for _, s := range all {
		v.Assignors = append(v.Assignors, assignorLine{assignorName(s.Assignor), stillnessText(s)})
	}

	stopped := slices.DeleteFunc(slices.Clone(all), func(s game.Stillness) bool { return s.Stops == 0 })
	if len(stopped) < 2 {
		return v
	}
	slices.SortStableFunc(stopped, func(a, b game.Stillness) int {
		if perStop(a) < perStop(b) {
			return -1
		}
		return 1
	})
	best, worst := stopped[0], stopped[len(stopped)-1]
	if perStop(best) == 0 {
		v.Compare = fmt.Sprintf("A rebalance with %s stopped no lane for as long as a sweep takes to see it.", assignorName(best.Assignor))
		return v
	}
	if times := perStop(worst) / perStop(best); times >= 1.1 {
		v.Compare = fmt.Sprintf("A rebalance with %s stopped %s times as much as one with %s.", assignorName(worst.Assignor), tenths(times), assignorName(best.Assignor))
	}
	return v
}

// stillnessText returns "4 rebalances stopped 20.0 lane-seconds, 5.0 each. Silence: 12.0 lane-seconds."
func stillnessText(s game.Stillness) string {
	text := "no rebalance stopped a lane"
	switch s.Stops {
	case 0:
	case 1:
		text = fmt.Sprintf("1 rebalance stopped %s lane-seconds", tenths(s.Rebalance))
	default:
		text = fmt.Sprintf("%d rebalances stopped %s lane-seconds, %s each", s.Stops, tenths(s.Rebalance), tenths(perStop(s)))
	}
	return text + fmt.Sprintf("; silence: %s.", tenths(s.Silence))
}

func perStop(s game.Stillness) float64 { return s.Rebalance / float64(max(s.Stops, 1)) }

func tenths(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// assignorName returns the assignor's name as used in class.
func assignorName(assignor string) string {
	if assignor == "server" {
		return "server (KIP-848)"
	}
	return assignor
}
