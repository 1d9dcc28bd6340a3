package game

import (
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

// Frozen is the score that the room saw when the board was frozen.
type Frozen struct {
	At     time.Time         `json:"at"`
	Event  int64             `json:"event"` // ID of the first event after the freeze
	Teams  map[int]FrozenRow `json:"teams"`
	Ticker []Event           `json:"ticker"`
	Reveal *revealState      `json:"reveal,omitempty"` // nil until the reveal begins
}

// A FrozenRow is the score of one team.
type FrozenRow struct {
	Rank      int         `json:"rank"`
	Points    int         `json:"points"`
	Badges    []Earned    `json:"badges"`
	Actions   Counts      `json:"actions"`
	Precision *float64    `json:"precision"`
	Recall    *float64    `json:"recall"`
	Reported  Reported    `json:"says"`
	Rejected  []Rejection `json:"rejected"`
}

// snapshotScore returns the true score at this moment.
func (r *Room) snapshotScore(at time.Time) *Frozen {
	_, truth := r.Boards()
	f := &Frozen{At: at, Event: r.nextID, Teams: map[int]FrozenRow{}, Ticker: truth.Ticker}
	for _, t := range truth.Teams {
		f.Teams[t.Team] = FrozenRow{t.Rank, t.Points, t.Badges, t.Actions, t.Precision, t.Recall, t.Reported, t.Rejected}
	}
	return f
}

// setFrozen sets the score that the room sees; nil shows the live score.
func (r *Room) setFrozen(f *Frozen) {
	r.frozen = f
	r.scene = scene{}
	if f != nil {
		r.scene = f.scene()
	}
}

// applyFreeze replaces the score in a live row. Members and rebalances stay live, since the lanes show them anyway; events
// about the score are dropped.
func (r *Room) applyFreeze(t Team) Team {
	row, ok := r.scene.rows[t.Team]
	if !ok { // a team that was added since has no score yet
		row = FrozenRow{Rank: len(r.scene.rows) + t.Team, Badges: []Earned{}}
	}

	t.Turn = r.scene.turn(r.frozen) == t.Team
	t.Rank, t.Points, t.Badges, t.Actions = row.Rank, row.Points, row.Badges, row.Actions
	t.Precision, t.Recall, t.Reported, t.Rejected = row.Precision, row.Recall, row.Reported, row.Rejected
	t.Awards = r.frozen.visible(t.Awards, row)
	t.Events = slices.DeleteFunc(slices.Clone(t.Events), func(e Event) bool {
		return (e.Kind == KindBadge || e.Kind == KindInstructor) && e.ID >= r.frozen.Event
	})
	return t
}

// visible returns the awards that the row shows, and those that were removed before the freeze. It hides what has happened to
// a badge since.
func (f *Frozen) visible(awards []Award, row FrozenRow) []Award {
	var out []Award
	for _, a := range awards {
		switch {
		case containsEarned(row.Badges, Earned{Badge: a.Badge, EarnedAt: workshop.At(a.At), First: a.First}):
			a.Removed = nil
			out = append(out, a)
		case a.Removed != nil && a.Removed.Before(f.At):
			out = append(out, a)
		}
	}
	return out
}
