package database_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/database"
	"kafka-workshop/internal/database/leaks"
	"kafka-workshop/internal/testing/postgrestest"

	"github.com/jackc/pgx/v5"
)

// No error quotes any part of a broken address, whichever step fails.
func TestBrokenAddressesAreNotTold(t *testing.T) {
	for _, address := range leaks.Addresses(hostOf(t, postgrestest.URL(t)), "127.0.0.1:1") {
		said := ""
		if conf, err := database.Parse(address); err != nil {
			said = err.Error()
		} else {
			said = connect(t, conf)
		}
		if strings.ContainsAny(said, "\r\n\t") || len(said) < 10 {
			t.Errorf("%s: says %q", address, said)
		}
		if leak := leaks.In(said); leak != "" {
			t.Errorf("%s: tells %q of it: %s", address, leak, said)
		}
	}
}

// connect returns the error text of a connection that must fail.
func connect(t *testing.T, conf *pgx.ConnConfig) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, conf)
	if err == nil {
		_ = conn.Close(ctx) // opening at all is the failure
		t.Error("a broken address leads somewhere")
		return ""
	}
	return fmt.Sprintf("%v %+v", database.Cause(err), fmt.Errorf("x: %w", database.Cause(err)))
}

// Errors name their cause.
func TestCausesAreNamed(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts connections and sends nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	good := postgrestest.URL(t)
	host := hostOf(t, good)
	dir := t.TempDir()
	for address, want := range map[string]string{
		"":                            "form postgres://",
		"mysql://u:p@h/db":            "form postgres://",
		"localhost:5432":              "pairs as in host=",
		"postgres://u:a@b@h/db":       "where it is not allowed",
		"postgres://u:a/b@h/db":       "where it is not allowed",
		"postgres://u:1/b@h/db":       "where it is not allowed",
		"postgres://u:p@h:99999/db":   "not a number",
		"host=a,b port=1,2,3":         "as many ports",
		"host=h port=x":               "not a number",
		"host=h password='a b":        "single quotes",
		"host=h password=a b":         "single quotes",
		"host=h service=none":         "service file",
		"postgres://h/db?sslmode=odd": "TLS settings",
		"postgres://h/db?sslrootcert=" + filepath.Join(dir, "none"): "TLS settings",
		"postgres://h/db?target_session_attrs=odd":                  "target_session_attrs",
		"postgres://h/db?default_query_exec_mode=odd":               "exec_mode",
		"postgres://h/db?connect_timeout=odd":                       "connect_timeout",
		"postgres://127.0.0.1:1/db":                                 "connection refused",
		"host=" + dir + " user=u":                                   "no PostgreSQL socket",
		"postgres://nowhere.invalid/db":                             "host name is unknown",
		"postgres://u:p@" + host + "/db":                            "user or the password",
		"postgres://u:p@" + host + "/db?sslmode=require":            "does not support TLS",
		"postgres://127.0.0.1:1,127.0.0.1:2/db":                     "connection refused",
		strings.Replace(good, "/test_", "/none_", 1):                "no such database",
		"postgres://" + silent.Addr().String() + "/db":              "no answer in time",
		good + "&no_such_parameter=1":                               "a parameter of the address",
	} {
		conf, err := database.Parse(address)
		said := fmt.Sprint(err)
		if err == nil {
			said = connect(t, conf)
		}
		if !strings.Contains(said, want) {
			t.Errorf("%s: %s", address, said)
		}
	}
}

// Addresses in every form that libpq accepts lead to the database.
func TestFormsOfAddresses(t *testing.T) {
	u, err := url.Parse(postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	pairs := fmt.Sprintf("host=%s port=%s user=%s password='%s' dbname=%s sslmode=disable", u.Hostname(), u.Port(), u.User.Username(), password, u.Path[1:])
	for _, address := range []string{
		u.String(), "postgresql" + strings.TrimPrefix(u.String(), "postgres"), pairs, "  " + pairs + " ",
		strings.Replace(u.String(), "@", "@127.0.0.1:1,", 1), strings.Replace(pairs, "host=", "host=127.0.0.1,", 1),
	} {
		conf, err := database.Parse(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		conn, err := pgx.ConnectConfig(t.Context(), conf)
		if err != nil {
			t.Errorf("%s: %v", address, database.Cause(err))
			continue
		}
		_ = conn.Close(t.Context()) // it did open
	}
}

func TestADatabaseWithoutRoomIsToldFromOthers(t *testing.T) {
	conf, err := database.Parse(postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.ConnectConfig(t.Context(), conf)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }() // nothing was written

	_, err = conn.Exec(t.Context(), `DO $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left' USING ERRCODE = 'disk_full'; END $$`)
	if !database.DiskFull(err) || !strings.Contains(database.Cause(err).Error(), "database's disk is full") {
		t.Errorf("%v", database.Cause(err))
	}
	_, err = conn.Exec(t.Context(), `SELECT * FROM no_such_table`)
	if database.DiskFull(err) || !strings.Contains(database.Cause(err).Error(), `"no_such_table"`) {
		t.Errorf("%v", database.Cause(err))
	}
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func TestMain(m *testing.M) {
	for _, line := range os.Environ() { // the tester's own database
		if name, _, _ := strings.Cut(line, "="); strings.HasPrefix(name, "PG") {
			_ = os.Unsetenv(name) // it was set, so it can be
		}
	}
	os.Exit(m.Run())
}
