package game

import (
	"encoding/json"
	"time"

	"kafka-workshop/internal/workshop"
)

// A PredictionView is the JSON of /api/prediction.
type PredictionView struct {
	ID          int64          `json:"id"`
	Question    string         `json:"question"`
	Options     []OptionView   `json:"options"`
	Phase       string         `json:"phase"`
	Votes       int            `json:"votes"`
	Counts      []int          `json:"counts"`       // by option; null until closed
	FirstCounts []int          `json:"first_counts"` // of the vote before the discussion; null without a second vote
	Answer      *AnswerView    `json:"answer"`
	Reason      string         `json:"reason"` // why there is no answer; otherwise empty
	ClosedAt    *workshop.Time `json:"closed_at"`
	Team        int            `json:"team"` // the team it is about; 0 for the topic
	DecidedAt   time.Time      `json:"-"`    // when it was answered or cancelled; zero before
}

// An OptionView is one of the options.
type OptionView struct {
	Option int    `json:"option"`
	Text   string `json:"text"`
}

// An AnswerView is the right option.
type AnswerView struct {
	Option   int             `json:"option"`
	Because  string          `json:"because"`
	Evidence json.RawMessage `json:"evidence"`
}

// View returns what everybody may see of the prediction.
func (p *Prediction) View() *PredictionView {
	if p == nil {
		return nil
	}

	v := &PredictionView{ID: p.ID, Question: p.Question.Text, Phase: p.Phase, Reason: p.Reason, Team: p.Question.Team, DecidedAt: p.DecidedAt}
	for i, text := range p.Question.Options {
		v.Options = append(v.Options, OptionView{i, text})
	}
	if p.Tally != nil {
		v.Votes = p.Tally.Votes
	}
	if p.ClosedAt.IsZero() || p.Tally == nil {
		return v
	}

	closed := workshop.At(p.ClosedAt)
	v.ClosedAt = &closed
	v.Counts = p.Tally.Counts
	v.FirstCounts = p.Tally.First
	if p.Answer != nil {
		v.Answer = &AnswerView{p.Answer.Option, p.Answer.Because, p.Answer.Evidence}
	}
	return v
}
