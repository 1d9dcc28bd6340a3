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
	loadRounds = `SELECT round, began, ended, topic_id, start_offsets FROM rounds WHERE namespace = $1 AND lesson = $2 ORDER BY round`
	allEvents  = 1_000_000 // the limit for a round
)

// Export reads all rounds of the room. It uses a connection of its own, so that it delays nobody.
func (s *Store) Export(ctx context.Context, teams int) (game.Export, error) {
	conn, err := pgx.ConnectConfig(ctx, s.conf.Copy())
	if err != nil {
		return game.Export{}, fmt.Errorf("connect to Postgres: %w", database.Cause(err))
	}

	defer func() { _ = conn.Close(ctx) }() // nothing was written
	if err := limit(ctx, conn); err != nil {
		return game.Export{}, err
	}

	r := reader{ctx: ctx, conn: conn, room: []any{string(s.cfg.Namespace), s.cfg.Lesson.Name}}
	out := game.Export{Lesson: s.cfg.Lesson.Name, Rounds: []game.RoundExport{}}
	names := map[int]string{}
	each(&r, loadNames, nil, func(row pgx.Row) error {
		var team int
		var name string
		err := row.Scan(&team, &name)
		names[team] = name
		return err
	})
	each(&r, loadRounds, nil, func(row pgx.Row) error {
		var e game.RoundExport
		var ended *time.Time
		err := row.Scan(&e.Number, &e.Began, &ended, &e.TopicID, &e.Start)
		e.Ended = ended
		out.Rounds = append(out.Rounds, e)
		return err
	})
	for i := range out.Rounds {
		e := &out.Rounds[i]
		e.Teams = game.Results(names, teams, r.awards(e.Number), r.scores(e.Number).Teams)
		e.Events = r.events(e.Number, allEvents)
	}

	if r.err != nil {
		return game.Export{}, fmt.Errorf("export the game: %w", database.Cause(r.err))
	}
	return out, nil
}
