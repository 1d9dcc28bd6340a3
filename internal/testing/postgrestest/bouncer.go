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

// Bouncer starts a PgBouncer in front of a database, with these additional settings, such as pool_mode=session, and
// returns the URL of the database through it. It is stopped at the end of the test.
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

	_, port, _ := net.SplitHostPort(addr) // cannot fail: it is host:port
	password, _ := u.User.Password()

	text := fmt.Sprintf("[databases]\npooled = host=%s port=%s dbname=%s user=%s password=%s\n[pgbouncer]\n", u.Hostname(), u.Port(), u.Path[1:], u.User.Username(), password) +
		"listen_addr=127.0.0.1\nlisten_port=" + port + "\nauth_type=any\nlog_connections=0\nlog_disconnections=0\nlog_pooler_errors=0\nunix_socket_dir=\n" + strings.Join(settings, "\n") + "\n"
	dir, err := os.MkdirTemp("", "workshop-bouncer-") // not t.TempDir, which another user cannot access
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
	cmd.Stdout = t.Output()
	cmd.Stderr = t.Output()
	hold, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("pgbouncer: %v", err)
	}

	t.Cleanup(func() {
		_ = hold.Close()
		_ = cmd.Wait() // it was asked to exit
	})

	through := url.URL{Scheme: "postgres", User: u.User, Host: addr, Path: "/pooled", RawQuery: u.RawQuery}
	awaitConnection(t, through.String())
	return through.String()
}

// awaitConnection waits until the address accepts connections.
func awaitConnection(t testing.TB, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, address)
		if err == nil {
			_ = conn.Close(ctx) // it accepted the connection
			return
		}

		select {
		case <-ctx.Done():
			t.Fatalf("pgbouncer does not answer: %v", err)
		case <-tick.C:
		}
	}
}
