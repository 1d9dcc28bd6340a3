// Package store stores a room's game in Postgres: rounds, badges with their evidence, counts with the
// offsets they were counted up to, progress towards badges, events. Everything is written over the one
// connection that holds the room's advisory lock, so a leaderboard that lost the lock cannot write.
// Package game gives the values their meaning, and package referee decides when to write them.
package store

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"os"
	"strconv"
	"time"

	"kafka-workshop/internal/database"
	"kafka-workshop/internal/workshop"

	"github.com/jackc/pgx/v5"
)

// Timeouts of the sessions that hold the lock or wait for it.
const (
	// idleTimeout ends the session of a holder that sends nothing, because its process is frozen or its
	// machine is gone. The holder sends a statement once a second.
	idleTimeout    = 3 * time.Second
	connectTimeout = 3 * time.Second
)

// Config names the room and its database.
type Config struct {
	workshop.Room
	URL     string
	Address string // at which the other leaderboards reach this one; empty if unknown
}

// A Store opens sessions with the database. It is not safe for concurrent use.
type Store struct {
	cfg      Config
	conf     *pgx.ConnConfig
	conn     *pgx.Conn // waits for the lock
	mark     string    // of conn's session
	migrated bool
}

// New parses the URL. It does not connect.
func New(cfg Config) (*Store, error) {
	conf, err := database.Parse(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("--database-url is invalid: %w", err)
	}
	if conf.ConnectTimeout == 0 {
		conf.ConnectTimeout = connectTimeout
	}

	conf.RuntimeParams["application_name"] = Holder()
	conf.RuntimeParams["timezone"] = "UTC"
	conf.DialFunc = (&net.Dialer{Timeout: conf.ConnectTimeout, KeepAlive: time.Second}).DialContext
	return &Store{cfg: cfg, conf: conf}, nil
}

func ms(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// Holder returns this process's name, with its host and pid, as instances that wait for the lock see it.
func Holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("leaderboard %s:%d", host, os.Getpid())
}

// A HeldError is returned by Lead when another leaderboard holds the room's lock.
type HeldError struct {
	By      string
	Address string // of the holder; empty if unknown
}

func (e *HeldError) Error() string { return e.By + " holds the lock: this one stands by" }

// Holder returns the name of the lock's holder.
func (e *HeldError) Holder() string { return e.By }

// HolderAddress returns the address of the lock's holder, or "".
func (e *HeldError) HolderAddress() string { return e.Address }

// A Lease is the session that holds the room's lock.
type Lease struct {
	conn *pgx.Conn
	cfg  Config
	mark string // of the conn's session
	term int64
	last written
}

const nextTerm = `INSERT INTO rooms (namespace, lesson, term, holder, address) VALUES ($1, $2, 1, $3, $4)
ON CONFLICT (namespace, lesson) DO UPDATE SET term = rooms.term + 1, holder = excluded.holder, address = excluded.address RETURNING term`

// Lead tries once to acquire the lock. If another leaderboard holds it, the error is a *HeldError. The first time that a
// process acquires the lock, it applies migrations.
func (s *Store) Lead(ctx context.Context) (*Lease, error) {
	l, err := s.lead(ctx)
	var held *HeldError
	if err != nil && !errors.As(err, &held) {
		s.Close(ctx)
	}
	return l, err
}

func (s *Store) lead(ctx context.Context) (*Lease, error) {
	if s.conn == nil {
		if err := s.open(ctx); err != nil {
			return nil, err
		}
	}

	key := lockKey(s.cfg)
	var got *bool
	if err := s.conn.QueryRow(ctx, tryLock, key, s.mark).Scan(&got); err != nil {
		return nil, fmt.Errorf("try to lock in Postgres: %w", database.Cause(err))
	}
	if got == nil {
		return nil, database.ErrShared
	}

	if !*got {
		by := "another leaderboard"
		if err := s.conn.QueryRow(ctx, holder, key).Scan(&by); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return nil, fmt.Errorf("look up the lock's holder in Postgres: %w", database.Cause(err))
		}
		return nil, &HeldError{By: by, Address: s.holderAddress(ctx)}
	}

	l := &Lease{conn: s.conn, cfg: s.cfg, mark: s.mark}
	if err := l.held(ctx, l.conn); err != nil {
		return nil, fmt.Errorf("check that the lock is held: %w", err)
	}
	if err := s.migrate(ctx); err != nil {
		return nil, err
	}
	if err := l.beginTerm(ctx); err != nil {
		return nil, fmt.Errorf("begin a term: %w", err)
	}

	s.conn = nil
	return l, nil
}

func (l *Lease) beginTerm(ctx context.Context) error {
	tx, err := l.conn.Begin(ctx)
	if err != nil {
		return database.Cause(err)
	}

	defer func() { _ = tx.Rollback(ctx) }() // does nothing once committed

	if err := l.held(ctx, tx); err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, nextTerm, l.room()...).Scan(&l.term); err != nil {
		return database.Cause(err)
	}
	return database.Cause(tx.Commit(ctx))
}

// holderAddress looks up the address of the lock's holder. It is unknown while an older version holds the lock, because the
// column may not exist yet.
func (s *Store) holderAddress(ctx context.Context) string {
	var address string
	_ = s.conn.QueryRow(ctx, `SELECT address FROM rooms WHERE namespace = $1 AND lesson = $2`, string(s.cfg.Namespace), s.cfg.Lesson.Name).Scan(&address) // unknown if it fails
	return address
}

// Close ends the session that waits for the lock.
func (s *Store) Close(ctx context.Context) {
	if s.conn != nil {
		_ = s.conn.Close(ctx) // the connection is discarded either way
		s.conn = nil
	}
}

// lockKey returns the key of the room's advisory lock.
func lockKey(cfg Config) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("kafka-workshop leaderboard\x00" + string(cfg.Namespace) + "\x00" + cfg.Lesson.Name)) // never fails
	return int64(h.Sum64())
}

func (l *Lease) room() []any {
	return []any{string(l.cfg.Namespace), l.cfg.Lesson.Name, Holder(), l.cfg.Address}
}

// Term grows by one each time a leaderboard gets the room's lock. If it is one above the last term of
// this process, nobody else wrote in between.
func (l *Lease) Term() int64 { return l.term }

// Ping keeps the session alive, and checks that it is still ours and holds the lock.
func (l *Lease) Ping(ctx context.Context) error {
	if err := l.held(ctx, l.conn); err != nil {
		return fmt.Errorf("ping Postgres: %w", err)
	}
	return nil
}

// Alive reports whether the session is open. When it closes, the lock is lost.
func (l *Lease) Alive() bool { return !l.conn.IsClosed() }

// Close releases the lock by closing the session.
func (l *Lease) Close(ctx context.Context) { _ = l.conn.Close(ctx) } // the session is discarded either way
