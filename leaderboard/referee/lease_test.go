package referee

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

func TestWhatCouldNotBeStoredIsShownOnceItIs(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.db.do(func() { r.db.fails = errAway })
		r.sweep("a", "b")
		r.wait(3 * time.Second)
		if got := r.points(1); got != 0 || r.shown().Instructor.Postgres.OK {
			t.Errorf("%d points are shown, nothing is stored; Postgres: %+v", got, r.shown().Instructor.Postgres)
		}

		r.db.do(func() { r.db.fails = nil })
		r.wait(5 * time.Second)
		if got := r.points(1); got != 220 || len(r.db.badges()) != 2 || !r.shown().Instructor.Postgres.OK {
			t.Errorf("%d points are shown, stored: %v", got, r.db.badges())
		}
	})
}

// Changes made during a save are stored after it, even if the save has to be repeated.
func TestWhatComesWhileAJobIsUnderWayIsStoredAfterIt(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		hold := make(chan struct{})
		r.db.do(func() { r.db.fails, r.db.hold = errAway, hold })
		r.sweep("a")
		r.sweep("a", "b")
		r.db.do(func() { r.db.hold = nil })
		close(hold)
		r.wait(100 * time.Millisecond)
		r.db.do(func() { r.db.fails = nil })
		r.wait(5 * time.Second)
		if got := r.db.badges(); !slices.Equal(got, []string{game.Connected, game.Scaled}) {
			t.Errorf("stored %v", got)
		}
		if got := r.db.saved.States[1]; !bytes.Contains(got, []byte(`"id":"b"`)) {
			t.Errorf("the stored state is an older one: %s", got)
		}
	})
}

// A fault that the session survives keeps the lock; the next request uses the same session.
func TestAFaultInALivingSessionKeepsTheLease(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.db.do(func() { r.db.fails = errAway })
		r.sweep("a")
		r.wait(2 * time.Second)
		r.db.do(func() { r.db.fails = nil })
		r.wait(3 * time.Second)
		if r.db.term != 1 || r.db.closed != 0 || r.points(1) != 110 {
			t.Errorf("term %d, closed %d times, %d points", r.db.term, r.db.closed, r.points(1))
		}
	})
}

// A broken session is discarded and replaced.
func TestABrokenSessionIsReplaced(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.db.do(func() { r.db.fails, r.db.breaks = errAway, true })
		r.wait(2 * time.Second)
		r.db.do(func() { r.db.fails, r.db.breaks = nil, false })
		r.wait(5 * time.Second)
		if r.db.term != 2 || r.db.closed != 1 {
			t.Errorf("term %d, closed %d times", r.db.term, r.db.closed)
		}
		if err := r.Ready(); err != nil {
			t.Errorf("not ready: %v", err)
		}
		r.sweep("a")
		r.wait(time.Second)
		if got := r.points(1); got != 110 {
			t.Errorf("%d points", got)
		}
	})
}

// interrupt disconnects a running referee from Postgres, calls meanwhile, and reconnects it.
func (r *running) interrupt(meanwhile func()) {
	r.db.do(func() { r.db.fails, r.db.breaks = errAway, true })
	r.wait(2 * time.Second)
	meanwhile()
	r.wait(2 * time.Second)
	r.db.do(func() { r.db.fails, r.db.breaks = nil, false })
	r.wait(5 * time.Second)
}

func TestTheRoomGoesOnWhenNobodyElseHadTheLock(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.sweep("a")
		r.interrupt(func() { r.sweep("a", "b") })
		if r.points(1) != 220 || r.resumes != 1 || len(r.shown().Truth.Teams[0].Members) != 2 {
			t.Errorf("%d points, scoring went on from the store %d times", r.points(1), r.resumes)
		}
	})
}

// A leaderboard that held the lock meanwhile has written: the stored room counts.
func TestTheStoredRoomCountsWhenSomebodyElseHadTheLock(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.interrupt(func() {
			r.db.do(func() { r.db.term++; r.db.saved.Message = "of another" })
		})
		if got := r.shown().Public.Message; got != "of another" || r.resumes != 2 {
			t.Errorf("the board says %q, scoring went on from the store %d times", got, r.resumes)
		}
	})
}

// Stored votes are newer than this leaderboard's only if another one had the lock meanwhile.
func TestStoredVotesCountWhenSomebodyElseHadTheLock(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.db.do(func() { r.db.saved.Votes = []game.Vote{{Prediction: 1, Voter: "v"}}; r.db.unheard = 1 })
		if err := r.SetMessage(t.Context(), "in doubt"); !errors.Is(err, game.ErrStoreInDoubt) {
			t.Fatal(err)
		}
		r.interrupt(func() {})
		r.interrupt(func() { r.db.do(func() { r.db.term++ }) }) // another leaderboard led

		if want := []string{"vfalse", "vtrue"}; !slices.Equal(r.votes, want) {
			t.Errorf("got %v, want %v", r.votes, want)
		}
	})
}

// A command whose answer is lost may be stored or not: at the next lease the stored room counts.
func TestAnActInDoubtIsReadBack(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.db.do(func() { r.db.unheard = 1 })
		if err := r.SetMessage(t.Context(), "hello"); !errors.Is(err, game.ErrStoreInDoubt) {
			t.Fatalf("a command without an answer: %v", err)
		}
		if got := r.shown().Public.Message; got != "" {
			t.Errorf("the board says %q before it is known to be stored", got)
		}
		r.interrupt(func() {})
		if got := r.shown().Public.Message; got != "hello" {
			t.Errorf("the board says %q, and hello is stored", got)
		}
	})
}

// A failed command is not retried behind the instructor's back.
func TestAnActThatFailedStaysUndone(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.db.do(func() { r.db.fails = errAway })
		if err := r.Freeze(t.Context()); !errors.Is(err, game.ErrStoreUnavailable) && !errors.Is(err, game.ErrStoreInDoubt) {
			t.Fatalf("a command without Postgres: %v", err)
		}
		r.db.do(func() { r.db.fails = nil })
		r.wait(5 * time.Second)
		for _, c := range r.db.saves {
			if c.Freeze != nil {
				t.Error("the freeze is stored later")
			}
		}
	})
}

// Awards that a leaderboard could not store are offered once it leads again, even if another one led meanwhile.
func TestAwardsOutliveAnotherOnesLead(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.db.do(func() { r.db.fails, r.db.breaks = errAway, true })
		r.sweep("a", "b")
		r.wait(2 * time.Second)
		r.db.do(func() { r.db.fails, r.db.breaks, r.db.holder, r.db.term = nil, false, "b", 2 })
		r.wait(3 * time.Second)
		if err := r.Ready(); err == nil || r.shown().Instructor.Holder != "b" {
			t.Errorf("stands by, ready: %v, holder %q", err, r.shown().Instructor.Holder)
		}

		r.db.do(func() { r.db.holder = "" })
		r.wait(3 * time.Second)
		if got := r.db.badges(); !slices.Equal(got, []string{game.Connected, game.Scaled}) || r.points(1) != 220 {
			t.Errorf("stored %v, %d points", got, r.points(1))
		}
		for _, c := range r.db.saves[1:] {
			if len(c.Events)+len(c.States) > 0 && len(c.Awards) > 0 {
				t.Errorf("more than the awards is taken over from the old room: %+v", c)
			}
		}
	})
}

// What a leaderboard sees while another one leads is for the other one to store.
func TestWhoStandsByStoresNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &database{holder: "b"})
		r.sweep("a", "b")
		r.HandleScores(game.Scores{At: time.Now(), Round: 0, Teams: []game.Work{{Team: 1, Accepted: 5}}})
		synctest.Wait()
		if got := r.shown().Truth.Teams[0].Actions.Accepted; got != 0 {
			t.Errorf("%d actions are counted in a room that is not loaded", got)
		}
		if err := r.Freeze(t.Context()); !errors.Is(err, game.StandbyError{Holder: "b"}) {
			t.Errorf("the command: %v", err)
		}
		r.db.do(func() { r.db.holder = "" })
		r.wait(2 * time.Second)
		if got := r.db.badges(); len(got) != 0 {
			t.Errorf("stored %v from before the lead", got)
		}
		r.stop()
	})
}

// Changes pending at the end are stored before the process ends.
func TestTheLastChangesAreStoredAtTheEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.db.do(func() { r.db.fails = errAway })
		r.sweep("a")
		r.wait(100 * time.Millisecond)
		r.db.do(func() { r.db.fails = nil })
		r.stop()
		if got := r.db.badges(); !slices.Equal(got, []string{game.Connected}) {
			t.Errorf("stored %v", got)
		}
		if r.db.closed != 1 {
			t.Errorf("the lock was given up %d times", r.db.closed)
		}
	})
}

// A leaderboard that cannot load the room releases the lock, so that another one can try.
func TestALeaseThatCannotBeReadIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &database{}
		var leases []*session
		r := start(t, db)
		r.stop()
		bad := New(Config{
			Room: workshop.Room{Lesson: workshop.ScaleUp, Teams: 1}, Log: slog.New(slog.DiscardHandler), Publish: func(game.View) {},
			Acquire: func(ctx context.Context) (Lease, error) {
				l, err := db.lead(ctx)
				if err == nil {
					db.do(func() { db.fails = errAway; leases = append(leases, l.(*session)) })
				}
				return l, err
			},
		})
		before := db.closed
		if _, _, err := bad.acquire(t.Context()); !errors.Is(err, errAway) || db.closed != before+1 || len(leases) != 1 {
			t.Errorf("led with %v, the lock was given up %d times", err, db.closed-before)
		}
	})
}

// The board shows that Kafka is silent, and the age of its data.
func TestSilenceOfKafkaIsShown(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		r.sweep("a")
		at := time.Now()
		r.wait(4 * time.Second)
		if !r.shown().Instructor.Kafka.OK {
			t.Errorf("stale after 4 s: %+v", r.shown().Instructor.Kafka)
		}
		r.wait(3 * time.Second)
		v := r.shown()
		if v.Instructor.Kafka.OK || v.Public.StaleSince == nil || !v.Public.StaleSince.Equal(workshop.At(at).Time) {
			t.Errorf("after 7 s: %+v, stale since %v, want %v", v.Instructor.Kafka, v.Public.StaleSince, at)
		}
	})
}
