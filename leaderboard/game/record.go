package game

import (
	"cmp"
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

// A Record is a round as the room may review it.
type Record struct {
	Round      int
	Began      workshop.Time
	Until      workshop.Time // the end of the round, or the time of the record
	Ended      bool
	Frozen     bool // the score is that of the freeze
	Partitions int
	Teams      []TeamRecord // by number

	Predictions []Prediction // the oldest first
}

// A TeamRecord is one team's part of a Record.
type TeamRecord struct {
	Team      int
	Name      string
	Rank      int
	Points    int
	Awards    []Award // by time
	History   History
	Events    []Event // the newest last
	Actions   Counts
	Precision *float64
	Recall    *float64
}

// RecordOf returns the record of the round on a board; for a public board, only what the room may see.
func RecordOf(b Board) Record {
	r := Record{Round: b.Round, Began: b.Began, Until: b.AsOf, Frozen: b.Frozen, Partitions: b.Partitions, Predictions: b.Predictions}
	if r.Until.Before(r.Began.Time) {
		r.Until = r.Began
	}
	for _, t := range b.Teams {
		r.Teams = append(r.Teams, TeamRecord{
			Team: t.Team, Name: t.Name, Rank: t.Rank, Points: t.Points, Awards: t.Awards, History: t.History, Events: t.Events,
			Actions: t.Actions, Precision: t.Precision, Recall: t.Recall,
		})
	}
	return r
}

// Record returns the record of a round that has ended. Its end has lifted any freeze.
func (e RoundExport) Record() Record {
	r := Record{Round: e.Number, Began: workshop.At(e.Began), Until: workshop.At(e.Began), Ended: true, Partitions: len(e.Start), Predictions: e.Predictions}
	if e.Ended != nil {
		r.Until = workshop.At(*e.Ended)
	}

	for _, t := range e.Teams {
		row := TeamRecord{
			Team: t.Team, Name: t.Name, Rank: t.Rank, Points: t.Points, Awards: t.Badges,
			Actions: t.Actions, Precision: t.Precision, Recall: t.Recall,
		}
		for _, ev := range e.Events {
			if ev.concerns(t.Team) {
				row.Events = append(row.Events, ev)
			}
		}
		for _, s := range t.Spans {
			if s.To == nil { // its team was no longer watched when the round ended
				s.To = &r.Until
			}
			r.Partitions = max(r.Partitions, int(s.Partition)+1)
			row.History.Ended = append(row.History.Ended, s.Span)
		}
		r.Teams = append(r.Teams, row)
	}
	slices.SortFunc(r.Teams, func(a, b TeamRecord) int { return cmp.Compare(a.Team, b.Team) })
	return r
}

// Between returns the spans and events of a period. A span that overlaps it is returned whole.
func (t TeamRecord) Between(from, to time.Time) (spans []Span, events []Event) {
	spans, events = []Span{}, []Event{}
	for _, s := range t.History.All() {
		if !s.From.After(to) && (s.To == nil || s.To.After(from)) {
			spans = append(spans, s)
		}
	}
	for _, e := range t.Events {
		if !e.At.Before(from) && !e.At.After(to) {
			events = append(events, e)
		}
	}
	return spans, events
}

// A ScoreStep is a moment at which points or ranks changed.
type ScoreStep struct {
	At    time.Time
	Teams []TeamScore // whose score changed
}

// A TeamScore is a team's score at a moment.
type TeamScore struct{ Team, Points, Rank int }

// ScoreSteps returns how the score of the round developed, from the beginning. The last step is the score that the record
// shows, even if it differs from that of its awards: during a reveal, the room sees an intermediate score.
func (r Record) ScoreSteps() []ScoreStep {
	moments := []time.Time{r.Began.Time}
	for _, t := range r.Teams {
		for _, a := range t.Awards {
			moments = append(moments, a.At)
			if a.Removed != nil {
				moments = append(moments, *a.Removed)
			}
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	moments = slices.CompactFunc(moments, time.Time.Equal)

	var out []ScoreStep
	before := map[int]TeamScore{}
	add := func(at time.Time, scores []TeamScore) {
		step := ScoreStep{At: at}
		for _, s := range scores {
			if before[s.Team] != s {
				step.Teams = append(step.Teams, s)
				before[s.Team] = s
			}
		}
		if step.Teams != nil {
			out = append(out, step)
		}
	}
	for _, at := range moments {
		add(at, r.scoresAt(at))
	}
	final := make([]TeamScore, len(r.Teams))
	for i, t := range r.Teams {
		final[i] = TeamScore{t.Team, t.Points, t.Rank}
	}
	add(r.Until.Time, final)
	return out
}

// scoresAt returns every team's points and rank at a time.
func (r Record) scoresAt(at time.Time) []TeamScore {
	standings := make([]standing, len(r.Teams))
	for i, t := range r.Teams {
		standings[i].Team = t.Team
		for _, a := range t.Awards {
			if a.At.After(at) {
				continue
			}
			if a.Removed != nil && a.Removed.After(at) {
				a.Removed = nil
			}
			standings[i].add(a)
		}
	}

	ranks := rankTeams(standings)
	out := make([]TeamScore, len(standings))
	for i, s := range standings {
		out[i] = TeamScore{s.Team, s.Points, ranks[s.Team]}
	}
	return out
}

// Figures summarise a team's history.
type Figures struct {
	Members    int // number of different members that owned a lane
	Changes    int // of owner
	Rebalances int // that stopped a lane
	Moving     time.Duration
	Silent     time.Duration
	Owned      time.Duration // in lane-seconds, like the others
	Free       time.Duration
}

// Figures sums up the history until a moment.
func (h History) Figures(until time.Time) Figures {
	var f Figures
	members := map[string]bool{}
	owner := map[int32]string{}
	all := h.All()
	slices.SortStableFunc(all, func(a, b Span) int { return a.From.Compare(b.From.Time) })
	for _, s := range all {
		end := until
		if s.To != nil {
			end = s.To.Time
		}
		lasted := max(end.Sub(s.From.Time), 0)
		switch s.State {
		case LaneMoving:
			f.Moving += lasted
		case LaneSilent:
			f.Silent += lasted
		case LaneOwned:
			f.Owned += lasted
		case LaneFree:
			f.Free += lasted
		}
		if s.Owner == nil {
			continue
		}
		members[*s.Owner] = true
		if was, ok := owner[s.Partition]; ok && was != *s.Owner {
			f.Changes++
		}
		owner[s.Partition] = *s.Owner
	}
	f.Members = len(members)
	f.Rebalances = countStops(all, until, func(Span) {})
	return f
}
