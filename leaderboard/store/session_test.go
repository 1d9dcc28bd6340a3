package store

import (
	"errors"
	"testing"

	"kafka-workshop/internal/database"
	"kafka-workshop/internal/testing/postgrestest"
)

// A session that has lost its mark or its lock, such as one that a pooler gave away, can no longer write.
func TestASessionThatIsNotOursWritesNothing(t *testing.T) {
	for what, sql := range map[string]string{
		"another's mark": `SELECT set_config('` + mark + `', 'another', false)`,
		"no mark":        `DISCARD ALL`,
		"no lock":        `SELECT pg_advisory_unlock_all()`,
	} {
		url := postgrestest.URL(t)
		l := lead(t, newStore(t, url, ""))
		if _, err := l.conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		if err := l.Save(t.Context(), everything()); !errors.Is(err, database.ErrShared) || l.Alive() {
			t.Errorf("%s: saved with %v, alive: %v", what, err, l.Alive())
		}

		next := lead(t, newStore(t, url, ""))
		if got, err := next.Load(t.Context()); err != nil || got.Round.Number != 0 {
			t.Errorf("%s: %+v is there, %v", what, got.Round, err)
		}
		if _, err := next.conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		if err := next.Ping(t.Context()); !errors.Is(err, database.ErrShared) || next.Alive() {
			t.Errorf("%s: the sign of life says %v, alive: %v", what, err, next.Alive())
		}
	}
}
