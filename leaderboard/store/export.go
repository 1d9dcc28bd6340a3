package store

import (
	"context"
	"fmt"
	"time"

	"kafka-workshop/internal/database"
	"kafka-workshop/leaderboard/game"

	"github.com/jackc/pgx/v5"
)

const (
	loadRounds   = `SELECT round, began, ended, topic_id, start_offsets FROM rounds WHERE namespace = $1 AND lesson = $2 ORDER BY round`
	loadOneRound = `SELECT round, began, ended, topic_id, start_offsets FROM rounds WHERE namespace = $1 AND lesson = $2 AND round = $3`

	allEvents  = 1_000_000 // the most events of a round in an export
	pageEvents = 20_000    // the most events of a round on a page
)

// Export reads all rounds of the room. It uses its own connection, so that it delays nobody.
func (s *Store) Export(ctx context.Context, teams int) (game.Export, error) {
	r, end, err := s.read(ctx)
	if err != nil {
		return game.Export{}, err
	}
	defer end()

	out := game.Export{Lesson: s.cfg.Lesson.Name, Rounds: []game.RoundExport{}}
	names := r.names()
	each(r, loadRounds, nil, func(row pgx.Row) error {
		var e game.RoundExport
		var ended *time.Time
		err := row.Scan(&e.Number, &e.Began, &ended, &e.TopicID, &e.Start)
		e.Ended = ended
		out.Rounds = append(out.Rounds, e)
		return err
	})
	for i := range out.Rounds {
		r.fill(&out.Rounds[i], names, teams, allEvents)
	}

	if r.err != nil {
		return game.Export{}, fmt.Errorf("export the game: %w", database.Cause(r.err))
	}
	return out, nil
}

// fill reads what happened in a round.
func (r *reader) fill(e *game.RoundExport, names map[int]string, teams, events int) {
	e.Teams = game.Results(names, teams, r.awards(e.Number), r.scores(e.Number).Teams)
	e.Events = r.events(e.Number, events)
	e.AddSpans(r.spans(e.Number))
	e.AddPredictions(r.predictions(e.Number))
}

// Round reads one round of the room over its own connection, with the latest 20,000 of its events.
func (s *Store) Round(ctx context.Context, number, teams int) (game.RoundExport, error) {
	r, end, err := s.read(ctx)
	if err != nil {
		return game.RoundExport{}, err
	}
	defer end()

	var e game.RoundExport
	r.one(loadOneRound, []any{number}, &e.Number, &e.Began, &e.Ended, &e.TopicID, &e.Start)
	if r.err == nil && e.Number == 0 {
		return e, game.ErrNoRound
	}
	r.fill(&e, r.names(), teams, pageEvents)
	if r.err != nil {
		return e, fmt.Errorf("load round %d: %w", number, database.Cause(r.err))
	}
	return e, nil
}

// read opens a connection for reading the room. end closes it.
func (s *Store) read(ctx context.Context) (r *reader, end func(), err error) {
	conn, err := pgx.ConnectConfig(ctx, s.conf.Copy())
	if err != nil {
		return nil, nil, fmt.Errorf("connect to Postgres: %w", database.Cause(err))
	}
	end = func() { _ = conn.Close(context.WithoutCancel(ctx)) } // nothing was written
	if err := limit(ctx, conn); err != nil {
		end()
		return nil, nil, err
	}
	return &reader{ctx: ctx, conn: conn, room: []any{string(s.cfg.Namespace), s.cfg.Lesson.Name}}, end, nil
}
