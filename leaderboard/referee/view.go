package referee

import (
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// source is how something that the leaderboard depends on does.
type source struct {
	since time.Time // not well since; zero while it is
	text  string
}

func (s *source) ok() bool { return s.since.IsZero() }
func (s *source) good()    { *s = source{} }

func (s *source) fail(at time.Time, text string) {
	if s.since.IsZero() {
		s.since = at
	}
	s.text = text
}

func (s *source) shown() game.Source {
	if s.ok() {
		return game.Source{OK: true}
	}
	at := workshop.At(s.since)
	return game.Source{Since: &at, Error: s.text}
}

// publish hands the View of this moment out.
func (l *loop) publish() {
	room, truth := l.room.Boards()
	stale, since := l.stale()
	room.Stale, truth.Stale = stale, stale
	if !since.IsZero() {
		at := workshop.At(since)
		room.StaleSince, truth.StaleSince = &at, &at
	}
	l.cfg.Publish(game.View{Public: room, Truth: truth, Instructor: game.Instructor{
		Help: l.room.Help(l.cfg.Now()), Strangers: l.room.Strangers(), Log: l.room.Log(),
		Kafka: l.kafka.shown(), Postgres: l.postgres.shown(), Scoring: l.scoring.shown(),
		Behind: l.room.Behind(), SweepMS: float64(l.took.Microseconds()) / 1000, Holder: l.holder, Reveal: truth.Reveal,
	}})
}

// stale says in words what is old, and since when the oldest is.
func (l *loop) stale() (words []string, since time.Time) {
	add := func(s *source, text string) {
		if s.ok() {
			return
		}
		words = append(words, text)
		if since.IsZero() || s.since.Before(since) {
			since = s.since
		}
	}
	add(&l.kafka, "Kafka does not answer: members and lag are old")
	switch {
	case !l.leading && l.holder != "":
		add(&l.postgres, "this board stands by: look at the one of "+l.holder)
	default:
		add(&l.postgres, "Postgres does not answer: new badges wait")
	}
	if l.cfg.Lesson.Actions {
		add(&l.scoring, "actions are not being read")
	}
	return words, since
}
