package main

import (
	"flag"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/leaderboard/game"

	"github.com/jackc/pgx/v5"
)

var kills = flag.Int("kills", 25, "how often TestNoCountIsLostOrDoubledByKills kills the leaderboard")

// Kills at random moments under load: while it starts, while it reads again what was counted, and while it counts and stores.
func TestNoCountIsLostOrDoubledByKills(t *testing.T) {
	w := newWork(t, kafkatest.New(t))
	database := postgrestest.URL(t)
	if err := w.produce(t.Context(), 200); err != nil {
		t.Fatal(err)
	}
	stop := w.keepOn(t)
	stored, last := map[int64]bool{}, int64(0)
	for i := range *kills {
		p := start(t, w.Cluster, database)
		switch i % 4 {
		case 0: // while it starts
		case 1:
			p.ready(t, http.StatusOK)
		default: // once it has counted more than was stored
			p.until(t, "new counts", func(b game.Board) bool { return b.Teams[0].Actions.Accepted > last })
		}
		<-time.After(rand.N(400 * time.Millisecond)) // the moment is what is tested
		p.kill()
		last = storedCount(t, database)
		stored[last] = true
	}
	if len(stored) < *kills/4 {
		t.Errorf("%d kills found %d different counts stored: they fell on nothing", *kills, len(stored))
	}
	stop()
	p := start(t, w.Cluster, database)
	w.right(t, p)
	// The board shows counts a moment before they are stored.
	wait.Until(t, "as many are stored as the oracle counts", func() bool { return storedCount(t, database) == w.counted(t)[0].Accepted })
	t.Logf("%d kills, %d states stored between, %+v", *kills, len(stored), w.counted(t))
}

// Of three leaderboards, any one may die at any moment, whether it holds the room or not, and is started again.
func TestNoCountIsLostOrDoubledByKillsOfReplicas(t *testing.T) {
	w := newWork(t, kafkatest.New(t))
	database := postgrestest.URL(t)
	if err := w.produce(t.Context(), 200); err != nil {
		t.Fatal(err)
	}
	replicas := make([]*program, 3)
	for i := range replicas {
		replicas[i] = startAdvertised(t, w.Cluster, database)
	}

	stop := w.keepOn(t)
	last := int64(0)
	for range max(*kills/3, 1) {
		wait.Until(t, "a holder that counts", func() bool { return storedCount(t, database) > last })
		<-time.After(rand.N(400 * time.Millisecond)) // the moment is what is tested
		victim := rand.N(len(replicas))
		replicas[victim].kill()
		last = storedCount(t, database)
		replicas[victim] = startAdvertised(t, w.Cluster, database)
	}
	stop()
	for _, p := range replicas {
		p.ready(t, http.StatusOK)
		w.right(t, p)
	}
	wait.Until(t, "as many are stored as the oracle counts", func() bool { return storedCount(t, database) == w.counted(t)[0].Accepted })
}

func storedCount(t *testing.T, database string) (accepted int64) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }() // nothing was written
	// Until the first start has migrated, there is no table.
	var there bool
	if err := conn.QueryRow(t.Context(), `SELECT to_regclass('counts') IS NOT NULL`).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if there {
		err = conn.QueryRow(t.Context(), `SELECT coalesce(sum(accepted), 0) FROM counts WHERE team = 1`).Scan(&accepted)
	}
	if err != nil {
		t.Fatal(err)
	}
	return accepted
}
