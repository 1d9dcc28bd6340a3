package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kafka-workshop/internal/postgres"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/leaderboard/game"

	"github.com/jackc/pgx/v5"
)

func stale(b game.Board) bool { return b.StaleSince != nil }
func fresh(b game.Board) bool { return b.StaleSince == nil }

// The board stays up while Postgres is unavailable, says so, and misses nothing that happens meanwhile.
func TestWorkGoesOnWhilePostgresIsAway(t *testing.T) {
	server, cfg := postgrestest.Own(t, t.TempDir())
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
		t.Cleanup(func() { _ = server.Stop() }) // the second start stopped the first server
		p.until(t, "fresh again", fresh)
	}
	stop()
	w.right(t, p)
	p.kill() // everything is stored
	w.right(t, start(t, w.Cluster, server.URL("postgres")))
}

func execute(t *testing.T, database, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }() // by then, the statement has succeeded or failed
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// A volume is a separate small disk.
type volume struct{ dir string }

// newVolume mounts a volume, which needs root's rights on Linux; elsewhere ok is false.
func newVolume(t *testing.T) (v volume, ok bool) {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=160m,mode=0755", "workshop-test", dir).CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("mount a small disk: %v: %s", err, out)
		}
		t.Logf("without the right to mount, the disk is full by a trigger only: %s", out)
		return volume{}, false
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "--lazy", dir).CombinedOutput(); err != nil {
			t.Errorf("unmount the small disk: %v: %s", err, out)
		}
	})
	return volume{dir}, true
}

// fill uses up all free space, to the last block.
func (v volume) fill(t *testing.T) {
	t.Helper()
	file, err := os.Create(v.ballast())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // closing may find the disk full too
	for block := make([]byte, 4096); ; {
		if _, err := file.Write(block); errors.Is(err, syscall.ENOSPC) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// free releases the space.
func (v volume) free(t *testing.T) {
	t.Helper()
	if err := os.Remove(v.ballast()); err != nil {
		t.Fatal(err)
	}
}

func (v volume) ballast() string { return filepath.Join(v.dir, "ballast") }

// For machines where the test may not mount: each write fails with disk_full.
const (
	diskFull = `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
		CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON badges EXECUTE FUNCTION full_disk();
		CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON counts EXECUTE FUNCTION full_disk();
		CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON rounds EXECUTE FUNCTION full_disk();
		CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON events EXECUTE FUNCTION full_disk()`
	diskFreed = `DROP FUNCTION full_disk() CASCADE`
)

// Postgres still answers when its disk is full: what it cannot store is not shown as earned, is not lost, and is stored when
// there is room again.
func TestNothingIsShownOrLostWhileTheDiskIsFull(t *testing.T) {
	database := ""
	full, freed := func() { execute(t, database, diskFull) }, func() { execute(t, database, diskFreed) }
	if disk, ok := newVolume(t); ok {
		server, _ := postgrestest.Own(t, disk.dir)
		database = server.URL("postgres")
		full, freed = func() { disk.fill(t) }, func() { disk.free(t) }
	} else {
		database = postgrestest.URL(t)
	}
	w := newWork(t, kafkatest.New(t))
	p := start(t, w.Cluster, database)
	p.ready(t, http.StatusOK)
	p.until(t, "the first round", func(b game.Board) bool { return b.Round == 1 })
	full()
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
	freed()
	b := p.until(t, "the badge", func(b game.Board) bool { return fresh(b) && b.Teams[0].Points > 0 })
	if b.Frozen {
		t.Error("a freeze that was refused came later")
	}
	stop()
	w.right(t, p)
	p.kill()
	w.right(t, start(t, w.Cluster, database))
}

// A start that is killed during a migration leaves nothing half done.
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
	// The migration's last table: its name is locked until this transaction ends.
	if _, err := tx.Exec(t.Context(), `CREATE TABLE events ()`); err != nil {
		t.Fatal(err)
	}
	p := start(t, c, database)
	wait.Until(t, "the migration waits half-way", func() bool {
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
