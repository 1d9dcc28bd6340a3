package game

import (
	"encoding/json"
	"errors"
	"time"
)

// Phases of a prediction.
const (
	PredictionOpen      = "open"
	PredictionAgain     = "again"  // the room votes a second time
	PredictionClosed    = "closed" // the room acts, and the facts decide
	PredictionAnswered  = "answered"
	PredictionCancelled = "cancelled"
)

// decideWithin is how long the facts have to decide before the instructor may.
const decideWithin = 90 * time.Second

// Errors of commands on predictions.
var (
	ErrNoPrediction      = errors.New("no question is open")
	ErrPredictionRunning = errors.New("a question is open already: close or cancel it first")
	ErrPredictionPhase   = errors.New("the question is in another phase")
	ErrFactsDecide       = errors.New("the facts may still decide: wait for 90 s after closing")
	ErrNoOption          = errors.New("the question has no such option")
)

// A NotAskableError rejects a question whose answer would not be determined, or could not be observed.
type NotAskableError struct{ Why string }

func (e NotAskableError) Error() string { return "the question cannot be asked now: " + e.Why }

// A Prediction is a question to the room, from its opening to its answer.
type Prediction struct {
	ID        int64     `json:"id"` // grows with each one
	Round     int       `json:"round"`
	Question  Question  `json:"question"`
	Phase     string    `json:"phase"`
	OpenedAt  time.Time `json:"opened_at"`
	AgainAt   time.Time `json:"again_at,omitzero"` // when the second vote began
	ClosedAt  time.Time `json:"closed_at,omitzero"`
	DecidedAt time.Time `json:"decided_at,omitzero"` // when it was answered or cancelled
	Tally     *Tally    `json:"tally,omitempty"`     // set once closed
	Answer    *Answer   `json:"answer,omitempty"`
	Reason    string    `json:"reason,omitempty"` // why it was cancelled, or is not decided
	World     *world    `json:"world,omitempty"`  // as of closing, and what has been seen since
	Hidden    bool      `json:"-"`                // the board is frozen, and how teams voted is part of the score
}

// A Tally is how the room voted.
type Tally struct {
	Votes  int           `json:"votes"`
	Counts []int         `json:"counts"` // by option
	Teams  map[int][]int `json:"teams"`  // by team, then by option

	// The same for the vote before the discussion; nil without a second vote.
	First      []int         `json:"first,omitempty"`
	FirstTeams map[int][]int `json:"first_teams,omitempty"`
}

// A Vote is one voter's choice.
type Vote struct {
	Prediction int64
	Voter      string // a random ID in the voter's cookie
	Option     int
	Team       int // 0 for a guest
}

// An Answer is what happened.
type Answer struct {
	Option   int             `json:"option"`
	Because  string          `json:"because"` // a sentence
	Evidence json.RawMessage `json:"evidence"`
	At       time.Time       `json:"at"`
	ByHand   bool            `json:"by_hand,omitempty"` // the instructor gave it
}

// running reports whether the room is voting on it or it waits for its answer.
func (p *Prediction) running() bool {
	return p != nil && (p.Phase == PredictionOpen || p.Phase == PredictionAgain || p.Phase == PredictionClosed)
}

// OpenPrediction asks the room a question. Team 0 chooses a team that the question fits.
func (r *Room) OpenPrediction(now time.Time, kind string, team int) (Command, error) {
	if r.prediction.running() {
		return Command{}, ErrPredictionRunning
	}
	q, err := r.askable(kind, team)
	if err != nil {
		return Command{}, err
	}

	next := &Prediction{ID: r.lastPrediction + 1, Round: r.round.Number, Question: q, Phase: PredictionOpen, OpenedAt: now}
	return r.changePrediction(now, next, predictionOpened{q.Text}), nil
}

// changePrediction makes the command that replaces the prediction.
func (r *Room) changePrediction(now time.Time, next *Prediction, f eventFact) Command {
	c := r.changes()
	c.Predictions = []Prediction{*next}
	return r.command(c, now, next.Question.Team, f, func() { r.setPrediction(next) })
}

func (r *Room) setPrediction(next *Prediction) {
	r.prediction = next
	r.lastPrediction = max(r.lastPrediction, next.ID)
	for i := range r.predictions {
		if r.predictions[i].ID == next.ID {
			r.predictions[i] = *next
			return
		}
	}
	r.predictions = append(r.predictions, *next)
}

// VoteAgain opens a second vote after the room has discussed. first is the tally of the first vote.
func (r *Room) VoteAgain(now time.Time, first Tally) (Command, error) {
	if r.prediction == nil {
		return Command{}, ErrNoPrediction
	}
	if r.prediction.Phase != PredictionOpen {
		return Command{}, ErrPredictionPhase
	}

	next := *r.prediction
	next.Phase = PredictionAgain
	next.AgainAt = now
	next.Tally = &first
	return r.changePrediction(now, &next, predictionAgain{}), nil
}

// ClosePrediction ends the vote. From now on, the room acts and the facts decide.
func (r *Room) ClosePrediction(now time.Time, t Tally) (Command, error) {
	p := r.prediction
	switch {
	case p == nil:
		return Command{}, ErrNoPrediction
	case p.Phase != PredictionOpen && p.Phase != PredictionAgain:
		return Command{}, ErrPredictionPhase
	}

	next := *p
	if p.Phase == PredictionAgain && p.Tally != nil {
		t.First = p.Tally.Counts
		t.FirstTeams = p.Tally.Teams
	}
	next.Phase = PredictionClosed
	next.ClosedAt = now
	next.Tally = &t
	// The room may have changed since the question was asked; then the answer would differ.
	if again := r.question(p.Question.Kind, p.Question.Team); !again.Askable || !again.sameAs(p.Question) {
		next = next.cancelled(now, "the group changed before the vote was closed: the options no longer fit")
		return r.changePrediction(now, &next, predictionCancelled{next.Reason}), nil
	}
	next.World = r.worldOf(p.Question)
	return r.changePrediction(now, &next, predictionClosed{t.Votes}), nil
}

// CancelPrediction ends a question without an answer.
func (r *Room) CancelPrediction(now time.Time) (Command, error) {
	if !r.prediction.running() {
		return Command{}, ErrNoPrediction
	}

	next := r.prediction.cancelled(now, "cancelled by the instructor")
	return r.changePrediction(now, &next, predictionCancelled{next.Reason}), nil
}

// cancelled returns the prediction without an answer.
func (p *Prediction) cancelled(at time.Time, why string) Prediction {
	next := *p
	next.Phase = PredictionCancelled
	next.Reason = why
	next.DecidedAt = at
	return next
}

// AnswerPrediction sets the answer by hand if the facts have not decided.
func (r *Room) AnswerPrediction(now time.Time, option int) (Command, error) {
	p := r.prediction
	switch {
	case p == nil:
		return Command{}, ErrNoPrediction
	case p.Phase != PredictionClosed:
		return Command{}, ErrPredictionPhase
	case now.Sub(p.ClosedAt) < decideWithin:
		return Command{}, ErrFactsDecide
	case option < 0 || option >= len(p.Question.Options):
		return Command{}, ErrNoOption
	}

	next := *p
	next.Phase = PredictionAnswered
	next.Reason = ""
	next.DecidedAt = now
	next.Answer = &Answer{Option: option, Because: "As the instructor saw it.", Evidence: json.RawMessage("{}"), At: now, ByHand: true}
	return r.changePrediction(now, &next, predictionAnswered{p.Question.Options[option], next.Answer.Because}), nil
}

// decide ends a closed prediction with what the facts show.
func (r *Room) decide(a *Answer, cancelled string, at time.Time, c *Changes) {
	next := r.prediction.cancelled(at, cancelled)
	var f eventFact = predictionCancelled{cancelled}
	if a != nil {
		next.Phase = PredictionAnswered
		next.Answer = a
		next.Reason = ""
		f = predictionAnswered{next.Question.Options[a.Option], a.Because}
	}

	c.Predictions = append(c.Predictions, next)
	r.addEvent(newEvent(at, next.Question.Team, f), c)
	r.setPrediction(&next)
}

// Events returns the prediction's events in the log, the oldest first.
func (p Prediction) Events() []Event {
	var out []Event
	add := func(at time.Time, f eventFact) {
		if !at.IsZero() {
			out = append(out, newEvent(at, p.Question.Team, f))
		}
	}

	add(p.OpenedAt, predictionOpened{p.Question.Text})
	add(p.AgainAt, predictionAgain{})
	if p.Tally != nil {
		add(p.ClosedAt, predictionClosed{p.Tally.Votes})
	}
	switch {
	case p.Answer != nil:
		add(p.DecidedAt, predictionAnswered{p.Question.Options[p.Answer.Option], p.Answer.Because})
	case p.Phase == PredictionCancelled:
		add(p.DecidedAt, predictionCancelled{p.Reason})
	}
	return out
}
