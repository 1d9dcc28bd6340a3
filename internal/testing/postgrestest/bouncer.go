package postgrestest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/postgres"
	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/lacks"

	"github.com/jackc/pgx/v5"
)

// Bouncer starts a PgBouncer in front of the database that the URL names, with these settings beside the
// least that it needs (pool_mode=session), and returns the URL through it. The test's end stops it.
func Bouncer(t testing.TB, database string, settings ...string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/pgbouncer"); err != nil {
			lacks.Part(t, "no pgbouncer is installed here")
		}
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	addr, err := process.FreeAddr("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(addr) // it was made so
	password, _ := u.User.Password()

	text := fmt.Sprintf("[databases]\npooled = host=%s port=%s dbname=%s user=%s password=%s\n[pgbouncer]\n", u.Hostname(), u.Port(), u.Path[1:], u.User.Username(), password) +
		"listen_addr=127.0.0.1\nlisten_port=" + port + "\nauth_type=any\nlog_connections=0\nlog_disconnections=0\nlog_pooler_errors=0\nunix_socket_dir=\n" + strings.Join(settings, "\n") + "\n"
	dir, err := os.MkdirTemp("", "workshop-bouncer-") // not a test's: another user could not pass that
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	file := filepath.Join(dir, "pgbouncer.ini")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Chown(dir); err != nil {
		t.Fatal(err)
	}

	cmd := postgres.UntilPipeCloses("TERM", program, file)
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	hold, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("pgbouncer: %v", err)
	}
	t.Cleanup(func() {
		_ = hold.Close()
		_ = cmd.Wait() // it was told to end
	})

	through := url.URL{Scheme: "postgres", User: u.User, Host: addr, Path: "/pooled", RawQuery: u.RawQuery}
	answers(t, through.String())
	return through.String()
}

// answers waits until the address leads somewhere.
func answers(t testing.TB, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, address)
		if err == nil {
			_ = conn.Close(ctx) // it did answer
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("pgbouncer does not answer: %v", err)
		case <-tick.C:
		}
	}
}
