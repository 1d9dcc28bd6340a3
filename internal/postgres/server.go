package postgres

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kafka-workshop/internal/database"
	"kafka-workshop/internal/textfile"

	"github.com/jackc/pgx/v5"
)

// User is the superuser of the servers that Start starts.
const User = "workshop"

// Config configures Start.
type Config struct {
	Bin  string // folder of the binaries, as Find returns it
	Data string // folder for the database cluster, its password and its log; created if missing
	Port int    // 0 picks a free one
}

// A Server is a running PostgreSQL on loopback.
type Server struct {
	cfg      Config
	port     int
	password string
	cmd      *exec.Cmd
	stdin    io.Closer // closing it stops the server; it also closes when this process ends
	done     chan struct{}
}

// Start starts a server on cfg.Data, which it initializes the first time, and waits until it accepts connections. If
// a process that was killed left a server running on the folder, that is stopped first. Start removes libpq's
// variables, such as PGSSLMODE, from this process's environment: they are meant for another database.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	unsetLibpqVariables()

	var err error
	if cfg.Data, err = filepath.Abs(cfg.Data); err != nil {
		return nil, err
	}

	if err := prepare(cfg); err != nil {
		if fullErr := diskFull(cfg.Data, err, []byte(err.Error())); fullErr != nil {
			return nil, fullErr
		}
		return nil, fmt.Errorf("prepare the database folder %s: %w", cfg.Data, err)
	}

	password, err := os.ReadFile(passwordFile(cfg))
	if err != nil {
		return nil, err
	}

	s := &Server{cfg: cfg, port: cfg.Port, password: strings.TrimSpace(string(password)), done: make(chan struct{})}
	s.stopLeftover(ctx)
	if s.port == 0 {
		if s.port, err = freePort(); err != nil {
			return nil, err
		}
	}

	if err := s.launch(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}

	if err := s.await(ctx); err != nil {
		_ = s.Stop() // the first error is reported
		last := lastLine(logFile(cfg))
		if fullErr := diskFull(cfg.Data, err, []byte(last)); fullErr != nil {
			return nil, fullErr
		}
		return nil, fmt.Errorf("start PostgreSQL: %w: %s", err, last)
	}

	return s, nil
}

// URL returns the address of a database of the server. It overrides the files in ~/.postgresql.
func (s *Server) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(User, s.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), Path: "/" + database,
		RawQuery: "sslmode=disable&sslrootcert=&sslcert=&sslkey=",
	}
	return u.String()
}

// Config returns the configuration with which Start was called, with the port that it chose, so that the server can be
// started again in the same way.
func (s *Server) Config() Config {
	cfg := s.cfg
	cfg.Port = s.port
	return cfg
}

// Done returns a channel that is closed when the server has exited, because of Stop or not.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop stops the server, with open connections, and waits until it has exited.
func (s *Server) Stop() error {
	_ = s.stdin.Close() // closing twice is harmless
	select {
	case <-s.done:
		return nil
	case <-time.After(10 * time.Second):
		return errors.Join(errors.New("PostgreSQL did not stop within 10 s: killed"), s.cmd.Process.Kill())
	}
}

func passwordFile(cfg Config) string { return filepath.Join(cfg.Data, "password") }
func logFile(cfg Config) string      { return filepath.Join(cfg.Data, "postgres.log") }
func clusterDir(cfg Config) string   { return filepath.Join(cfg.Data, "cluster") }

// prepare creates the folder, the password and the database cluster if they are missing.
func prepare(cfg Config) error {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return err
	}
	if err := createPassword(passwordFile(cfg)); err != nil {
		return err
	}
	if err := Chown(cfg.Data); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(clusterDir(cfg), "PG_VERSION")); err == nil {
		return nil
	}

	// Initialize a temporary folder and rename it, so that an interrupted first start does not leave half a cluster.
	temp := clusterDir(cfg) + ".new"
	if err := os.RemoveAll(temp); err != nil {
		return err
	}

	cmd := command(filepath.Join(cfg.Bin, exe("initdb")), "-D", temp, "-U", User,
		"--auth=scram-sha-256", "--pwfile="+passwordFile(cfg), "--encoding=UTF8", "--locale=C", "--no-sync")
	cmd.Env = append(os.Environ(), "LC_ALL=C") // diskFull looks for English text
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	return os.Rename(temp, clusterDir(cfg))
}

// createPassword writes a random password to the file unless it exists.
func createPassword(file string) error {
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return textfile.WritePrivate(file, []byte(rand.Text()+"\n"))
}

// launch starts the server so that it stops when this process ends, even if it is killed.
func (s *Server) launch() error {
	log, err := os.OpenFile(logFile(s.cfg), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}

	defer log.Close()
	// SIGINT is the fast shutdown.
	s.cmd = UntilPipeCloses("INT", filepath.Join(s.cfg.Bin, exe("postgres")), "-D", clusterDir(s.cfg), "-p", strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200",
		"-c", "logging_collector=off", "-c", "timezone=UTC", "-c", "log_timezone=UTC")
	s.cmd.Stdout = log
	s.cmd.Stderr = log
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}

	go func() {
		_ = s.cmd.Wait() // the reason is in its log
		close(s.done)
	}()
	return nil
}

// await waits until the server accepts connections. The error says why it did not.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	cause := errors.New("no attempt was made")
	for {
		err := tryConnect(ctx, s.URL("postgres"))
		if err == nil {
			return nil
		}
		if ctx.Err() == nil { // otherwise ctx ended the attempt
			cause = database.Cause(err)
		}

		select {
		case <-s.done:
			return errors.New("it exited")
		case <-ctx.Done():
			return fmt.Errorf("no answer in time: %w", cause)
		case <-tick.C:
		}
	}
}

func tryConnect(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// stopLeftover stops a server that an earlier run left running on this folder: one that accepts our password at the port
// of the pid file and reports our folder as its data directory. It touches no other process.
func (s *Server) stopLeftover(ctx context.Context) {
	pid, err := os.ReadFile(filepath.Join(clusterDir(s.cfg), "postmaster.pid"))
	lines := strings.Split(string(pid), "\n")
	if err != nil || len(lines) < 4 {
		return
	}

	old := *s
	if old.port, err = strconv.Atoi(strings.TrimSpace(lines[3])); err != nil {
		return
	}

	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, old.URL("postgres"))
	if err != nil {
		return
	}

	var dir string
	err = conn.QueryRow(ctx, "SHOW data_directory").Scan(&dir)
	_ = conn.Close(ctx)
	if err != nil || !sameDir(dir, clusterDir(s.cfg)) {
		return
	}

	cmd := command(filepath.Join(s.cfg.Bin, exe("pg_ctl")), "stop", "-w", "-m", "fast", "-D", clusterDir(s.cfg))
	_ = cmd.Run() // if it fails, so does the start that follows
}

func sameDir(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

func lastLine(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return lines[len(lines)-1]
}
