package referee

import (
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// source is the state of a system that the leaderboard depends on.
type source struct {
	since time.Time // when it began to fail; zero while it does not
	text  string
}

func (s *source) ok() bool { return s.since.IsZero() }
func (s *source) reset()   { *s = source{} }

func (s *source) fail(at time.Time, text string) {
	if s.since.IsZero() {
		s.since = at
	}
	s.text = text
}

func (s *source) view() game.Source {
	if s.ok() {
		return game.Source{OK: true}
	}
	at := workshop.At(s.since)
	return game.Source{Since: &at, Error: s.text}
}

// publish publishes the current View.
func (l *loop) publish() {
	public, truth := l.room.Boards()
	stale, since := l.stale()
	public.Stale, truth.Stale = stale, stale
	if !since.IsZero() {
		at := workshop.At(since)
		public.StaleSince, truth.StaleSince = &at, &at
	}

	var term int64
	if l.loaded {
		term = l.term
	}
	l.cfg.Publish(game.View{Public: public, Truth: truth, Term: term, Instructor: game.Instructor{
		Help: l.room.Help(l.cfg.Now()), Strangers: l.room.Strangers(), Log: l.room.Log(),
		Kafka: l.kafka.view(), Postgres: l.postgres.view(), Scoring: l.scoring.view(),
		Behind: l.room.Behind(), SweepMS: float64(l.sweepTook.Microseconds()) / 1000, Holder: l.holder, Reveal: truth.Reveal,
		Sheet: l.room.Sheet(), Spotlight: l.room.Spotlight(), Stillness: l.room.Stillness(l.cfg.Now()), Belief: game.WorstBelief(truth.Predictions),
	}})
}

// stale returns descriptions of what is stale, and since when the oldest has been.
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
	if !l.leading && l.holder != "" {
		add(&l.postgres, "this board stands by: look at the one of "+l.holder)
	} else {
		add(&l.postgres, "Postgres does not answer: new badges wait")
	}
	if l.cfg.Lesson.Actions {
		add(&l.scoring, "actions are not being read")
	}
	return words, since
}
