package referee

import (
	"context"
	"errors"
	"net/http"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/leaderboard/game"
)

// act is something that the instructor does, on its way to the loop.
type act struct {
	make func(room *game.Room, now time.Time) (game.Command, error)
	done chan error
}

// NewRound ends the round and starts the next.
func (r *Referee) NewRound(ctx context.Context) error {
	return r.act(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.Begin(now), nil })
}

// Freeze keeps the score as the room sees it now, until Reveal or a new round.
func (r *Referee) Freeze(ctx context.Context) error { return r.act(ctx, (*game.Room).Freeze) }

// Reveal plays what happened behind the freeze, from the last place up; how is one of game's ways.
func (r *Referee) Reveal(ctx context.Context, how string) error {
	return r.act(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.Reveal(now, how) })
}

// Message puts a line on the board; an empty one takes it away.
func (r *Referee) Message(ctx context.Context, text string) error {
	return r.act(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.SetMessage(now, text), nil })
}

// Rename gives a team another name.
func (r *Referee) Rename(ctx context.Context, team int, name string) error {
	return r.act(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.Rename(now, team, name) })
}

// RemoveBadge takes a badge back for this round.
func (r *Referee) RemoveBadge(ctx context.Context, team int, badge string) error {
	return r.act(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.RemoveBadge(now, team, badge) })
}

// Note logs an act that was done elsewhere, such as setting a group's offsets.
func (r *Referee) Note(ctx context.Context, team int, text string) error {
	return r.act(ctx, func(room *game.Room, now time.Time) (game.Command, error) { return room.Note(now, team, text), nil })
}

func (r *Referee) act(ctx context.Context, how func(*game.Room, time.Time) (game.Command, error)) error {
	a := act{make: how, done: make(chan error, 1)}
	select {
	case r.acts <- a:
	case <-r.ended:
		return httpserve.Status(http.StatusServiceUnavailable, "the leaderboard is shutting down")
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-a.done:
		return spoken(err)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// spoken gives the errors that the instructor can do something about their status.
func spoken(err error) error {
	switch {
	case errors.Is(err, game.ErrNoTeam), errors.Is(err, game.ErrNoBadge):
		return httpserve.Status(http.StatusNotFound, "%v", err)
	case errors.Is(err, game.ErrFrozen), errors.Is(err, game.ErrNotFrozen):
		return httpserve.Status(http.StatusConflict, "%v", err)
	case errors.Is(err, game.ErrReveal):
		return httpserve.Bad("%v", err)
	}
	return err
}

// do stores what waits, then the act, and changes the room when the act is stored.
func (l *loop) do(ctx context.Context, a act) error {
	if !l.leading {
		if l.holder != "" {
			return httpserve.Status(http.StatusServiceUnavailable, "this leaderboard stands by: ask %s", l.holder)
		}
		return httpserve.Status(http.StatusServiceUnavailable, "Postgres does not answer: nothing was changed, try again")
	}
	if err := l.settle(ctx, saveWithin+time.Second); err != nil {
		return httpserve.Status(http.StatusServiceUnavailable, "Postgres does not answer: nothing was changed, try again")
	}
	now := l.cfg.Now()
	made, err := a.make(l.room, now)
	if err != nil {
		return err
	}
	before := l.room.Round().Number
	l.pending = made.Changes
	if err := l.settle(ctx, saveWithin+time.Second); err != nil {
		l.pending, l.doubt = game.Changes{}, true // it may be stored, if the answer alone was lost
		return httpserve.Status(http.StatusServiceUnavailable, "Postgres does not answer: look whether the change is there, and try again")
	}
	made.Apply()
	l.reveal = nil
	for _, e := range made.Changes.Events {
		l.log.Info("instructor", "act", e.Text, "team", e.Team)
	}
	if l.room.Round().Number != before {
		l.cfg.Resume(game.Resume{Round: l.room.Round(), Scores: game.Scores{Round: l.room.Round().Number}})
	}
	return nil
}

// settle waits until everything that waits is stored; its error leaves the rest waiting. Who asked
// may be gone meanwhile: what was begun is ended.
func (l *loop) settle(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	for l.flying != nil || !l.pending.Empty() {
		failed := l.failed
		l.again = time.Time{}
		l.flush()
		if l.flying != nil {
			select {
			case n := <-l.news:
				l.hear(n)
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if !l.leading || l.failed > failed {
			return errors.New("not stored: " + l.postgres.text)
		}
	}
	return nil
}
