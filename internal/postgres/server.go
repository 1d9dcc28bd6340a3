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

// User is the superuser of the servers that Start runs.
const User = "workshop"

// Config says what to run and where its files lie.
type Config struct {
	Bin  string // folder of the binaries, as Find returns it
	Data string // folder for the cluster, its password and its log; made when missing
	Port int    // 0 picks a free one
}

// A Server is a running PostgreSQL on loopback.
type Server struct {
	cfg      Config
	port     int
	password string
	cmd      *exec.Cmd
	hold     io.Closer // closing it ends the server; so does our own end
	done     chan struct{}
}

// Start runs a server over cfg.Data, initialised at the first time, and returns when it answers.
// A server that a killed run left over the same folder is stopped first. Variables of libpq, as PGSSLMODE,
// are removed from this process's environment: they are meant for another database.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	forgetOthers()

	var err error
	if cfg.Data, err = filepath.Abs(cfg.Data); err != nil {
		return nil, err
	}
	if err := prepare(cfg); err != nil {
		if told := noRoom(cfg.Data, err, []byte(err.Error())); told != nil {
			return nil, told
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
		_ = s.Stop() // what failed before matters more
		last := lastLine(logFile(cfg))
		if told := noRoom(cfg.Data, err, []byte(last)); told != nil {
			return nil, told
		}
		return nil, fmt.Errorf("start PostgreSQL: %w: %s", err, last)
	}
	return s, nil
}

// URL names a database of the server. It leaves nothing to the files in ~/.postgresql.
func (s *Server) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(User, s.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), Path: "/" + database,
		RawQuery: "sslmode=disable&sslrootcert=&sslcert=&sslkey=",
	}
	return u.String()
}

// Config is what Start was called with, and the port that it got: to start again as it was.
func (s *Server) Config() Config {
	cfg := s.cfg
	cfg.Port = s.port
	return cfg
}

// Done is closed when the server has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop ends the server, open connections included, and waits for it.
func (s *Server) Stop() error {
	_ = s.hold.Close() // closing twice is harmless
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

// prepare makes the folder, the password and, at the first time, the cluster.
func prepare(cfg Config) error {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return err
	}
	if err := choosePassword(passwordFile(cfg)); err != nil {
		return err
	}
	if err := HandOver(cfg.Data); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(clusterDir(cfg), "PG_VERSION")); err == nil {
		return nil
	}
	// A first start that was cut off leaves half a cluster: begin again beside it, and move it in whole.
	half := clusterDir(cfg) + ".new"
	if err := os.RemoveAll(half); err != nil {
		return err
	}
	cmd := command(filepath.Join(cfg.Bin, exe("initdb")), "-D", half, "-U", User,
		"--auth=scram-sha-256", "--pwfile="+passwordFile(cfg), "--encoding=UTF8", "--locale=C", "--no-sync")
	cmd.Env = append(os.Environ(), "LC_ALL=C") // its words are looked at
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	return os.Rename(half, clusterDir(cfg))
}

// choosePassword writes one into the file, whole, unless it has one.
func choosePassword(file string) error {
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return textfile.WritePrivate(file, []byte(rand.Text()+"\n"))
}

// launch starts the server so that it ends when we do, however we do.
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
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if s.hold, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = s.cmd.Wait() // how it ended is in its log
		close(s.done)
	}()
	return nil
}

// await returns when the server answers. Its error says why it did not until then.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	cause := errors.New("it was not asked")
	for {
		err := ask(ctx, s.URL("postgres"))
		if err == nil {
			return nil
		}
		if ctx.Err() == nil { // else it was cut short
			cause = database.Cause(err)
		}
		select {
		case <-s.done:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("no answer in time: %w", cause)
		case <-tick.C:
		}
	}
}

func ask(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// stopLeftover stops a server that an earlier run left over this folder: one that answers at the
// port in its pid file, takes our password and names our folder. No other process is touched.
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
	_ = cmd.Run() // the start that follows says what is wrong
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
