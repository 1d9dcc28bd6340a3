package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"kafka-workshop/internal/database"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// An advisory lock belongs to a session. A pooler in transaction mode runs each transaction in any of its sessions, so two
// leaderboards may share one and both "hold" its lock, and a lock without an owner may be left behind. Neither the lock nor
// pg_backend_pid can distinguish that from a pool without traffic. So each connection marks its session with a setting that
// lives as long as the session. When it connects, there must be no mark; a second connection beside it must not see the mark;
// and the mark must be present together with the lock at every ping and in every transaction that writes.
const (
	mark      = `kafka_workshop.session`
	leaveMark = `SELECT CASE WHEN coalesce(current_setting('` + mark + `', true), '') = '' THEN set_config('` + mark + `', $1, false) ELSE '' END, pg_backend_pid()`
	findMark  = `SELECT coalesce(current_setting('` + mark + `', true), ''), pg_backend_pid()`

	// Locks only if the session has our mark, checked in the same statement; null otherwise.
	tryLock = `SELECT CASE WHEN current_setting('` + mark + `', true) = $2 THEN pg_try_advisory_lock($1) END`
	ourLock = `l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND ((l.classid::bigint << 32) | l.objid::bigint) = $1
AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`
	holder   = `SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE ` + ourLock
	holdLock = `SELECT coalesce(current_setting('` + mark + `', true), '') = $2 AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_backend_pid() AND ` + ourLock + `)`

	// Set after connecting, because poolers reject most parameters in the startup message.
	setTimeouts = `SELECT set_config('idle_session_timeout', $1, false), set_config('idle_in_transaction_session_timeout', $1, false),
set_config('statement_timeout', $2, false), set_config('lock_timeout', $3, false)`
)

const (
	openWithin  = 15 * time.Second
	probeWithin = 2 * time.Second
)

// open connects and verifies that no pooler shares the session.
func (s *Store) open(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, s.conf)
	if err != nil {
		return fmt.Errorf("connect to Postgres: %w", database.Cause(err))
	}

	defer func() {
		if err != nil {
			_ = conn.Close(context.WithoutCancel(ctx)) // the connection is discarded either way
		}
	}()

	own := rand.Text()
	var left string
	var pid int
	if err := conn.QueryRow(ctx, leaveMark, own).Scan(&left, &pid); err != nil {
		return fmt.Errorf("mark the Postgres session: %w", database.Cause(err))
	}
	if left != own {
		return database.ErrShared
	}
	if err := s.probe(ctx, conn, own, pid); err != nil {
		return err
	}
	if err := limit(ctx, conn); err != nil {
		return err
	}

	s.conn = conn
	s.mark = own
	return nil
}

// probe checks whether a second connection gets the first one's session or takes it away. While the second one's transaction
// is open, a pooler that shares sessions must give the first another one.
func (s *Store) probe(ctx context.Context, conn *pgx.Conn, own string, pid int) error {
	within, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()

	// A second connection that fails proves nothing: a pool in session mode may have a single session.
	if second, err := pgx.ConnectConfig(within, s.conf); err == nil {
		defer func() { _ = second.Close(context.WithoutCancel(ctx)) }() // nothing was written
		if tx, err := second.Begin(within); err == nil {
			defer func() { _ = tx.Rollback(within) }() // as above
			var seen string
			var other int
			if err := tx.QueryRow(within, findMark).Scan(&seen, &other); err == nil && (seen == own || other == pid) {
				return database.ErrShared
			}
		}
	}

	var seen string
	var now int
	if err := conn.QueryRow(ctx, findMark).Scan(&seen, &now); err != nil {
		return fmt.Errorf("check the mark of the Postgres session: %w", database.Cause(err))
	}
	if seen != own || now != pid {
		return database.ErrShared
	}
	return nil
}

// limit sets the session's timeouts.
func limit(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, setTimeouts, ms(idleTimeout), ms(10*time.Second), ms(3*time.Second))
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42704" {
		return errors.New("this Postgres is older than version 14 and has no idle_session_timeout")
	}
	if err != nil {
		return fmt.Errorf("set the timeouts of the Postgres session: %w", database.Cause(err))
	}
	return nil
}

// querier is a connection or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// held checks in one statement that its session has our mark and our lock.
func (l *Lease) held(ctx context.Context, q querier) error {
	return l.ours(ctx, q.QueryRow(ctx, holdLock, lockKey(l.cfg), l.mark))
}

// ours reads the answer of held. If it is false, the connection is closed, because it leads to another client's session.
func (l *Lease) ours(ctx context.Context, answer pgx.Row) error {
	var ours bool
	err := database.Cause(answer.Scan(&ours))
	if err == nil && !ours {
		err = database.ErrShared
	}
	if errors.Is(err, database.ErrShared) {
		l.Close(ctx)
	}
	return err
}
