package game

import (
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// An Act is something that the instructor does: what is to be stored, and what then changes. Nothing
// changes before Apply.
type Act struct {
	Changes Changes
	Apply   func()
}

// Errors of acts.
var (
	ErrNoTeam    = errors.New("there is no such team")
	ErrNoBadge   = errors.New("the team does not have that badge")
	ErrFrozen    = errors.New("the board is frozen already")
	ErrNotFrozen = errors.New("the board is not frozen")
	ErrReveal    = errors.New("a reveal takes play, pause, next, back or all")
)

// act makes an Act that is told in the log.
func (r *Room) act(c Changes, at time.Time, team int, f Fact, apply func()) Act {
	e := happened(at, team, f)
	e.ID = r.nextID
	r.nextID++
	c.Events = append(c.Events, e)
	return Act{c, func() { apply(); r.keep(e) }}
}

// Begin starts the next round: nothing is earned in it yet, whoever stands in a group stays there,
// and a frozen board is frozen no more.
func (r *Room) Begin(now time.Time) Act {
	next := Round{Number: r.round.Number + 1, Began: now, TopicID: r.topic.id}
	if r.round.Number > 0 {
		next.Start = slices.Clone(r.topic.end)
		for i := range next.Start {
			next.Start[i] = max(next.Start[i], 0)
		}
	}
	c := Changes{Round: next.Number, Begin: &next, Reveal: true, States: map[int]json.RawMessage{}}
	for _, t := range r.teams {
		after := *t
		if r.round.Number > 0 {
			after.restart()
		}
		c.States[t.team] = after.marshal()
	}
	return r.act(c, now, 0, RoundBegan{next.Number}, func() {
		first := r.round.Number == 0
		r.round, r.scores = next, Scores{Round: next.Number}
		r.setFrozen(nil)
		r.log = nil
		for i, t := range r.teams {
			if !first {
				t.restart()
			}
			r.states[i] = c.States[t.team]
		}
	})
}

// Freeze keeps the score that the room sees as it is.
func (r *Room) Freeze(now time.Time) (Act, error) {
	if r.frozen != nil {
		return Act{}, ErrFrozen
	}
	f := r.freeze(now)
	c := r.changes()
	c.Freeze = f
	return r.act(c, now, 0, BoardFrozen{}, func() { r.setFrozen(f) }), nil
}

// Say puts the instructor's line on the board; an empty one takes it away.
func (r *Room) Say(now time.Time, text string) Act {
	c := r.changes()
	c.Message = &text
	return r.act(c, now, 0, BoardSays{text}, func() { r.message = text })
}

// Rename gives a team another name.
func (r *Room) Rename(now time.Time, team int, name string) (Act, error) {
	t := r.team(team)
	if t == nil {
		return Act{}, ErrNoTeam
	}
	c := r.changes()
	c.Names = map[int]string{team: name}
	return r.act(c, now, team, TeamRenamed{t.name, name}, func() { t.name = name }), nil
}

// TakeBack removes a badge; the team cannot earn it again in this round.
func (r *Room) TakeBack(now time.Time, team int, badge string) (Act, error) {
	t := r.team(team)
	if t == nil {
		return Act{}, ErrNoTeam
	}
	e := t.earned[badge]
	if e == nil || !e.stored || e.Removed != nil {
		return Act{}, ErrNoBadge
	}
	a := e.Award
	a.Removed = &now
	c := r.changes()
	c.Removed = []Award{a}
	return r.act(c, now, team, BadgeTaken{t.name, badge}, func() { e.Removed = &now }), nil
}

// Note tells the log of an act that was done elsewhere, such as setting a group's offsets.
func (r *Room) Note(now time.Time, team int, text string) Act {
	return r.act(r.changes(), now, team, Noted{text}, func() {})
}
