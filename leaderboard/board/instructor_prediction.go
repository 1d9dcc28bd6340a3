package board

import (
	"fmt"

	"kafka-workshop/leaderboard/game"
)

// An askingView is the prediction on the instructor's page.
type askingView struct {
	*game.PredictionView
}

// An optionRow is an option with its votes, once they are counted.
type optionRow struct {
	game.OptionView
	Count  int
	Before *int64 // votes before the discussion; nil without a second vote
	Right  bool
}

// Voting reports whether the vote is open.
func (v askingView) Voting() bool {
	return v.PredictionView != nil && (v.Phase == game.PredictionOpen || v.Phase == game.PredictionAgain)
}

// Running reports whether the room is voting or waiting for the answer.
func (v askingView) Running() bool {
	return v.Voting() || v.PredictionView != nil && v.Phase == game.PredictionClosed
}

// ByHand reports whether the instructor may give the answer because the facts did not decide in time.
func (v askingView) ByHand() bool {
	return v.PredictionView != nil && v.Phase == game.PredictionClosed && v.Reason != ""
}

// Rows returns the options with their votes, or none while the vote is open.
func (v askingView) Rows() []optionRow { return optionRows(v.PredictionView) }

func optionRows(p *game.PredictionView) []optionRow {
	if p == nil || p.Counts == nil {
		return nil
	}

	out := make([]optionRow, len(p.Options))
	for i, o := range p.Options {
		out[i] = optionRow{OptionView: o, Right: p.Answer != nil && p.Answer.Option == i}
		if i < len(p.Counts) {
			out[i].Count = p.Counts[i]
		}
		if i < len(p.FirstCounts) {
			n := int64(p.FirstCounts[i])
			out[i].Before = &n
		}
	}
	return out
}

// predictionKey changes when what the pages show of a prediction changes.
func predictionKey(p *game.PredictionView) string {
	if p == nil {
		return ""
	}
	return fmt.Sprint(p.ID, p.Phase, p.Votes, p.Reason, p.Counts)
}

// beliefKey changes when what the page shows of the room's belief changes.
func beliefKey(b *game.Belief) string {
	if b == nil {
		return ""
	}
	return fmt.Sprint(*b)
}
