package store

import (
	"context"
	"fmt"
	"time"

	"kafka-workshop/internal/database"
	"kafka-workshop/migrations"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// migrate applies missing migrations. Rooms that share the database have different locks, so goose holds one for the whole
// database.
func (s *Store) migrate(ctx context.Context) error {
	if s.migrated {
		return nil
	}

	// A statement of a migration may take long, but its transaction must not be idle.
	db := stdlib.OpenDB(*s.conf.Copy(), stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `SELECT set_config('idle_in_transaction_session_timeout', $1, false)`, ms(idleTimeout))
		return err
	}))
	defer func() { _ = db.Close() }() // what failed before matters more
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}

	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}

	done := s.keepAlive(ctx)
	defer done()
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", database.Cause(err))
	}

	s.migrated = true
	return nil
}

// keepAlive pings the lock's session, which would otherwise be idle for too long while migrations run.
func (s *Store) keepAlive(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(idleTimeout / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := s.conn.Ping(context.WithoutCancel(ctx)); err != nil {
					return // the next statement returns the reason
				}
			}
		}
	}()
	return func() { cancel(); <-done }
}
