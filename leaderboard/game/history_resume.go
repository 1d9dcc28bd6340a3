package game

import (
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

// resumeHistory restores the stored spans. After a gap in which nobody watched, open spans end at the start of the gap.
func (r *Room) resumeHistory(saved Saved, now time.Time) {
	gap := now.Sub(saved.WatchedAt) > watchGap
	for _, s := range saved.Spans {
		t := r.team(s.Team)
		if t == nil || s.Round != r.round.Number {
			continue
		}
		h := &t.history
		if s.To == nil && gap {
			to := workshop.At(saved.WatchedAt)
			if to.Before(s.From.Time) {
				to = s.From
			}
			s.To = &to
			r.unwatched.Spans = append(r.unwatched.Spans, s)
		}
		if s.To != nil {
			h.closed = append(h.closed, s)
			h.still.add(s, s.To.Time)
			continue
		}
		for len(h.open) <= int(s.Partition) {
			h.open = append(h.open, nil)
		}
		h.open[s.Partition] = &s
	}
	for _, t := range r.teams {
		t.history.countStops()
	}
}

// countStops counts the rebalances that stopped lanes, in the stored spans.
func (h *history) countStops() {
	byBeginning := slices.SortedFunc(slices.Values(h.closed), func(a, b Span) int { return a.From.Compare(b.From.Time) })
	countStops(byBeginning, time.Time{}, func(first Span) { h.still.of(first.Assignor).Stops++ })
}

// countStops counts the periods in which any lane stood still for a rebalance, and calls each with the first span of every
// period. Spans are sorted by their beginning; lasting spans end at now.
func countStops(spans []Span, now time.Time, each func(first Span)) (n int) {
	var until time.Time
	for _, s := range spans {
		if s.State != LaneMoving {
			continue
		}
		if s.From.After(until) {
			n++
			each(s)
		}
		end := now
		if s.To != nil {
			end = s.To.Time
		}
		if end.After(until) {
			until = end
		}
	}
	return n
}
