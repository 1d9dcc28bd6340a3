package referee

import (
	"context"
	"errors"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// A command is an instructor's command on its way to the loop.
type command struct {
	make func(room *game.Room, now time.Time) (game.Command, error)
	done chan error // buffered for the one answer: the loop does not wait for the caller
}

// NewRound ends the round and starts the next one.
func (r *Referee) NewRound(ctx context.Context) error {
	return r.do(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.Begin(now), nil })
}

// Freeze hides changes of the score from the room, until Reveal or a new round.
func (r *Referee) Freeze(ctx context.Context) error { return r.do(ctx, (*game.Room).Freeze) }

// Reveal shows what happened during the freeze, from the last rank up. how is one of game's Reveal constants.
func (r *Referee) Reveal(ctx context.Context, how string) error {
	return r.do(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.Reveal(now, how) })
}

// SetMessage shows a message on the board; an empty one removes it.
func (r *Referee) SetMessage(ctx context.Context, text string) error {
	return r.do(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.SetMessage(now, text), nil })
}

// Rename gives a team another name.
func (r *Referee) Rename(ctx context.Context, team int, name string) error {
	return r.do(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.Rename(now, team, name) })
}

// RemoveBadge removes a badge for this round.
func (r *Referee) RemoveBadge(ctx context.Context, team int, badge string) error {
	return r.do(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.RemoveBadge(now, team, badge) })
}

// GoToStep begins a step of the run sheet, counted from 1. The caller sets the load that the step asks for.
func (r *Referee) GoToStep(ctx context.Context, number int) error {
	return r.do(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.GoToStep(now, number) })
}

// ExtendStep moves the planned end of the step.
func (r *Referee) ExtendStep(ctx context.Context, by time.Duration) error {
	return r.do(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.ExtendStep(now, by) })
}

// SetSpotlight puts a team in the spotlight; team 0 removes it.
func (r *Referee) SetSpotlight(ctx context.Context, s workshop.Spotlight) error {
	return r.do(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.SetSpotlight(now, s) })
}

// OpenPrediction asks the room a question; team 0 lets the game choose a team.
func (r *Referee) OpenPrediction(ctx context.Context, kind string, team int) error {
	return r.do(ctx, func(room *game.Room, now time.Time) (game.Command, error) {
		return room.OpenPrediction(now, kind, team)
	})
}

// VoteAgain opens a second vote on the prediction. first is the tally of the first vote.
func (r *Referee) VoteAgain(ctx context.Context, first game.Tally) error {
	return r.do(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.VoteAgain(now, first) })
}

// ClosePrediction ends the vote.
func (r *Referee) ClosePrediction(ctx context.Context, t game.Tally) error {
	return r.do(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.ClosePrediction(now, t) })
}

// CancelPrediction ends the prediction without an answer.
func (r *Referee) CancelPrediction(ctx context.Context) error {
	return r.do(ctx, (*game.Room).CancelPrediction)
}

// AnswerPrediction sets the answer when the facts have not decided.
func (r *Referee) AnswerPrediction(ctx context.Context, option int) error {
	return r.do(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.AnswerPrediction(now, option) })
}

// Questions returns the deck: what can be asked now, and for each other question why it cannot.
func (r *Referee) Questions(ctx context.Context) ([]game.Question, error) {
	answer := make(chan []game.Question, 1)
	select {
	case r.queries <- func(room *game.Room) { answer <- room.Deck() }:
		return <-answer, nil
	case <-r.ended:
		return nil, game.ErrShuttingDown
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// SaveVotes queues votes, which are stored with the next changes. They are lost if this leaderboard does not lead.
func (r *Referee) SaveVotes(ctx context.Context, votes []game.Vote) {
	select {
	case r.votes <- votes:
	case <-r.ended:
	case <-ctx.Done():
	}
}

// DismissPodium replaces the podium with the teams again.
func (r *Referee) DismissPodium(ctx context.Context) error {
	return r.do(ctx, (*game.Room).DismissPodium)
}

// Note logs an action that was carried out elsewhere, such as setting a group's offsets.
func (r *Referee) Note(ctx context.Context, team int, text string) error {
	return r.do(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.Note(now, team, text), nil })
}

// do passes a command to the loop and waits for its answer. It returns the errors of game's commands.
func (r *Referee) do(ctx context.Context, build func(*game.Room, time.Time) (game.Command, error)) error {
	c := command{make: build, done: make(chan error, 1)}
	select {
	case r.commands <- c:
	case <-r.ended:
		return game.ErrShuttingDown
	case <-ctx.Done():
		return ctx.Err()
	}

	select {
	case err := <-c.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// execute stores pending changes, then the command, and changes the room once the command is stored.
func (l *loop) execute(ctx context.Context, c command) error {
	switch {
	case !l.leading && l.holder != "":
		return game.StandbyError{Holder: l.holder}
	case !l.leading:
		return game.ErrStoreUnavailable
	}
	if err := l.drain(ctx, saveWithin+time.Second); err != nil {
		return game.ErrStoreUnavailable
	}

	made, err := c.make(l.room, l.cfg.Now())
	if err != nil {
		return err
	}
	before := l.room.Round().Number
	l.pending = made.Changes
	if err := l.drain(ctx, saveWithin+time.Second); err != nil {
		l.pending = game.Changes{}
		l.inDoubt = true // it is stored if only the answer was lost
		return game.ErrStoreInDoubt
	}

	made.Apply()
	l.revealTimer = nil
	for _, e := range made.Changes.Events {
		l.log.Info("command of the instructor", "event", e.Text, "team", e.Team)
	}
	if round := l.room.Round(); round.Number != before {
		l.cfg.Resume(game.Resume{Round: round, Scores: game.Scores{Round: round.Number}})
	}
	return nil
}

// drain waits until all pending changes are stored. After an error, the rest stays pending. It continues when ctx ends: a
// command that has begun is finished before the process ends.
func (l *loop) drain(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	for l.saving != nil || !l.pending.Empty() {
		failures := l.failures
		l.retryAt = time.Time{}
		l.flush()
		if l.saving != nil {
			select {
			case e := <-l.leaseEvents:
				l.handleLeaseEvent(e)
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if !l.leading || l.failures > failures {
			return errors.New("not stored: " + l.postgres.text)
		}
	}
	return nil
}
