// Package postgrestest gives tests a real PostgreSQL: one server for each test binary, and an empty database for each
// test. TEST_DATABASE_URL is the URL of another server to use.
package postgrestest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/postgres"

	"github.com/jackc/pgx/v5"
)

// shared is the test binary's server. It stops when the process ends, which closes its pipe.
var shared = sync.OnceValues(func() (*postgres.Server, error) {
	dir, err := os.MkdirTemp("", "workshop-postgres-")
	if err != nil {
		return nil, err
	}
	return start(dir)
})

func start(dir string) (*postgres.Server, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}

	bin, err := postgres.Find(filepath.Join(cache, "kafka-workshop"), func(string) {})
	if err != nil {
		return nil, err
	}

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return postgres.Start(ctx, postgres.Config{Bin: bin, Data: dir})
}

// URL returns the URL of an empty database, which is dropped at the end of the test.
func URL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("TEST_DATABASE_URL")
	if server == "" {
		s, err := shared()
		if err != nil {
			t.Fatalf("postgrestest: %v", err)
		}
		server = s.URL("postgres")
	}

	name := "test_" + strings.ToLower(rand.Text()[:12])
	run(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { run(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("postgrestest: TEST_DATABASE_URL: %v", err)
	}

	u.Path = "/" + name
	return u.String()
}

// Own starts a server with its data in the folder, for tests that stop and restart it. It is stopped at the end of the
// test.
func Own(t testing.TB, dir string) (*postgres.Server, postgres.Config) {
	t.Helper()
	s, err := start(dir)
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}

	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s, s.Config()
}

func run(t testing.TB, server, sql string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}

	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("postgrestest: %s: %v", sql, err)
	}
}
