package store

import (
	"context"
	"fmt"
	"testing"

	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/migrations"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// A room of an earlier schema continues in the newest one with its data.
func TestARoomOfAnEarlierSchema(t *testing.T) {
	for _, version := range []int64{1, 2} {
		t.Run(fmt.Sprint(version), func(t *testing.T) { migrateFrom(t, version) })
	}
}

func migrateFrom(t *testing.T, version int64) {
	url := postgrestest.URL(t)
	s := newStore(t, url, "")
	db := stdlib.OpenDB(*s.conf.Copy())
	t.Cleanup(func() { _ = db.Close() }) // nothing is left to write
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`INSERT INTO rooms (namespace, lesson, term, holder) VALUES ('', 'scale-up', 1, 'somebody')`,
		`INSERT INTO rounds (namespace, lesson, round, began, topic_id, start_offsets) VALUES ('', 'scale-up', 1, now(), 'aa', '{}')`,
		`INSERT INTO counts (namespace, lesson, round, team, accepted, rejected, duplicate, unverifiable, meeting, found, processed, flagged, rejections)
VALUES ('', 'scale-up', 1, 7, 5, 4, 3, 2, 1, 1, 0, 0, '[]')`,
	} {
		if _, err := db.ExecContext(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}

	saved, err := lead(t, s).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(saved.Scores.Teams) != 1 || saved.Scores.Teams[0].Accepted != 5 || saved.Scores.Teams[0].Earlier != 0 || saved.Position.Step != 0 {
		t.Errorf("%+v", saved.Scores.Teams)
	}
}

func TestMigrationsOfTwoRoomsAtOnce(t *testing.T) {
	url := postgrestest.URL(t)
	done := make(chan error)
	for _, ns := range []workshop.Namespace{"a.", "b.", "c."} {
		s := newStore(t, url, ns)
		go func() {
			l, err := s.Lead(context.Background())
			if err == nil {
				l.Close(context.Background())
			}
			done <- err
		}()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
