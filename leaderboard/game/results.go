package game

import (
	"slices"
	"time"
)

// An Export is everything stored of a room, with all of its rounds, for the instructor to keep.
type Export struct {
	Lesson string        `json:"lesson"`
	Rounds []RoundExport `json:"rounds"`
}

// A RoundExport is one round of an Export.
type RoundExport struct {
	Round
	Ended  *time.Time   `json:"ended"`
	Teams  []TeamExport `json:"teams"`
	Events []Event      `json:"events"`

	Predictions []Prediction `json:"predictions"` // the oldest first, with the votes by team
}

// A TeamExport is the result of one team in a round.
type TeamExport struct {
	Team      int      `json:"team"`
	Name      string   `json:"name"`
	Rank      int      `json:"rank"`
	Points    int      `json:"points"`
	Badges    []Award  `json:"badges"`
	Actions   Counts   `json:"actions"`
	Precision *float64 `json:"precision"`
	Recall    *float64 `json:"recall"`

	Spans []SpanExport `json:"spans"` // of its lanes, the ended ones by their end
}

// A SpanExport is a span with the assignor of its group.
type SpanExport struct {
	Span
	Assignor string `json:"assignor"`
}

// AddSpans adds each team's spans.
func (e *RoundExport) AddSpans(spans []Span) {
	byTeam := map[int][]SpanExport{}
	for _, s := range spans {
		byTeam[s.Team] = append(byTeam[s.Team], SpanExport{s, s.Assignor})
	}
	for i := range e.Teams {
		t := &e.Teams[i]
		if t.Spans = byTeam[t.Team]; t.Spans == nil {
			t.Spans = []SpanExport{}
		}
	}
}

// AddPredictions adds the predictions, without the facts that the referee uses to find their answers.
func (e *RoundExport) AddPredictions(all []Prediction) {
	e.Predictions = make([]Prediction, len(all))
	for i, p := range all {
		p.World = nil
		e.Predictions[i] = p
	}
}

// Results ranks the teams of a round by its stored facts, the best first.
func Results(names map[int]string, teams int, awards []Award, works []Work) []TeamExport {
	byTeam := map[int]*TeamExport{}
	result := func(n int) *TeamExport {
		if byTeam[n] == nil {
			byTeam[n] = &TeamExport{Team: n, Name: nameOf(names, n), Badges: []Award{}}
		}
		return byTeam[n]
	}

	for n := 1; n <= teams; n++ {
		result(n)
	}
	for _, a := range awards {
		t := result(a.Team)
		t.Badges = append(t.Badges, a)
	}
	for _, w := range works {
		t := result(w.Team)
		t.Actions, t.Precision, t.Recall = w.counts(), w.precision(), w.recall()
	}

	standings := make([]standing, 0, len(byTeam))
	for _, t := range byTeam {
		s := standing{Team: t.Team}
		for _, a := range t.Badges {
			s.add(a)
		}
		t.Points = s.Points
		standings = append(standings, s)
	}

	ranks := rankTeams(standings)
	out := make([]TeamExport, 0, len(byTeam))
	for _, t := range byTeam {
		t.Rank = ranks[t.Team]
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b TeamExport) int { return a.Rank - b.Rank })
	return out
}
