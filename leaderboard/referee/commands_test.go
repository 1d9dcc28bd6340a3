package referee

import (
	"context"
	"errors"
	"testing"
	"time"

	"kafka-workshop/leaderboard/game"
)

// Commands that cannot be carried out return game's errors.
func TestCommandsThatCannotBeDone(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		ctx := t.Context()
		for _, c := range []struct {
			what string
			err  error
			want error
		}{
			{"no such team", r.Rename(ctx, 9, "x"), game.ErrNoTeam},
			{"no such badge", r.RemoveBadge(ctx, 1, game.Scaled), game.ErrNoBadge},
			{"nothing to reveal", r.Reveal(ctx, game.RevealAll), game.ErrNotFrozen},
			{"frozen", r.Freeze(ctx), nil},
			{"frozen a second time", r.Freeze(ctx), game.ErrFrozen},
		} {
			if !errors.Is(c.err, c.want) {
				t.Errorf("%s: %v, want %v", c.what, c.err, c.want)
			}
		}
		r.stop()
		if err := r.Freeze(ctx); !errors.Is(err, game.ErrShuttingDown) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// A new round moves scoring to the start of the round.
func TestANewRoundIsTakenUpByScoring(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.sweep("a")
		if err := r.NewRound(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.wait(time.Second)
		if r.resumes != 2 || r.shown().Public.Round != 2 || r.db.saved.Round.Number != 2 {
			t.Errorf("scoring was told %d times, round %d is shown, round %d stored", r.resumes, r.shown().Public.Round, r.db.saved.Round.Number)
		}
	})
}

// What this leaderboard sees while another one leads is for that one to store, even after the lead returns.
func TestWhatIsSeenInStandbyIsNotStored(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.db.do(func() { r.db.fails, r.db.breaks = errAway, true })
		r.wait(2 * time.Second)
		r.db.do(func() { r.db.fails, r.db.breaks, r.db.holder, r.db.term = nil, false, "b", 2 })
		r.wait(3 * time.Second)
		r.sweep("a", "b")
		r.db.do(func() { r.db.holder = "" })
		r.wait(3 * time.Second)
		if got := r.db.badges(); len(got) != 0 {
			t.Errorf("stored %v, which the other one did not", got)
		}
	})
}

// An answer is as old as its request: it proves nothing about the time since.
func TestAnAnswerIsAsOldAsItsQuestion(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.stop()
		asked := time.Now()
		err := r.confirm(t.Context(), func(context.Context) error {
			<-time.After(time.Second)
			return nil
		})
		if err != nil || !r.ready.confirmed.Equal(asked) {
			t.Errorf("asked at %v, looked at %v, %v", asked, r.ready.confirmed, err)
		}
	})
}

// A reveal pauses while the leaderboard does not lead, because it could not be stored.
func TestARevealWaitsForTheLead(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		if err := r.Freeze(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.sweep("a", "b")
		if err := r.Reveal(t.Context(), game.RevealPlay); err != nil {
			t.Fatal(err)
		}
		r.db.do(func() { r.db.fails, r.db.breaks = errAway, true })
		r.wait(200 * time.Millisecond)
		r.wait(900 * time.Millisecond) // Postgres gets a request, and the session ends
		before := r.shown().Truth.Reveal
		r.wait(10 * time.Second)
		if after := r.shown().Truth.Reveal; before == nil || after == nil || after.Step != before.Step {
			t.Errorf("it was at %+v, and is at %+v", before, after)
		}
		r.db.do(func() { r.db.fails, r.db.breaks = nil, false })
		r.wait(15 * time.Second)
		if r.shown().Public.Frozen || r.points(1) != 220 {
			t.Errorf("frozen: %v, %d points", r.shown().Public.Frozen, r.points(1))
		}
	})
}
