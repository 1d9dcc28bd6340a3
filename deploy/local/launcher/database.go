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
		return fmt.Errorf("connect to our own PostgreSQL: %w", pgaddress.Cause(err))
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, "CREATE DATABASE "+databaseName)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == "42P04" { // duplicate_database
		return nil
	}
	if err != nil {
		return fmt.Errorf("make the database: %w", pgaddress.Cause(err))
	}
	return nil
}

// reachable tells at once when DATABASE_URL leads nowhere, and no part of it.
func reachable(ctx context.Context, address string) error {
	conf, err := pgaddress.Parse(address)
	if err != nil {
		return cli.Usagef("--database-url cannot be read: %w", err)
	}

	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, conf)
	if err != nil {
		return fmt.Errorf("the database of --database-url cannot be used: %w: look at the address, or leave it out for a database of our own", pgaddress.Cause(err))
	}
	return conn.Close(ctx)
}
