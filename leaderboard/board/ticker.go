package board

import (
	"slices"
	"strings"
	"time"

	"kafka-workshop/leaderboard/game"
)

// badgesFirst is how long a badge stays ahead of newer lines. The ticker shows as many lines as fit, starting with the first.
const badgesFirst = 30 * time.Second

// tickerPart shows the latest lines.
func (b *Board) tickerPart(v game.Board) spec {
	lines := tickerLines(b.calmEvents(v, v.Ticker))
	var key strings.Builder
	for _, e := range lines { // any of them may have been amended
		key.WriteString(eventKey(e) + " " + e.Text + "\n")
	}
	return b.part("ticker", key.String(), "ticker", func() any { return lines })
}

// tickerLines returns the lines in the ticker's order: new badges, then the others, the newest first.
func tickerLines(events []game.Event) []game.Event {
	out := newestFirst(events)
	if len(out) == 0 {
		return out
	}

	latest := out[0].At.Time
	isNews := func(e game.Event) bool { return e.Badge != "" && latest.Sub(e.At.Time) < badgesFirst }
	slices.SortStableFunc(out, func(x, y game.Event) int {
		switch {
		case isNews(x) && !isNews(y):
			return -1
		case isNews(y) && !isNews(x):
			return 1
		}
		return 0
	})
	return out
}

// calmEvents returns the events for a board. If it is calm, they report what a team did, without ranks, points and who was
// first.
func (b *Board) calmEvents(v game.Board, events []game.Event) []game.Event {
	if !b.cfg.Calm {
		return events
	}

	out := slices.Clone(events)
	for i, e := range out {
		if e.Badge == "" {
			continue
		}
		out[i].Text = badgeName(v.Badges, e.Badge)
		if t, ok := team(v, e.Team); ok {
			out[i].Text = t.Name + ": " + out[i].Text
		}
	}
	return out
}

func badgeName(badges []game.Badge, id string) string {
	for _, b := range badges {
		if b.ID == id {
			return b.Name
		}
	}
	return id
}
