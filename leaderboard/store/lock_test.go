package store

import (
	"context"
	"errors"
	"testing"

	"kafka-workshop/internal/testing/postgrestest"

	"github.com/jackc/pgx/v5"
)

func TestTheLockHasOneHolder(t *testing.T) {
	url := postgrestest.URL(t)
	first, second := newStore(t, url, ""), newStore(t, url, "")
	l := lead(t, first)
	var held *HeldError
	if _, err := second.Lead(t.Context()); !errors.As(err, &held) || held.Holder() != Holder() {
		t.Fatalf("the second one got %v", err)
	}
	l.Close(t.Context())
	next := lead(t, second)
	if next.Term() != l.Term()+1 {
		t.Fatalf("terms %d and %d", l.Term(), next.Term())
	}
	if err := l.Save(t.Context(), everything()); err == nil || l.Alive() {
		t.Fatalf("who gave the lock up can write: %v", err)
	}
}

func TestAHolderThatSaysNothingLosesTheLockAndCannotWrite(t *testing.T) {
	url := postgrestest.URL(t)
	frozen := lead(t, newStore(t, url, "")) // and from here on it sends nothing
	next := lead(t, newStore(t, url, ""))   // waits until Postgres releases the lock
	if err := frozen.Save(t.Context(), everything()); err == nil {
		t.Fatal("it wrote after the lock had moved")
	}
	if frozen.Alive() {
		t.Fatal("it believes that it holds the lock")
	}
	got, err := next.Load(t.Context())
	if err != nil || got.Round.Number != 0 {
		t.Fatalf("what it wrote is there: %+v %v", got, err)
	}
}

func TestAHolderWhoseSessionIsEndedCannotWrite(t *testing.T) {
	url := postgrestest.URL(t)
	l := lead(t, newStore(t, url, ""))
	other, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close(context.Background()) }()
	if _, err := other.Exec(t.Context(), `SELECT pg_terminate_backend($1)`, int64(l.conn.PgConn().PID())); err != nil {
		t.Fatal(err)
	}
	if err := l.Save(t.Context(), everything()); err == nil || l.Alive() {
		t.Fatalf("saved: %v, alive: %v", err, l.Alive())
	}
}
