package postgres_test

import (
	"os"
	"path/filepath"
	"testing"

	"kafka-workshop/internal/postgres"
	"kafka-workshop/internal/testing/postgrestest"

	"github.com/jackc/pgx/v5"
)

func TestServerKeepsItsDataOverARestart(t *testing.T) {
	first, cfg := postgrestest.Own(t, t.TempDir())
	execute(t, first.URL("postgres"), "CREATE TABLE kept (n int)")
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second, err := postgres.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Stop() }()
	execute(t, second.URL("postgres"), "INSERT INTO kept VALUES (1)")
}

func TestStartStopsAServerThatAnEarlierRunLeft(t *testing.T) {
	first, cfg := postgrestest.Own(t, t.TempDir())
	second, err := postgres.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Stop() }()
	<-first.Done()
	execute(t, second.URL("postgres"), "SELECT 1")
}

func TestFolderNamesMayHoldSpaces(t *testing.T) {
	_, cfg := postgrestest.Own(t, t.TempDir())
	dir := filepath.Join(t.TempDir(), "a class", "with spaces")
	s, err := postgres.Start(t.Context(), postgres.Config{Bin: cfg.Bin, Data: dir})
	if err != nil {
		t.Fatal(err)
	}
	execute(t, s.URL("postgres"), "SELECT 1")
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
}

func TestABadFolderIsNamed(t *testing.T) {
	_, cfg := postgrestest.Own(t, t.TempDir())
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Start(t.Context(), postgres.Config{Bin: cfg.Bin, Data: filepath.Join(file, "db")}); err == nil {
		t.Fatal("a folder below a file was taken")
	}
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}
