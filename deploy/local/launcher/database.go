package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"kafka-workshop/internal/cli"
	pgaddress "kafka-workshop/internal/database"
	"kafka-workshop/internal/postgres"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// databaseName is the database that we create on our own server.
const databaseName = "workshop"

// A database is our own PostgreSQL server, restarted on the same port when it dies.
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

	superviseCtx, cancel := context.WithCancel(context.Background())
	d := &database{url: server.URL(databaseName), say: say, cancel: cancel}
	d.done.Go(func() { d.supervise(superviseCtx, server) })
	return d, nil
}

func (d *database) stop() {
	d.cancel()
	d.done.Wait()
}

// supervise restarts the server when it exits, and stops it when ctx ends.
func (d *database) supervise(ctx context.Context, server *postgres.Server) {
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

		d.say("PostgreSQL exited: restarting")
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
				d.say("cannot restart PostgreSQL: " + err.Error())
			}
		}
	}
}

// create creates the database if it does not exist.
func create(ctx context.Context, server string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return fmt.Errorf("connect to our own PostgreSQL: %w", pgaddress.Cause(err))
	}

	defer func() { _ = conn.Close(ctx) }()

	_, err = conn.Exec(ctx, "CREATE DATABASE "+databaseName)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == "42P04" { // duplicate_database
		return nil
	}
	if err != nil {
		return fmt.Errorf("create the database: %w", pgaddress.Cause(err))
	}
	return nil
}

// checkDatabase connects once, so that a wrong DATABASE_URL fails early. Its errors show no part of the URL.
func checkDatabase(ctx context.Context, address string) error {
	conf, err := pgaddress.Parse(address)
	if err != nil {
		return cli.Usagef("--database-url is invalid: %w", err)
	}

	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, conf)
	if err != nil {
		return fmt.Errorf("cannot use the database of --database-url: %w: check the address, or omit it to use a database of our own", pgaddress.Cause(err))
	}
	return conn.Close(ctx)
}
