package main

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"kafka-workshop/internal/postgres"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
	"kafka-workshop/migrations"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/twmb/franz-go/pkg/kgo"
)

var eager = []kgo.Opt{kgo.Balancers(kgo.RangeBalancer()), kgo.SessionTimeout(sessionTimeout)}

// Spans from the time while Postgres is unavailable are stored once it is back, and are shown after a kill.
func TestNoSpanIsLostWhilePostgresIsAway(t *testing.T) {
	server, cfg := postgrestest.Own(t, t.TempDir())
	w := newWork(t, kafkatest.New(t))
	p := start(t, w.Cluster, server.URL("postgres"))
	p.ready(t, http.StatusOK)
	feed(t, w.Cluster)
	live := p.record(t)
	ann := join(t, w.Cluster, "ann", eager...)
	settledOn(t, p, ann)

	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	p.until(t, "the word that it is stale", stale)
	var away time.Time
	var who string
	for away.IsZero() || !live.saw(game.LaneMoving) { // a rebalance may pass between two sweeps
		bob := join(t, w.Cluster, "bob", eager...)
		away, who = settledOn(t, p, ann, bob)
		bob.CloseAllowingRebalance()
		settledOn(t, p, ann)
	}
	if status, body := p.get("/api/replay?round=1"); status != http.StatusOK {
		t.Errorf("without Postgres, the current round answers %d: %s", status, body)
	}

	server, err := postgres.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() }) // the second start stopped the first server
	p.until(t, "fresh again", fresh)
	if status := p.act(t, "message", `{"text":"it stores what waits first"}`); status != http.StatusOK {
		t.Fatalf("a message: %d", status)
	}
	p.kill()

	p = start(t, w.Cluster, server.URL("postgres"))
	settledOn(t, p, ann)
	now := p.replay(t, "")
	live.compare(t, now, []string{game.LaneOwned, game.LaneMoving})
	if got := now.owners(away); got != who {
		t.Errorf("while Postgres was away the members owned %s, the replay shows %s", who, got)
	}
}

// After a kill, the stored spans are shown, and none for the time in which nobody watched.
func TestAKillLeavesAGapThatIsNotTold(t *testing.T) {
	database := postgrestest.URL(t)
	w := newWork(t, kafkatest.New(t))
	p := start(t, w.Cluster, database)
	p.ready(t, http.StatusOK)
	feed(t, w.Cluster)
	ann := join(t, w.Cluster, "ann", eager...)
	at, who := settledOn(t, p, ann)
	wait.Until(t, "it is stored that it was watched until then", func() bool {
		watched := one[*time.Time](t, database, `SELECT watched_at FROM rooms`)
		return watched != nil && watched.After(at.Add(time.Second))
	})
	p.kill()

	// a minute passes: everything stored is a minute older
	execute(t, database, `UPDATE rooms SET watched_at = watched_at - interval '1 minute'; UPDATE rounds SET began = began - interval '1 minute';
		UPDATE spans SET began = began - interval '1 minute', ended = ended - interval '1 minute'`)
	watched := *one[*time.Time](t, database, `SELECT watched_at FROM rooms`)
	p = start(t, w.Cluster, database)
	var again time.Time
	var now played
	p.until(t, "the lanes are watched again", func(b game.Board) bool {
		again, now = b.AsOf.Time, p.replay(t, "")
		return now.owners(again) == who
	})
	for when, want := range map[time.Time]string{at.Add(-time.Minute): who, watched.Add(time.Second): nobody(), watched.Add(30 * time.Second): nobody()} {
		if got := now.owners(when); got != want {
			t.Errorf("%v before now, the replay shows %s, want %s", again.Sub(when), got, want)
		}
	}
}

// A leaderboard is replaced while a class is running on schema version 2: its badges and counts are kept, and its history
// begins.
func TestTheHistoryOfAClassThatWasUnderWay(t *testing.T) {
	database := postgrestest.URL(t)
	w := newWork(t, kafkatest.New(t))
	feed(t, w.Cluster)
	ann := join(t, w.Cluster, "ann", eager...)
	topics, err := w.Admin(t).ListTopics(t.Context(), w.Topic())
	if err != nil {
		t.Fatal(err)
	}
	writeVersion2(t, database, w.Cluster, fmt.Sprintf("%x", topics[w.Topic()].ID))

	p := start(t, w.Cluster, database)
	at, who := settledOn(t, p, ann)
	b, _ := p.board()
	if team := b.Teams[0]; b.Round != 3 || team.Points < 110 || team.Badges[0].Badge != game.Connected || team.Actions.Accepted != 5 || team.Name != "The Lanes" {
		t.Errorf("round %d, %+v", b.Round, team)
	}
	now := p.replay(t, "")
	if got := now.owners(at); got != who {
		t.Errorf("the members own %s, the replay shows %s", who, got)
	}
	if began := now.From; now.owners(began.Add(time.Minute)) != nobody() || now.points(began.Add(3*time.Minute)) != 110 || at.Sub(began) < 10*time.Minute {
		t.Errorf("of the time before, the replay shows %s and %d points", now.owners(began.Add(time.Minute)), now.points(began.Add(3*time.Minute)))
	}
	if status, body := p.get("/api/teams/1/history?round=2"); status != http.StatusOK {
		t.Errorf("the round before answers %d: %s", status, body)
	}
	bob := join(t, w.Cluster, "bob", eager...)
	settledOn(t, p, ann, bob)
	if status := p.act(t, "rounds", ""); status != http.StatusOK {
		t.Errorf("the next round: %d", status)
	}
	settledOn(t, p, ann, bob)
}

// writeVersion2 writes what a leaderboard of that schema would have stored of a class: a round that has ended, and the third
// one, ten minutes old.
func writeVersion2(t *testing.T, database string, c *kafkatest.Cluster, topic string) {
	t.Helper()
	conf, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*conf)
	defer func() { _ = db.Close() }() // nothing is left to write
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 2); err != nil {
		t.Fatal(err)
	}

	ns := string(c.Namespace)
	for _, s := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO rooms (namespace, lesson, term, holder, message) VALUES ($1, 'scale-up', 4, 'somebody', '')`, []any{ns}},
		{`INSERT INTO teams (namespace, lesson, team, name) VALUES ($1, 'scale-up', 1, 'The Lanes')`, []any{ns}},
		{`INSERT INTO rounds (namespace, lesson, round, began, ended, topic_id, start_offsets) VALUES
			($1, 'scale-up', 2, now() - interval '1 hour', now() - interval '10 minutes', $2, '{0,0,0,0,0}'), ($1, 'scale-up', 3, now() - interval '10 minutes', NULL, $2, '{0,0,0,0,0}')`, []any{ns, topic}},
		{`INSERT INTO badges (namespace, lesson, round, team, badge, earned_at, first, evidence) VALUES ($1, 'scale-up', 3, 1, 'connected', now() - interval '8 minutes', true, '{"state": "Stable"}')`, []any{ns}},
		{`INSERT INTO states (namespace, lesson, round, team, state) VALUES ($1, 'scale-up', 3, 1, '{"members": [], "settled": true, "changed": true, "base": {}, "had_member": true}')`, []any{ns}},
		{`INSERT INTO counts (namespace, lesson, round, team, accepted, rejected, duplicate, unverifiable, earlier, meeting, found, processed, flagged, rejections)
			VALUES ($1, 'scale-up', 3, 1, 5, 4, 3, 2, 0, 1, 1, 0, 0, '[]')`, []any{ns}},
		{`INSERT INTO events (namespace, lesson, id, round, team, at, kind, text, badge, ticker) VALUES ($1, 'scale-up', 41, 3, 1, now() - interval '8 minutes', 'badge', 'The Lanes is the first to connect', 'connected', true)`, []any{ns}},
	} {
		if _, err := db.ExecContext(t.Context(), s.sql, s.args...); err != nil {
			t.Fatalf("%s: %v", s.sql, err)
		}
	}
}

// owners returns who owned what at a time: "P0 ann, P1 ann, …".
func (p played) owners(at time.Time) string {
	out := ""
	for lane := range workshop.ScaleUp.Partitions {
		_, _, client := p.lane(lane, at)
		out += fmt.Sprintf(", P%d %s", lane, client)
	}
	return out[2:]
}

func nobody() string { return "P0 , P1 , P2 , P3 , P4 " }

// one returns the value of a query.
func one[T any](t *testing.T, database, sql string) (out T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }() // nothing was written
	if err := conn.QueryRow(t.Context(), sql).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}
