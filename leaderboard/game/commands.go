package game

import (
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// A Command is an action of the instructor on the room. Apply changes the room; it is called once Changes are stored.
type Command struct {
	Changes Changes
	Apply   func()
}

// Errors of commands, shown to the instructor.
var (
	ErrNoTeam    = errors.New("there is no such team")
	ErrNoBadge   = errors.New("the team does not have that badge")
	ErrNoMember  = errors.New("the group has no such member")
	ErrFrozen    = errors.New("the board is frozen already")
	ErrNotFrozen = errors.New("the board is not frozen")
	ErrGroupBusy = errors.New("the group has members: stop them first")
	ErrNoPodium  = errors.New("the board shows no podium")
	ErrNoRound   = errors.New("there is no such round")
	ErrReveal    = errors.New("a reveal takes play, pause, next, back or all")

	ErrShuttingDown = errors.New("the leaderboard is shutting down")

	ErrLoadNotSet       error = outsideError("the load is not set")
	ErrKafka            error = outsideError("Kafka rejected the request")
	ErrStoreUnavailable error = outsideError("Postgres does not answer: nothing was changed, try again")
	ErrStoreInDoubt     error = outsideError("Postgres does not answer: check whether the change is there before you try again")
)

// An outsideError is the error of another system; it begins with that system's name.
type outsideError string

func (e outsideError) Error() string { return string(e) }

// A StandbyError refuses a command because another leaderboard holds the room's lock.
type StandbyError struct{ Holder string }

func (e StandbyError) Error() string { return "this leaderboard stands by: ask " + e.Holder }

// command makes a Command that logs the fact as an event.
func (r *Room) command(c Changes, at time.Time, team int, f eventFact, apply func()) Command {
	e := newEvent(at, team, f)
	e.ID = r.nextID
	r.nextID++
	c.Events = append(c.Events, e)
	return Command{c, func() { apply(); r.appendLog(e) }}
}

// Begin starts the next round. No badge has been earned in it yet, members stay in their groups, and the board is no longer
// frozen.
func (r *Room) Begin(now time.Time) Command {
	first := r.round.Number == 0
	next := Round{Number: r.round.Number + 1, Began: now, TopicID: r.topic.id}
	if !first {
		next.Start = slices.Clone(r.topic.end)
		for i := range next.Start {
			next.Start[i] = max(next.Start[i], 0)
		}
	}

	c := Changes{Round: next.Number, Begin: &next, Reveal: true, States: map[int]json.RawMessage{}}
	if r.prediction.running() {
		c.Predictions = []Prediction{r.prediction.cancelled(now, "the round ended")}
	}
	histories := make([]history, len(r.teams))
	states := make([]storedState, len(r.teams))
	for i, t := range r.teams {
		histories[i] = t.splitSpans(next.Number, now, &c)
		after := *t
		if !first {
			after.startRound()
		}
		states[i] = after.stored()
		c.States[t.team] = states[i].text
	}

	podium := r.podium
	if !first && r.frozen == nil && podium.Round != r.round.Number {
		podium = r.newPodium()
		c.Podium = &podium
	}

	return r.command(c, now, 0, roundBegan{next.Number}, func() {
		r.round, r.podium = next, podium
		r.scores = Scores{Round: next.Number}
		r.setFrozen(nil)
		r.log = nil
		r.prediction, r.predictions = nil, nil
		r.states = states
		for i, t := range r.teams {
			if !first {
				t.startRound()
			}
			t.history = histories[i]
		}
	})
}

// Freeze hides later changes of the score from the room.
func (r *Room) Freeze(now time.Time) (Command, error) {
	if r.frozen != nil {
		return Command{}, ErrFrozen
	}
	f := r.snapshotScore(now)
	c := r.changes()
	c.Freeze = f
	return r.command(c, now, 0, boardFrozen{}, func() { r.setFrozen(f) }), nil
}

// SetMessage shows the instructor's message on the board; an empty one removes it.
func (r *Room) SetMessage(now time.Time, text string) Command {
	c := r.changes()
	c.Message = &text
	return r.command(c, now, 0, messageChanged{text}, func() { r.message = text })
}

// Rename gives a team another name.
func (r *Room) Rename(now time.Time, team int, name string) (Command, error) {
	t := r.team(team)
	if t == nil {
		return Command{}, ErrNoTeam
	}
	c := r.changes()
	c.Names = map[int]string{team: name}
	return r.command(c, now, team, teamRenamed{t.name, name}, func() { t.name = name }), nil
}

// RemoveBadge removes a badge from a team, which cannot earn it again in this round.
func (r *Room) RemoveBadge(now time.Time, team int, badge string) (Command, error) {
	t := r.team(team)
	if t == nil {
		return Command{}, ErrNoTeam
	}
	e := t.earned.of(badge)
	if e == nil || !e.stored || e.Removed != nil {
		return Command{}, ErrNoBadge
	}

	a := e.Award
	a.Removed = &now
	c := r.changes()
	c.Removed = []Award{a}
	return r.command(c, now, team, badgeRemoved{t.name, badge}, func() { t.earned.remove(e, now) }), nil
}

// Note logs an action that was carried out elsewhere, such as setting a group's offsets.
func (r *Room) Note(now time.Time, team int, text string) Command {
	return r.command(r.changes(), now, team, note{text}, func() {})
}
