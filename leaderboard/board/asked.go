package board

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"kafka-workshop/leaderboard/admission"
	"kafka-workshop/leaderboard/game"
)

// askedFor is how long the board shows a question after it was decided.
const askedFor = time.Minute

// An askedView is the question on the board, or empty without one.
type askedView struct {
	*game.PredictionView
	Address string // at which to vote, without the scheme
	QR      template.HTML
}

// Voting reports whether the vote is open: then the question takes up the whole board.
func (v askedView) Voting() bool { return askingView{v.PredictionView}.Voting() }

// Bars returns the options with their votes, each with its share of the largest count, 0 to 100.
func (v askedView) Bars() []optionBar {
	rows := optionRows(v.PredictionView)
	most := 1
	for _, r := range rows {
		most = max(most, r.Count)
		if r.Before != nil {
			most = max(most, int(*r.Before))
		}
	}

	out := make([]optionBar, len(rows))
	for i, r := range rows {
		out[i] = optionBar{optionRow: r, Share: 100 * r.Count / most}
		if r.Before != nil {
			out[i].ShareBefore = 100 * int(*r.Before) / most
		}
	}
	return out
}

// An optionBar is a line of the histogram.
type optionBar struct {
	optionRow
	Share       int
	ShareBefore int
}

// askedOf returns the question that the board shows, or nil.
func askedOf(v game.Board) *game.PredictionView {
	p := v.Prediction
	if p == nil || !p.DecidedAt.IsZero() && v.AsOf.Sub(p.DecidedAt) > askedFor {
		return nil
	}
	return p
}

// askedPart shows the question while the room votes, while the facts have yet to decide, and for a while after that. The
// count of votes may wait for the next tick.
func (b *Board) askedPart(v game.Board) spec {
	p := b.withVotes(askedOf(v))
	s := b.part("asked", predictionKey(p), "asked", func() any {
		view := askedView{PredictionView: p}
		if p != nil && slices.Contains([]string{game.PredictionOpen, game.PredictionAgain}, p.Phase) && b.cfg.PublicURL != "" {
			base := strings.TrimRight(b.cfg.PublicURL, "/")
			view.Address = strings.TrimPrefix(base, "http://") + "/predict"
			view.QR, _ = admission.QR(base+"/predict", "QR code of the address to vote at") // an address that is too long has none
		}
		return view
	})
	if p != nil && (p.Phase == game.PredictionOpen || p.Phase == game.PredictionAgain) {
		return ticking(s)
	}
	return s
}
