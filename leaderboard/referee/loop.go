package referee

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kafka-workshop/leaderboard/game"
)

// loop is the state that one goroutine owns.
type loop struct {
	*Referee
	room    *game.Room
	loaded  bool  // the room is the stored one
	leading bool  // the lease is ours
	term    int64 // of the last lease
	doubt   bool  // what is stored may differ from the room: load it again
	holder  string

	reveal *time.Timer // of a reveal that plays; nil for none

	pending game.Changes // to be stored
	flying  *game.Changes
	failed  int       // saves in a row
	again   time.Time // not before

	kafka, postgres, scoring source
	sweptAt                  time.Time // of the last good sweep
	took                     time.Duration
}

func newLoop(r *Referee) *loop {
	now := r.cfg.Now()
	room, _ := game.NewRoom(r.cfg.Room, game.Saved{}, now) // nothing stored, nothing wrong with it
	l := &loop{Referee: r, room: room}
	l.kafka.fail(now, "no answer yet")
	l.postgres.fail(now, "no answer yet")
	return l
}

func (l *loop) run(ctx context.Context) {
	tick := time.NewTicker(l.cfg.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			l.finish()
			return
		case s := <-l.sweeps:
			l.swept(s)
		case s := <-l.scores:
			l.scored(s)
		case a := <-l.acts:
			a.done <- l.do(ctx, a)
		case n := <-l.news:
			l.hear(n)
		case <-l.revealed():
			l.advance()
		case <-tick.C:
			l.overdue()
		}
		l.flush()
		l.publish()
	}
}

// revealed tells when the reveal's next step is due. What the instructor does to it begins the pause
// anew.
func (l *loop) revealed() <-chan time.Time {
	pause, playing := l.room.Pause()
	if !playing || !l.leading {
		l.reveal = nil
		return nil
	}
	if l.reveal == nil {
		l.reveal = time.NewTimer(pause)
	}
	return l.reveal.C
}

// advance shows the next step of a reveal.
func (l *loop) advance() {
	l.reveal = nil
	l.keepChanges(l.room.Advance(l.cfg.Now()))
}

// swept steps the room by a sweep.
func (l *loop) swept(s game.Sweep) {
	if s.Err != "" {
		l.kafka.fail(l.since(s.At), s.Err)
	} else {
		l.kafka.good()
		l.sweptAt, l.took = s.At, s.Took
	}
	l.keepChanges(l.room.Sweep(s))
}

func (l *loop) scored(s game.Scores) {
	if s.Err != "" {
		l.scoring.fail(s.At, s.Err)
	} else {
		l.scoring.good()
	}
	if l.loaded {
		l.keepChanges(l.room.Scores(s))
	}
}

// since is when values got old: at the last good sweep.
func (l *loop) since(now time.Time) time.Time {
	if l.sweptAt.IsZero() {
		return now
	}
	return l.sweptAt
}

// overdue notices that Kafka gives no answer at all.
func (l *loop) overdue() {
	const patience = 5 * time.Second
	if now := l.cfg.Now(); !l.sweptAt.IsZero() && now.Sub(l.sweptAt) > patience && l.kafka.ok() {
		l.kafka.fail(l.sweptAt, fmt.Sprintf("no sweep for %.0f s", now.Sub(l.sweptAt).Seconds()))
	}
}

// keepChanges puts what is to be stored to what is waiting. While another leaderboard plays the
// game, what this one makes of it is not kept.
func (l *loop) keepChanges(c game.Changes) {
	if l.loaded && !c.Empty() {
		l.pending = l.pending.Merge(c)
	}
}

// flush hands what waits to the keeper, unless it is at work.
func (l *loop) flush() {
	if !l.leading || l.flying != nil || l.pending.Empty() || l.cfg.Now().Before(l.again) {
		return
	}
	job := l.pending
	l.pending = game.Changes{}
	l.flying = &job
	select {
	case l.jobs <- job:
	case n := <-l.news: // the lease went away just now
		l.pending, l.flying = job, nil
		l.hear(n)
	}
}

// hear takes the keeper's news.
func (l *loop) hear(n news) {
	switch {
	case n.lead != nil:
		l.adopt(*n.lead)
	case n.saved:
		l.landed(n.err)
	case n.lost:
		l.lost(n)
	}
}

// landed ends a job: what is stored is shown from now on.
func (l *loop) landed(err error) {
	job := *l.flying
	l.flying = nil
	if err == nil {
		l.room.Stored(job)
		l.failed, l.again = 0, time.Time{}
		l.postgres.good()
		return
	}
	l.pending = job.Merge(l.pending)
	l.failed++
	now := l.cfg.Now()
	l.again = now.Add(l.cfg.Retry(l.failed))
	if l.postgres.ok() {
		l.log.Warn("Postgres does not store; what waits is kept and tried again", "error", err)
	}
	l.postgres.fail(now, err.Error())
}

// lost tells that the lock is not ours.
func (l *loop) lost(n news) {
	l.leading = false
	before := l.postgres.text
	l.postgres.fail(l.cfg.Now(), n.err.Error())
	if n.holder == "" {
		l.holder = ""
		l.ready.lose(fmt.Errorf("no session with Postgres: %w", n.err), l.cfg.Now())
		if l.postgres.text != before {
			l.log.Warn("no session with Postgres; connecting again, and new badges wait", "error", n.err)
		}
		return
	}
	if l.holder != n.holder {
		l.log.Info("standing by", "holder", n.holder)
	}
	l.holder = n.holder
	if l.loaded {
		// The other one plays on from what is stored; badges that we saw are offered when we are back.
		l.loaded = false
		l.pending = game.Changes{Round: l.pending.Round, Awards: l.pending.Awards}
	}
	l.ready.standBy(n.err)
}

// adopt begins to lead: with the room that we have, when nobody else had the lock since, else with
// the stored one.
func (l *loop) adopt(got lead) {
	now := l.cfg.Now()
	same := l.loaded && !l.doubt && got.term == l.term+1
	l.leading, l.term, l.holder = true, got.term, l.cfg.Name
	l.failed, l.again = 0, time.Time{}
	l.postgres.good()
	if !same {
		l.load(got.saved, now)
	}
	l.log.Info("holding the lock", "round", l.room.Round().Number, "term", got.term, "loaded", !same)
	l.ready.lead()
}

func (l *loop) load(saved game.Saved, now time.Time) {
	room, err := game.NewRoom(l.cfg.Room, saved, now)
	if err != nil {
		l.log.Error("some of what is stored cannot be read", "error", err)
	}
	awards := l.pending.Awards
	l.room, l.loaded, l.doubt, l.pending = room, true, false, game.Changes{Round: room.Round().Number}
	if saved.Round.Number == 0 {
		act := room.Begin(now)
		act.Apply()
		l.keepChanges(act.Changes)
	} else {
		l.keepChanges(room.Adopt(awards))
	}
	scores := saved.Scores
	scores.Round = room.Round().Number
	l.cfg.Resume(game.Resume{Round: room.Round(), Scores: scores})
}

// finish stores what waits, before the process ends.
func (l *loop) finish() {
	if l.leading {
		if err := l.settle(context.Background(), endWithin); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			l.log.Warn("the last changes are not stored", "error", err)
		}
	}
}
