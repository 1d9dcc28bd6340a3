package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kafka-workshop/internal/database"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/jackc/pgx/v5"
)

const (
	loadRoom  = `SELECT message, position, podium, watched_at FROM rooms WHERE namespace = $1 AND lesson = $2`
	loadRound = `SELECT round, began, topic_id, start_offsets, frozen FROM rounds WHERE namespace = $1 AND lesson = $2 ORDER BY round DESC LIMIT 1`
	loadNames = `SELECT team, name FROM teams WHERE namespace = $1 AND lesson = $2`
	loadNext  = `SELECT coalesce(max(id), 0) + 1 FROM events WHERE namespace = $1 AND lesson = $2`

	loadBadges = `SELECT round, team, badge, earned_at, first, evidence, removed_at FROM badges
WHERE namespace = $1 AND lesson = $2 AND round = $3 ORDER BY earned_at, team, badge`
	loadStates = `SELECT team, state FROM states WHERE namespace = $1 AND lesson = $2 AND round = $3`
	loadCounts = `SELECT team, accepted, rejected, duplicate, unverifiable, earlier, meeting, found, first_at, stats_at, processed, flagged,
rejections FROM counts WHERE namespace = $1 AND lesson = $2 AND round = $3 ORDER BY team`
	loadOffsets = `SELECT topic, topic_id, partition, next_offset FROM offsets
WHERE namespace = $1 AND lesson = $2 AND round = $3 ORDER BY topic, partition`
	loadSpans = `SELECT round, team, partition, began, ended, owner, client_id, colour, state, assignor FROM spans
WHERE namespace = $1 AND lesson = $2 AND round = $3 AND (ended IS NULL OR ended > began) ORDER BY ended NULLS LAST, team, partition`
	loadPredictions = `SELECT prediction FROM predictions WHERE namespace = $1 AND lesson = $2 AND round = $3 ORDER BY id`
	loadLast        = `SELECT coalesce(max(id), 0) FROM predictions WHERE namespace = $1 AND lesson = $2`
	loadVotes       = `SELECT prediction, voter, option, team FROM votes WHERE namespace = $1 AND lesson = $2 AND prediction = $3 ORDER BY voter`
	loadEvents      = `SELECT id, team, at, kind, text, pause_ms, badge, ticker FROM events
WHERE namespace = $1 AND lesson = $2 AND round = $3 ORDER BY id DESC LIMIT $4`
)

// loadedEvents is how many of the latest events are read at the start.
const loadedEvents = 2000

// Load reads everything stored of the room and its latest round.
func (l *Lease) Load(ctx context.Context) (game.Saved, error) {
	r := reader{ctx: ctx, conn: l.conn, room: []any{string(l.cfg.Namespace), l.cfg.Lesson.Name}}
	out := game.Saved{States: map[int]json.RawMessage{}}
	var frozen *game.Frozen
	var position *game.Position
	var podium *game.Podium
	var watched *time.Time
	r.one(loadRoom, nil, &out.Message, &position, &podium, &watched)
	if position != nil {
		out.Position = *position
	}
	if podium != nil {
		out.Podium = *podium
	}
	if watched != nil {
		out.WatchedAt = *watched
	}
	r.one(loadRound, nil, &out.Round.Number, &out.Round.Began, &out.Round.TopicID, &out.Round.Start, &frozen)
	r.one(loadNext, nil, &out.NextID)
	out.Frozen = frozen
	round := out.Round.Number
	out.Names = r.names()
	each(&r, loadStates, []any{round}, func(row pgx.Row) error {
		var team int
		var state []byte
		err := row.Scan(&team, &state)
		out.States[team] = state
		return err
	})
	out.Awards = r.awards(round)
	out.Scores = r.scores(round)
	out.Events = r.events(round, loadedEvents)
	out.Spans = r.spans(round)
	r.one(loadLast, nil, &out.LastPrediction)
	out.Predictions = r.predictions(round)
	out.Votes = r.votes(out.LastPrediction)
	if r.err != nil {
		return game.Saved{}, fmt.Errorf("load the game: %w", database.Cause(r.err))
	}
	return out, nil
}

// A reader reads one table after another until one fails.
type reader struct {
	ctx  context.Context
	conn *pgx.Conn
	room []any
	err  error
}

func (r *reader) args(more []any) []any { return append(slices.Clone(r.room), more...) }

// one reads a single row, if there is one.
func (r *reader) one(sql string, args []any, into ...any) {
	if r.err != nil {
		return
	}
	if err := r.conn.QueryRow(r.ctx, sql, r.args(args)...).Scan(into...); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		r.err = err
	}
}

func each(r *reader, sql string, args []any, scan func(pgx.Row) error) {
	if r.err != nil {
		return
	}
	rows, err := r.conn.Query(r.ctx, sql, r.args(args)...)
	if err != nil {
		r.err = err
		return
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			r.err = err
			return
		}
	}
	r.err = rows.Err()
}

// names reads the teams' names.
func (r *reader) names() map[int]string {
	out := map[int]string{}
	each(r, loadNames, nil, func(row pgx.Row) error {
		var team int
		var name string
		err := row.Scan(&team, &name)
		out[team] = name
		return err
	})
	return out
}

func (r *reader) awards(round int) []game.Award {
	var out []game.Award
	each(r, loadBadges, []any{round}, func(row pgx.Row) error {
		var a game.Award
		var evidence []byte
		err := row.Scan(&a.Round, &a.Team, &a.Badge, &a.At, &a.First, &evidence, &a.Removed)
		a.Evidence = evidence
		out = append(out, a)
		return err
	})
	return out
}

func (r *reader) scores(round int) game.Scores {
	out := game.Scores{Round: round}
	each(r, loadCounts, []any{round}, func(row pgx.Row) error {
		var w game.Work
		var first, stats *time.Time
		err := row.Scan(&w.Team, &w.Accepted, &w.Rejected, &w.Duplicate, &w.Unverifiable, &w.Earlier, &w.Meeting, &w.Found,
			&first, &stats, &w.Processed, &w.Flagged, &w.Rejections)
		w.FirstAt, w.StatsAt = orZero(first), orZero(stats)
		out.Teams = append(out.Teams, w)
		return err
	})
	each(r, loadOffsets, []any{round}, func(row pgx.Row) error {
		var o game.SourceOffset
		err := row.Scan(&o.Topic, &o.TopicID, &o.Partition, &o.Next)
		out.Offsets = append(out.Offsets, o)
		return err
	})
	return out
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// events reads the latest events, the newest last.
func (r *reader) events(round, most int) []game.Event {
	var out []game.Event
	each(r, loadEvents, []any{round, most}, func(row pgx.Row) error {
		var e game.Event
		var at time.Time
		err := row.Scan(&e.ID, &e.Team, &at, &e.Kind, &e.Text, &e.PauseMS, &e.Badge, &e.Ticker)
		e.At = workshop.At(at)
		out = append(out, e)
		return err
	})
	slices.Reverse(out)
	return out
}

func (r *reader) spans(round int) []game.Span {
	var out []game.Span
	each(r, loadSpans, []any{round}, func(row pgx.Row) error {
		var s game.Span
		var began time.Time
		var ended *time.Time
		err := row.Scan(&s.Round, &s.Team, &s.Partition, &began, &ended, &s.Owner, &s.ClientID, &s.Colour, &s.State, &s.Assignor)
		s.From = workshop.At(began)
		if ended != nil {
			to := workshop.At(*ended)
			s.To = &to
		}
		out = append(out, s)
		return err
	})
	return out
}

func (r *reader) predictions(round int) []game.Prediction {
	var out []game.Prediction
	each(r, loadPredictions, []any{round}, func(row pgx.Row) error {
		var p game.Prediction
		err := row.Scan(&p)
		out = append(out, p)
		return err
	})
	return out
}

func (r *reader) votes(prediction int64) []game.Vote {
	var out []game.Vote
	each(r, loadVotes, []any{prediction}, func(row pgx.Row) error {
		var v game.Vote
		err := row.Scan(&v.Prediction, &v.Voter, &v.Option, &v.Team)
		out = append(out, v)
		return err
	})
	return out
}
