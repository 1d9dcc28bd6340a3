package main

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"kafka-workshop/internal/kafkatest"
	"kafka-workshop/internal/postgres"
	"kafka-workshop/internal/postgres/postgrestest"
	"kafka-workshop/leaderboard/game"

	"github.com/jackc/pgx/v5"
)

func stale(b game.Board) bool { return b.StaleSince != nil }
func fresh(b game.Board) bool { return b.StaleSince == nil }

// The board stays up while Postgres is away, says so, and misses nothing of what is done meanwhile.
func TestWorkGoesOnWhilePostgresIsAway(t *testing.T) {
	server, cfg := postgrestest.Own(t)
	w := newWork(t, kafkatest.New(t))
	p := start(t, w.Cluster, server.URL("postgres"))
	stop := w.keepOn(t)
	p.until(t, "a count", func(b game.Board) bool { return b.Teams[0].Points > 0 && b.Teams[0].Actions.Accepted > 0 })
	for range 2 {
		if err := server.Stop(); err != nil {
			t.Fatal(err)
		}
		before := p.until(t, "the word that it is stale", stale)
		p.until(t, "more counts", func(b game.Board) bool { return b.Teams[0].Actions.Accepted > before.Teams[0].Actions.Accepted+10 })
		if status, page := p.get("/"); status != http.StatusOK || !strings.Contains(page, "Postgres does not answer") {
			t.Errorf("without Postgres the board answers %d", status)
		}
		if status := p.act(t, "message", `{"text":"x"}`); status != http.StatusServiceUnavailable {
			t.Errorf("without Postgres an act answers %d", status)
		}
		var err error
		if server, err = postgres.Start(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Stop() }) // the second start stopped the first one's
		p.until(t, "fresh again", fresh)
	}
	stop()
	w.right(t, p)
	p.kill() // what is stored is all of it
	w.right(t, start(t, w.Cluster, server.URL("postgres")))
}

func execute(t *testing.T, database, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }() // the statement is done or not by then
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// Postgres goes on answering when its disk is full: each write ends with disk_full, here by a trigger.
const (
	diskFull = `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
		CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON badges EXECUTE FUNCTION full_disk();
		CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON counts EXECUTE FUNCTION full_disk();
		CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON rounds EXECUTE FUNCTION full_disk();
		CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON events EXECUTE FUNCTION full_disk()`
	diskFreed = `DROP FUNCTION full_disk() CASCADE`
)

func TestNothingIsShownOrLostWhileTheDiskIsFull(t *testing.T) {
	database := postgrestest.URL(t)
	w := newWork(t, kafkatest.New(t))
	p := start(t, w.Cluster, database)
	p.ready(t, http.StatusOK)
	p.until(t, "the first round", func(b game.Board) bool { return b.Round == 1 })
	execute(t, database, diskFull)
	stop := w.keepOn(t)
	p.until(t, "counts, and the word that they are not stored", func(b game.Board) bool {
		return stale(b) && b.Teams[0].Actions.Accepted > 10
	})
	if b, ok := p.board(); !ok || b.Teams[0].Points > 0 || len(b.Teams[0].Badges) > 0 {
		t.Errorf("a badge is shown and not stored: %d points", b.Teams[0].Points)
	}
	if status := p.freeze(t); status != http.StatusServiceUnavailable {
		t.Errorf("with a full disk, freezing answers %d", status)
	}
	execute(t, database, diskFreed)
	b := p.until(t, "the badge", func(b game.Board) bool { return fresh(b) && b.Teams[0].Points > 0 })
	if b.Frozen {
		t.Error("a freeze that was refused came later")
	}
	stop()
	w.right(t, p)
	p.kill()
	w.right(t, start(t, w.Cluster, database))
}

// A start that is killed in the middle of a migration leaves nothing half done.
func TestAKillInTheMiddleOfAMigration(t *testing.T) {
	database := postgrestest.URL(t)
	c := kafkatest.New(t)
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }() // it was rolled back or failed the test
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The migration's last table: its name is taken until this transaction ends.
	if _, err := tx.Exec(t.Context(), `CREATE TABLE events ()`); err != nil {
		t.Fatal(err)
	}
	p := start(t, c, database)
	eventually(t, "the migration waits half-way", func() bool {
		other, err := pgx.Connect(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = other.Close(t.Context()) }()
		var waits bool
		err = other.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
			AND wait_event_type = 'Lock' AND query LIKE '%CREATE TABLE events%')`).Scan(&waits)
		if err != nil {
			t.Fatal(err)
		}
		return waits
	})
	p.kill()
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	p = start(t, c, database)
	p.ready(t, http.StatusOK)
	if status := p.freeze(t); status != http.StatusOK {
		t.Errorf("after it, freezing answers %d", status)
	}
}
