package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"kafka-workshop/internal/database"
	"kafka-workshop/leaderboard/game"

	"github.com/jackc/pgx/v5"
)

const (
	saveRound = `INSERT INTO rounds (namespace, lesson, round, began, topic_id, start_offsets) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (namespace, lesson, round) DO UPDATE SET topic_id = excluded.topic_id, start_offsets = excluded.start_offsets`
	endRounds = `UPDATE rounds SET ended = $4 WHERE namespace = $1 AND lesson = $2 AND round < $3 AND ended IS NULL`
	saveBadge = `INSERT INTO badges (namespace, lesson, round, team, badge, earned_at, first, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (namespace, lesson, round, team, badge) DO NOTHING`
	removeBadge = `UPDATE badges SET removed_at = $6 WHERE namespace = $1 AND lesson = $2 AND round = $3 AND team = $4 AND badge = $5`
	saveState   = `INSERT INTO states (namespace, lesson, round, team, state) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (namespace, lesson, round, team) DO UPDATE SET state = excluded.state`
	saveEvent = `INSERT INTO events (namespace, lesson, id, round, team, at, kind, text, pause_ms, badge, ticker)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (namespace, lesson, id) DO UPDATE SET kind = excluded.kind, text = excluded.text, pause_ms = excluded.pause_ms`
	saveSpan = `INSERT INTO spans (namespace, lesson, round, team, partition, began, ended, owner, client_id, colour, state, assignor)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (namespace, lesson, round, team, partition, began) DO UPDATE SET ended = excluded.ended, owner = excluded.owner,
client_id = excluded.client_id, colour = excluded.colour, state = excluded.state, assignor = excluded.assignor`
	saveWatched    = `UPDATE rooms SET watched_at = $3 WHERE namespace = $1 AND lesson = $2`
	dropSpans      = `DELETE FROM spans WHERE namespace = $1 AND lesson = $2 AND round <= $3`
	savePrediction = `INSERT INTO predictions (namespace, lesson, id, round, prediction) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (namespace, lesson, id) DO UPDATE SET prediction = excluded.prediction`
	saveVotes = `INSERT INTO votes (namespace, lesson, prediction, voter, option, team)
SELECT $1, $2, * FROM unnest($3::bigint[], $4::text[], $5::int[], $6::int[])
ON CONFLICT (namespace, lesson, prediction, voter) DO UPDATE SET option = excluded.option, team = excluded.team`
	saveName = `INSERT INTO teams (namespace, lesson, team, name) VALUES ($1, $2, $3, $4)
ON CONFLICT (namespace, lesson, team) DO UPDATE SET name = excluded.name`
	saveMessage  = `UPDATE rooms SET message = $3 WHERE namespace = $1 AND lesson = $2`
	savePosition = `UPDATE rooms SET position = $3 WHERE namespace = $1 AND lesson = $2`
	savePodium   = `UPDATE rooms SET podium = $3 WHERE namespace = $1 AND lesson = $2`
	saveFreeze   = `UPDATE rounds SET frozen = $3 WHERE namespace = $1 AND lesson = $2 AND round = $4`
	liftFreeze   = `UPDATE rounds SET frozen = NULL WHERE namespace = $1 AND lesson = $2 AND frozen IS NOT NULL`
	saveCounts   = `INSERT INTO counts (namespace, lesson, round, team, accepted, rejected, duplicate, unverifiable, earlier, meeting, found,
first_at, stats_at, processed, flagged, rejections) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (namespace, lesson, round, team) DO UPDATE SET accepted = excluded.accepted, rejected = excluded.rejected,
duplicate = excluded.duplicate, unverifiable = excluded.unverifiable, earlier = excluded.earlier, meeting = excluded.meeting, found = excluded.found,
first_at = excluded.first_at, stats_at = excluded.stats_at, processed = excluded.processed, flagged = excluded.flagged,
rejections = excluded.rejections`
	saveOffset = `INSERT INTO offsets (namespace, lesson, round, topic, partition, topic_id, next_offset) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (namespace, lesson, round, topic, partition) DO UPDATE SET topic_id = excluded.topic_id, next_offset = excluded.next_offset`
)

// keptHistories is how many rounds' lane histories are kept.
const keptHistories = 20

// Save writes all of the changes or none. Saving them again changes nothing.
func (l *Lease) Save(ctx context.Context, c game.Changes) error {
	b := &batch{ns: string(l.cfg.Namespace), lesson: l.cfg.Lesson.Name, round: c.Round}
	b.Queue(holdLock, lockKey(l.cfg), l.mark) // in the same batch: a separate round trip would cost as much as all of it
	b.addRound(c)
	b.addTeams(c)
	if c.Scores != nil {
		b.addScores(*c.Scores, &l.last)
	}
	if b.err != nil {
		return b.err
	}
	if b.Len() == 1 {
		return nil
	}

	tx, err := l.conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin to save: %w", database.Cause(err))
	}
	if err := l.send(ctx, tx, b); err != nil {
		_ = tx.Rollback(ctx) // the error above is the cause
		return fmt.Errorf("save the game: %w", err)
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("save the game: %w", database.Cause(err))
	}
	if c.Scores != nil {
		l.last.keep(*c.Scores)
	}
	return nil
}

// send runs a batch whose first statement checks that the session has our mark and our lock.
func (l *Lease) send(ctx context.Context, tx pgx.Tx, b *batch) error {
	results := tx.SendBatch(ctx, &b.Batch)
	err := l.ours(ctx, results.QueryRow())
	if closing := results.Close(); err == nil {
		err = database.Cause(closing)
	}
	return err
}

// written holds the scores of a round that this lease wrote last. Most of them do not change between two saves.
type written struct {
	round   int
	works   map[int]game.Work
	offsets map[string]game.SourceOffset
}

func (w *written) keep(s game.Scores) {
	if w.round != s.Round || w.works == nil {
		*w = written{round: s.Round, works: map[int]game.Work{}, offsets: map[string]game.SourceOffset{}}
	}
	for _, t := range s.Teams {
		w.works[t.Team] = t
	}
	for _, o := range s.Offsets {
		w.offsets[offsetKey(o)] = o
	}
}

func offsetKey(o game.SourceOffset) string { return o.Topic + "/" + strconv.Itoa(int(o.Partition)) }

func (w *written) has(s game.Scores, t game.Work) bool {
	old, ok := w.works[t.Team]
	old.Leaving, old.Pauses, t.Leaving, t.Pauses = nil, nil, nil, nil // not stored
	return ok && w.round == s.Round && reflect.DeepEqual(old, t)
}

func (w *written) hasOffset(s game.Scores, o game.SourceOffset) bool {
	old, ok := w.offsets[offsetKey(o)]
	return ok && w.round == s.Round && old == o
}

// batch collects the statements of one transaction.
type batch struct {
	pgx.Batch
	ns, lesson string
	round      int
	err        error
}

// add queues a statement whose first two parameters are the room.
func (b *batch) add(sql string, args ...any) {
	b.Queue(sql, append([]any{b.ns, b.lesson}, args...)...)
}

func (b *batch) json(v any) json.RawMessage {
	out, err := json.Marshal(v)
	if err != nil {
		b.err = cmp.Or(b.err, fmt.Errorf("write as JSON: %w", err))
	}
	return clean(out)
}

// clean replaces NUL, which Postgres does not accept in text.
func clean(j json.RawMessage) json.RawMessage {
	if !strings.Contains(string(j), `\u0000`) {
		return j
	}
	return json.RawMessage(strings.ReplaceAll(string(j), `\u0000`, `\ufffd`))
}

func plainText(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "\ufffd"), "\ufffd")
}

func (b *batch) addRound(c game.Changes) {
	if r := c.Begin; r != nil {
		start := r.Start
		if start == nil {
			start = []int64{}
		}
		b.add(endRounds, r.Number, r.Began)
		b.add(saveRound, r.Number, r.Began, r.TopicID, start)
		b.add(dropSpans, r.Number-keptHistories)
	}
	if c.Reveal {
		b.add(liftFreeze)
	}
	if c.Freeze != nil {
		b.add(saveFreeze, b.json(c.Freeze), c.Round)
	}
	if c.Message != nil {
		b.add(saveMessage, plainText(*c.Message))
	}
	if c.Position != nil {
		b.add(savePosition, b.json(c.Position))
	}
	if c.Podium != nil {
		b.add(savePodium, b.json(c.Podium))
	}
	if c.WatchedAt != nil {
		b.add(saveWatched, *c.WatchedAt)
	}
}

func (b *batch) addTeams(c game.Changes) {
	for team, name := range c.Names {
		b.add(saveName, team, plainText(name))
	}
	for _, a := range c.Awards {
		b.add(saveBadge, a.Round, a.Team, a.Badge, a.At, a.First, clean(a.Evidence))
	}
	for _, a := range c.Removed {
		b.add(removeBadge, a.Round, a.Team, a.Badge, a.Removed)
	}
	for team, state := range c.States {
		b.add(saveState, c.Round, team, clean(state))
	}
	for _, s := range c.Spans {
		b.add(saveSpan, s.Round, s.Team, s.Partition, s.From.Time, ended(s), textOrNull(s.Owner), plainText(s.ClientID), s.Colour, s.State, plainText(s.Assignor))
	}
	for _, p := range c.Predictions {
		b.add(savePrediction, p.ID, p.Round, b.json(p))
	}
	b.addVotes(c.Votes)
	for _, e := range c.Events {
		b.add(saveEvent, e.ID, c.Round, e.Team, e.At.Time, e.Kind, plainText(e.Text), e.PauseMS, e.Badge, e.Ticker)
	}
}

func (b *batch) addScores(s game.Scores, last *written) {
	for _, w := range s.Teams {
		if last.has(s, w) {
			continue
		}
		rejections := w.Rejections
		if rejections == nil {
			rejections = []game.Rejection{}
		}
		b.add(saveCounts, s.Round, w.Team, w.Accepted, w.Rejected, w.Duplicate, w.Unverifiable, w.Earlier, w.Meeting, w.Found,
			orNull(w.FirstAt), orNull(w.StatsAt), w.Processed, w.Flagged, b.json(rejections))
	}
	for _, o := range s.Offsets {
		if last.hasOffset(s, o) {
			continue
		}
		b.add(saveOffset, s.Round, plainText(o.Topic), o.Partition, o.TopicID, o.Next)
	}
}

// addVotes stores many votes in one statement. A voter's last vote counts.
func (b *batch) addVotes(votes []game.Vote) {
	type key struct {
		prediction int64
		voter      string
	}
	last := map[key]game.Vote{}
	for _, v := range votes {
		last[key{v.Prediction, v.Voter}] = v
	}
	if len(last) == 0 {
		return
	}

	var predictions []int64
	var voters []string
	var options, teams []int32
	for _, v := range last {
		predictions = append(predictions, v.Prediction)
		voters = append(voters, plainText(v.Voter))
		options = append(options, int32(v.Option))
		teams = append(teams, int32(v.Team))
	}
	b.add(saveVotes, predictions, voters, options, teams)
}

func ended(s game.Span) *time.Time {
	if s.To == nil {
		return nil
	}
	return &s.To.Time
}

func textOrNull(s *string) *string {
	if s == nil {
		return nil
	}
	plain := plainText(*s)
	return &plain
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
