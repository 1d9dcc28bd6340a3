package referee

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"kafka-workshop/leaderboard/game"
)

// hold blocks saves until release is called.
func (r *running) hold() (release func()) {
	held := make(chan struct{})
	r.db.do(func() { r.db.hold = held })
	return func() {
		r.db.do(func() { r.db.hold = nil })
		close(held)
	}
}

// freeze sends the command and returns a channel for its result.
func (r *running) freeze(ctx context.Context) <-chan error {
	done := make(chan error, 1)
	go func() { done <- r.Freeze(ctx) }()
	synctest.Wait()
	return done
}

// If the lease is lost during a save, the badges are stored once, over the next lease.
func TestALeaseLostDuringASaveLosesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		release := r.hold()
		r.sweep("a", "b")
		r.db.do(func() { r.db.fails, r.db.breaks = errAway, true })
		release()
		r.wait(2 * time.Second)
		if got := r.points(1); got != 0 {
			t.Errorf("%d points are shown, and nothing is stored", got)
		}

		r.db.do(func() { r.db.fails, r.db.breaks = nil, false })
		r.wait(5 * time.Second)
		if got := r.db.badges(); !slices.Equal(got, []string{game.Connected, game.Scaled}) || r.db.term != 2 || r.points(1) != 220 {
			t.Errorf("stored %v over term %d, %d points", got, r.db.term, r.points(1))
		}
	})
}

// A command waits for pending changes and is stored after them.
func TestACommandIsStoredAfterWhatIsPending(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		release := r.hold()
		r.sweep("a", "b")
		done := r.freeze(t.Context())
		if got := r.shown(); got.Public.Frozen {
			t.Error("the board is frozen before that is stored")
		}

		release()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		last := r.db.saves[len(r.db.saves)-1]
		if last.Freeze == nil || len(last.Awards) > 0 || !slices.Equal(r.db.badges(), []string{game.Connected, game.Scaled}) {
			t.Errorf("the last save is %+v", last)
		}
		if got := last.Freeze.Teams[1].Points; got != 220 || !r.shown().Public.Frozen {
			t.Errorf("frozen at %d points: %v", got, r.shown().Public.Frozen)
		}
	})
}

// If pending changes cannot be stored, a command is refused before it begins.
func TestACommandBehindASaveThatHangsIsRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		release := r.hold()
		r.sweep("a")
		if err := r.Freeze(t.Context()); !errors.Is(err, game.ErrStoreUnavailable) {
			t.Errorf("the command: %v", err)
		}
		release()
		r.wait(10 * time.Second)
		if got := r.shown(); got.Public.Frozen || r.points(1) != 110 {
			t.Errorf("frozen: %v, %d points", got.Public.Frozen, r.points(1))
		}
	})
}

// If the save of the command itself hangs, nobody knows whether it is stored.
func TestACommandWhoseSaveHangsIsInDoubt(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		release := r.hold()
		if err := r.Freeze(t.Context()); !errors.Is(err, game.ErrStoreInDoubt) {
			t.Errorf("the command: %v", err)
		}
		release()
		r.wait(10 * time.Second)
		if r.shown().Public.Frozen {
			t.Error("the board is frozen by a command that was said to be in doubt")
		}
	})
}

// A command is carried out even if its caller has gone before the answer.
func TestACallerThatLeavesCancelsNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		release := r.hold()
		ctx, cancel := context.WithCancel(t.Context())
		done := r.freeze(ctx)
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the caller got %v", err)
		}
		release()
		r.wait(time.Second)
		if !r.shown().Public.Frozen {
			t.Error("the board is not frozen")
		}
	})
}

// If the process has to end while a command is being stored, the command is finished first.
func TestACommandUnderWayAtTheEndIsFinished(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		release := r.hold()
		done := r.freeze(t.Context())
		go r.stop()
		synctest.Wait()
		release()
		if err := <-done; err != nil || r.db.saves[len(r.db.saves)-1].Freeze == nil {
			t.Errorf("the command: %v, saves %+v", err, r.db.saves)
		}
	})
}

// While Postgres refuses, saves are tried less and less often, down to one every two seconds.
func TestSavesAreRetriedLessAndLessOften(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.db.do(func() { r.db.fails = errAway })
		before := r.db.tries
		r.sweep("a")
		for range 100 {
			r.wait(100 * time.Millisecond)
			r.HandleScores(game.Scores{At: time.Now(), Round: -1}) // wakes up the loop
		}
		if got := r.db.tries - before; got != 8 { // at 0, 0.2, 0.6, 1.4, 3, 5, 7 and 9 s
			t.Errorf("%d tries in ten seconds", got)
		}
	})
}

// A save that hangs at the end does not keep the process alive.
func TestTheEndDoesNotWaitForASaveThatHangs(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		defer r.hold()()
		r.sweep("a")
		began := time.Now()
		r.stop()
		if got := time.Since(began); got != endWithin {
			t.Errorf("it ended after %v", got)
		}
	})
}
