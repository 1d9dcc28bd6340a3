package referee

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kafka-workshop/leaderboard/game"
)

// sweepsMissing is how long after the last good sweep Kafka is considered silent.
const sweepsMissing = 5 * time.Second

// loop is the state of the goroutine that runs the game. No other goroutine reads or writes it.
type loop struct {
	*Referee
	room    *game.Room
	loaded  bool   // the room continues the stored one
	leading bool   // the lease is ours
	term    int64  // of the last lease
	inDoubt bool   // the stored room may differ from this one: load it with the next lease
	holder  string // of the lock; empty if unknown

	revealTimer *time.Timer // until the next step of a reveal that plays; nil if none does

	pending  game.Changes  // to be stored
	saving   *game.Changes // with the lease keeper; nil when it is idle
	failures int           // of saves, in a row
	retryAt  time.Time     // no save is sent before

	kafka     source
	postgres  source
	scoring   source
	sweptAt   time.Time // of the last good sweep
	sweepTook time.Duration
}

func newLoop(r *Referee) *loop {
	now := r.cfg.Now()
	room, _ := game.NewRoom(r.cfg.Room, game.Saved{}, now) // an empty room has no errors
	room.UseSheet(r.cfg.Sheet)
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
			l.saveRest()
			return
		case s := <-l.sweeps:
			l.handleSweep(s)
		case s := <-l.scores:
			l.handleScores(s)
		case query := <-l.queries:
			query(l.room)
			continue
		case votes := <-l.votes:
			l.queue(game.Changes{Round: l.room.Round().Number, Votes: votes})
		case c := <-l.commands:
			err := l.execute(ctx, c)
			l.flush()
			l.publish() // the command's sender sees its effect
			c.done <- err
			continue
		case e := <-l.leaseEvents:
			l.handleLeaseEvent(e)
		case <-l.revealDue():
			l.revealTimer = nil
			l.queue(l.room.AdvanceReveal(l.cfg.Now()))
		case <-tick.C:
			l.checkSweeps()
		}
		l.flush()
		l.publish()
	}
}

// revealDue returns a channel that fires when the next step of a reveal is due, or nil if none plays. A command restarts the
// delay.
func (l *loop) revealDue() <-chan time.Time {
	delay, playing := l.room.RevealDelay()
	if !playing || !l.leading {
		l.revealTimer = nil
		return nil
	}
	if l.revealTimer == nil {
		l.revealTimer = time.NewTimer(delay)
	}
	return l.revealTimer.C
}

func (l *loop) handleSweep(s game.Sweep) {
	switch {
	case s.Err == "":
		l.kafka.reset()
		l.sweptAt, l.sweepTook = s.At, s.Took
	case l.sweptAt.IsZero():
		l.kafka.fail(s.At, s.Err)
	default:
		l.kafka.fail(l.sweptAt, s.Err) // the data shown is as old as the last good sweep
	}
	l.queue(l.room.Sweep(s))
}

func (l *loop) handleScores(s game.Scores) {
	if s.Err == "" {
		l.scoring.reset()
	} else {
		l.scoring.fail(s.At, s.Err)
	}
	if l.loaded {
		l.queue(l.room.Scores(s))
	}
}

// checkSweeps detects that no sweeps arrive.
func (l *loop) checkSweeps() {
	if l.sweptAt.IsZero() || !l.kafka.ok() {
		return
	}
	if age := l.cfg.Now().Sub(l.sweptAt); age > sweepsMissing {
		l.kafka.fail(l.sweptAt, fmt.Sprintf("no sweep for %.0f s", age.Seconds()))
	}
}

// queue adds changes to the pending ones. While another leaderboard leads, changes are for that one to store.
func (l *loop) queue(c game.Changes) {
	if l.loaded && !c.Empty() {
		l.pending = l.pending.Merge(c)
	}
}

// flush sends pending changes to the lease keeper unless a save is in flight.
func (l *loop) flush() {
	if !l.leading || l.saving != nil || l.pending.Empty() || l.cfg.Now().Before(l.retryAt) {
		return
	}
	batch := l.pending
	l.pending = game.Changes{}
	l.saving = &batch
	select {
	case l.saves <- batch:
	case e := <-l.leaseEvents: // the keeper has just lost the lease and accepts no save
		l.pending, l.saving = batch, nil
		l.handleLeaseEvent(e)
	}
}

func (l *loop) handleLeaseEvent(e leaseEvent) {
	switch {
	case e.acquired != nil:
		l.adoptLease(*e.acquired)
	case e.saved:
		l.finishSave(e.err)
	case e.lost && e.holder != "":
		l.standBy(e)
	case e.lost:
		l.loseLease(e.err)
	}
}

// finishSave shows the changes that were stored, or after an error puts them back in front of the pending ones.
func (l *loop) finishSave(err error) {
	batch := *l.saving
	l.saving = nil
	if err == nil {
		l.room.Stored(batch)
		l.failures, l.retryAt = 0, time.Time{}
		l.postgres.reset()
		return
	}

	l.pending = batch.Merge(l.pending)
	l.failures++
	now := l.cfg.Now()
	l.retryAt = now.Add(l.cfg.Retry(l.failures))
	if l.postgres.ok() {
		l.log.Warn("saving failed; retrying", "error", err)
	}
	l.postgres.fail(now, err.Error())
}

// loseLease continues without the lease. Unsaved awards stay pending.
func (l *loop) loseLease(err error) {
	l.leading = false
	l.holder = ""
	before := l.postgres.text
	l.postgres.fail(l.cfg.Now(), err.Error())
	l.ready.lose(fmt.Errorf("no session with Postgres: %w", err), l.cfg.Now())
	if l.postgres.text != before {
		l.log.Warn("no session with Postgres; reconnecting, new badges wait", "error", err)
	}
}

// standBy lets another leaderboard continue from the stored room. Awards that are not stored are offered again once the lease
// is ours.
func (l *loop) standBy(e leaseEvent) {
	l.leading = false
	l.postgres.fail(l.cfg.Now(), e.err.Error())
	if l.holder != e.holder {
		l.log.Info("standing by", "holder", e.holder)
	}
	l.holder = e.holder
	if l.loaded {
		l.loaded = false
		l.pending = game.Changes{Round: l.pending.Round, Awards: l.pending.Awards}
	}
	l.ready.standBy(e.err, e.address)
}

// adoptLease takes the lead. The room continues if nobody else has held the lock since; otherwise the stored one is loaded.
func (l *loop) adoptLease(got acquired) {
	heldByAnother := got.term != l.term+1
	same := l.loaded && !l.inDoubt && !heldByAnother
	l.leading, l.term, l.holder = true, got.term, l.cfg.Name
	l.failures, l.retryAt = 0, time.Time{}
	l.postgres.reset()
	if !same {
		l.load(got.saved, heldByAnother)
	}
	l.log.Info("holding the lock", "round", l.room.Round().Number, "term", got.term, "loaded", !same)
	l.ready.lead()
}

// load replaces the room with the stored one.
func (l *loop) load(saved game.Saved, heldByAnother bool) {
	now := l.cfg.Now()
	room, err := game.NewRoom(l.cfg.Room, saved, now)
	room.UseSheet(l.cfg.Sheet)
	if err != nil {
		l.log.Error("part of the stored room cannot be read", "error", err)
	}

	awards := l.pending.Awards
	l.room, l.loaded, l.inDoubt = room, true, false
	if l.cfg.Votes != nil {
		l.cfg.Votes(saved.Votes, heldByAnother)
	}
	l.pending = game.Changes{Round: room.Round().Number}
	if saved.Round.Number == 0 {
		begin := room.Begin(now)
		begin.Apply()
		l.queue(begin.Changes)
	} else {
		l.queue(room.Adopt(awards))
	}

	scores := saved.Scores
	scores.Round = room.Round().Number
	l.cfg.Resume(game.Resume{Round: room.Round(), Scores: scores})
}

// saveRest stores what is pending before the process ends.
func (l *loop) saveRest() {
	if !l.leading {
		return
	}
	if err := l.drain(context.Background(), endWithin); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		l.log.Warn("the last changes are not stored", "error", err)
	}
}
