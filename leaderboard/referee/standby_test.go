package referee

import (
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"kafka-workshop/leaderboard/game"
)

// A standby names the holder, and leads with the stored room as soon as the lock is free.
func TestAStandbyTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &database{holder: "b"}
		db.saved.Round = game.Round{Number: 3, Began: time.Now()}
		db.saved.Message = "of b"
		r := start(t, db)
		defer r.stop()
		if err := r.Ready(); !errors.Is(err, heldError{"b"}) || r.shown().Instructor.Holder != "b" || r.resumes != 0 {
			t.Errorf("ready: %v, holder %q, scoring was sent %d times", err, r.shown().Instructor.Holder, r.resumes)
		}

		r.db.do(func() { r.db.holder = "" })
		r.wait(standbyEvery)
		if err := r.Ready(); err != nil || r.shown().Instructor.Holder != "a" {
			t.Errorf("ready: %v, holder %q", err, r.shown().Instructor.Holder)
		}
		if v := r.shown().Public; v.Round != 3 || v.Message != "of b" || r.resumes != 1 {
			t.Errorf("round %d, message %q, scoring was sent %d times", v.Round, v.Message, r.resumes)
		}
	})
}

// A holder whose requests get no answer is in doubt although its session looks alive; an answer ends that.
func TestAHolderWithoutAnswersIsInDoubt(t *testing.T) {
	inBubble(t, func(t *testing.T, r *running) {
		deaf := make(chan struct{})
		r.db.do(func() { r.db.deaf = deaf })
		r.wait(leaseFor)
		if err := r.Ready(); err != nil {
			t.Errorf("in doubt after %v already: %v", leaseFor, err)
		}
		r.wait(time.Second)
		if err := r.Ready(); !errors.Is(err, errInDoubt) {
			t.Errorf("a second later: %v", err)
		}

		r.db.do(func() { r.db.deaf = nil })
		close(deaf)
		r.wait(2 * time.Second)
		if err := r.Ready(); err != nil || r.db.term != 1 {
			t.Errorf("answered again: %v, term %d", err, r.db.term)
		}
	})
}

// If a team's stored state cannot be read, that team loses progress towards its badges; the board works for everyone.
func TestAStateThatCannotBeReadStartsEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &database{}
		db.saved.Round = game.Round{Number: 1, Began: time.Now()}
		db.saved.States = map[int]json.RawMessage{1: json.RawMessage(`{"members":7}`)}
		r := start(t, db)
		defer r.stop()
		r.sweep("a", "b")
		r.wait(time.Second)
		if err := r.Ready(); err != nil || r.points(1) != 220 {
			t.Errorf("ready: %v, %d points", err, r.points(1))
		}
	})
}
