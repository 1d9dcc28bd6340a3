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

// A lock is worth what its session is. A pooler in transaction mode gives each transaction any of its
// sessions, so that two leaderboards get the same one and "hold" its lock both, and a lock that nobody
// owns stays behind. Neither the lock nor pg_backend_pid tells that from a quiet pool. So each connection
// leaves a mark of its own in its session, as a setting that lives as long: on the way there it must find
// none, a second connection that is open beside it must not find it, and it must be there with the lock at
// every sign of life and in every transaction that writes.
const (
	mark      = `kafka_workshop.session`
	leaveMark = `SELECT CASE WHEN coalesce(current_setting('` + mark + `', true), '') = '' THEN set_config('` + mark + `', $1, false) ELSE '' END, pg_backend_pid()`
	findMark  = `SELECT coalesce(current_setting('` + mark + `', true), ''), pg_backend_pid()`

	// Only in a session with our mark, and in the same statement: null when it is another one.
	tryLock = `SELECT CASE WHEN current_setting('` + mark + `', true) = $2 THEN pg_try_advisory_lock($1) END`
	ourLock = `l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND ((l.classid::bigint << 32) | l.objid::bigint) = $1
AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`
	holder   = `SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE ` + ourLock
	holdLock = `SELECT coalesce(current_setting('` + mark + `', true), '') = $2 AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_backend_pid() AND ` + ourLock + `)`

	// A session in the middle of nothing ends as fast as an idle one; a statement that hangs too. They are
	// set when connected: a pooler refuses most parameters of a start.
	setTimeouts = `SELECT set_config('idle_session_timeout', $1, false), set_config('idle_in_transaction_session_timeout', $1, false),
set_config('statement_timeout', $2, false), set_config('lock_timeout', $3, false)`
)

const (
	openWithin  = 15 * time.Second
	probeWithin = 2 * time.Second
)

// open connects, in a session that is found to be our own.
func (s *Store) open(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, s.conf)
	if err != nil {
		return fmt.Errorf("connect to Postgres: %w", database.Cause(err))
	}
	defer func() {
		if err != nil {
			_ = conn.Close(context.WithoutCancel(ctx)) // it is given up either way
		}
	}()

	own := rand.Text()
	var left string
	var pid int
	if err := conn.QueryRow(ctx, leaveMark, own).Scan(&left, &pid); err != nil {
		return fmt.Errorf("begin a session with Postgres: %w", database.Cause(err))
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

	s.conn, s.mark = conn, own
	return nil
}

// probe looks whether a second connection gets the first one's session, or pushes the first one out of it:
// for as long as the second one's transaction is open, a pooler that shares must give the first another.
func (s *Store) probe(ctx context.Context, conn *pgx.Conn, own string, pid int) error {
	within, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()

	// That no second one is to be had says nothing: a pool in session mode may have one session alone.
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
		return fmt.Errorf("look at the session with Postgres: %w", database.Cause(err))
	}
	if seen != own || now != pid {
		return database.ErrShared
	}
	return nil
}

// limit bounds how long a session may be idle and a statement may take.
func limit(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, setTimeouts, ms(idleTimeout), ms(10*time.Second), ms(3*time.Second))
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42704" {
		return errors.New("this Postgres is older than version 14, which knows no idle_session_timeout")
	}
	if err != nil {
		return fmt.Errorf("limit the session with Postgres: %w", database.Cause(err))
	}
	return nil
}

// queries is a connection or a transaction on one.
type queries interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// held asks in one statement whether its session has our mark and our lock.
func (l *Lease) held(ctx context.Context, q queries) error {
	return l.ours(ctx, q.QueryRow(ctx, holdLock, lockKey(l.cfg), l.mark))
}

// ours reads the answer. When it is no, the connection is closed: what is written over it goes to another's
// session.
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
