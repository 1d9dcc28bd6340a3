package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"kafka-workshop/internal/postgres"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// databaseName is the database that we make on a server of our own.
const databaseName = "workshop"

// database is our own PostgreSQL, started again at the same port when it dies.
type database struct {
	url    string
	say    func(string)
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func startDatabase(ctx context.Context, dir *data, say func(string)) (*database, error) {
	bin, err := postgres.Find(dir.Path("cache"), say)
	if err != nil {
		return nil, err
	}
	server, err := postgres.Start(ctx, postgres.Config{Bin: bin, Data: dir.Path("postgres")})
	if err != nil {
		return nil, err
	}
	if err := create(ctx, server.URL("postgres")); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	keepCtx, cancel := context.WithCancel(context.Background())
	d := &database{url: server.URL(databaseName), say: say, cancel: cancel}
	d.done.Go(func() { d.keep(keepCtx, server) })
	return d, nil
}

func (d *database) stop() {
	d.cancel()
	d.done.Wait()
}

// keep starts the server again when it ends by itself, and stops it at ctx's end.
func (d *database) keep(ctx context.Context, server *postgres.Server) {
	cfg := server.Config()
	for {
		select {
		case <-ctx.Done():
			if err := server.Stop(); err != nil {
				d.say("PostgreSQL: " + err.Error())
			}
			return
		case <-server.Done():
		}
		d.say("PostgreSQL ended: starting it again")
		for {
			again, err := postgres.Start(ctx, cfg)
			if err == nil {
				server = again
				break
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(2 * time.Second):
				d.say("PostgreSQL does not start: " + err.Error())
			}
		}
	}
}

// create makes the database when it is not there yet.
func create(ctx context.Context, server string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, "CREATE DATABASE "+databaseName)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == "42P04" { // duplicate_database
		return nil
	}
	return err
}

// reachable tells at once, and without the password, when DATABASE_URL leads nowhere.
func reachable(ctx context.Context, databaseURL string) error {
	u, err := url.Parse(databaseURL)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return errors.New("--database-url is not of the form postgres://user:password@host:5432/database")
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return fmt.Errorf("the database at %s cannot be used: %s: check --database-url, or leave it out for one of our own", u.Host, cause(err))
	}
	return conn.Close(ctx)
}

// cause is the innermost error: what the driver puts around it repeats the address, and more.
func cause(err error) string {
	for next := err; next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}
