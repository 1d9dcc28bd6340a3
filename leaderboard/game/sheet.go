package game

import (
	"errors"
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

// ErrNoStep rejects a step that the run sheet does not have.
var ErrNoStep = errors.New("the run sheet has no such step")

// A Position is where the class is in its run sheet, and the setting of the spotlight. It belongs to the room, not to a
// round.
type Position struct {
	Step      int                `json:"step"` // from 1; 0 before the first
	BeganAt   time.Time          `json:"began_at"`
	EndsAt    time.Time          `json:"ends_at"`   // as planned, plus extensions
	Spotlight workshop.Spotlight `json:"spotlight"` // 0 for none
}

// A StepProgress is the current step on the board.
type StepProgress struct {
	Number int           `json:"number"` // from 1
	Of     int           `json:"of"`
	Title  string        `json:"title"`
	EndsAt workshop.Time `json:"ends_at"` // as planned: it may have passed
}

// A SheetProgress is the JSON of /api/instructor/sheet.
type SheetProgress struct {
	Steps   []workshop.Step `json:"steps"`
	Step    int             `json:"step"` // from 1; 0 before the first
	BeganAt *workshop.Time  `json:"began_at"`
	EndsAt  *workshop.Time  `json:"ends_at"`
}

// UseSheet sets the run sheet. A position beyond its end is reset to before the first step.
func (r *Room) UseSheet(s workshop.Sheet) {
	r.sheet = s
	if r.position.Step > len(s.Steps) {
		r.position = Position{Spotlight: r.position.Spotlight}
	}
}

// GoToStep begins a step: it shows the step's line, sets its spotlight, and freezes or reveals the board if the step says so.
// The caller sets the load that the step asks for.
func (r *Room) GoToStep(now time.Time, number int) (Command, error) {
	if number < 1 || number > len(r.sheet.Steps) {
		return Command{}, ErrNoStep
	}

	step := r.sheet.Steps[number-1]
	next := Position{Step: number, BeganAt: now, EndsAt: now.Add(step.Duration()), Spotlight: r.position.Spotlight}
	if step.Spotlight != nil {
		next.Spotlight = *step.Spotlight
	}
	c := r.changes()
	c.Position = &next
	line := step.Line(r.spotlightName(next.Spotlight), r.partitions())
	c.Message = &line

	out := r.command(c, now, 0, stepBegan{number, step.Title}, func() { r.position, r.message = next, line })
	switch {
	case step.Freeze && r.frozen == nil:
		also, _ := r.Freeze(now) // fails only on a frozen board
		out = out.and(also)
	case step.Reveal && r.frozen != nil:
		also, _ := r.Reveal(now, RevealPlay) // fails only on a board that is not frozen
		out = out.and(also)
	}
	if step.Predict != "" {
		out = out.and(r.predictInStep(now, step.Predict, next.Spotlight))
	}
	return out, nil
}

// predictInStep opens the step's question, about the team in the spotlight if there is one. A question that cannot be asked
// now does not stop the step: the log contains the reason.
func (r *Room) predictInStep(now time.Time, kind string, spot workshop.Spotlight) Command {
	c, err := r.OpenPrediction(now, kind, max(int(spot), 0))
	if err != nil {
		return r.Note(now, 0, err.Error())
	}
	return c
}

// ExtendStep moves the planned end of the step; if the end has passed, it counts from now.
func (r *Room) ExtendStep(now time.Time, by time.Duration) (Command, error) {
	if r.position.Step == 0 {
		return Command{}, ErrNoStep
	}

	next := r.position
	if next.EndsAt.Before(now) {
		next.EndsAt = now
	}
	next.EndsAt = next.EndsAt.Add(by)
	c := r.changes()
	c.Position = &next
	return r.command(c, now, 0, stepExtended{next.Step, by}, func() { r.position = next }), nil
}

// SetSpotlight puts a team in the spotlight; 0 removes it, and workshop.SpotlightAuto lets the board choose.
func (r *Room) SetSpotlight(now time.Time, s workshop.Spotlight) (Command, error) {
	if s > 0 && r.team(int(s)) == nil {
		return Command{}, ErrNoTeam
	}

	next := r.position
	next.Spotlight = s
	c := r.changes()
	c.Position = &next
	return r.command(c, now, 0, spotlightMoved{s, r.spotlightName(s)}, func() { r.position = next }), nil
}

// and returns a command that performs both. Their events keep their order.
func (c Command) and(also Command) Command {
	return Command{c.Changes.Merge(also.Changes), func() { c.Apply(); also.Apply() }}
}

// step returns the current step for the board, or nil before the first.
func (r *Room) step() *StepProgress {
	n := r.position.Step
	if n == 0 || n > len(r.sheet.Steps) {
		return nil
	}
	return &StepProgress{Number: n, Of: len(r.sheet.Steps), Title: r.sheet.Steps[n-1].Title, EndsAt: workshop.At(r.position.EndsAt)}
}

// Sheet returns the run sheet and where the class is in it.
func (r *Room) Sheet() SheetProgress {
	out := SheetProgress{Steps: slices.Clone(r.sheet.Steps), Step: r.position.Step}
	if out.Steps == nil {
		out.Steps = []workshop.Step{}
	}
	if out.Step > 0 {
		began, ends := workshop.At(r.position.BeganAt), workshop.At(r.position.EndsAt)
		out.BeganAt, out.EndsAt = &began, &ends
	}
	return out
}

// spotlightName returns the name for the team in the spotlight in a log line. For auto, it is the team shown now.
func (r *Room) spotlightName(s workshop.Spotlight) string {
	if s == workshop.SpotlightAuto {
		s = workshop.Spotlight(r.spot.team)
	}
	if t := r.team(int(s)); t != nil {
		return t.name
	}
	return "one team"
}

// partitions returns the topic's number of partitions, or the lesson's until the topic is known.
func (r *Room) partitions() int {
	if n := len(r.topic.end); n > 0 {
		return n
	}
	return r.setup.Lesson.Partitions
}
