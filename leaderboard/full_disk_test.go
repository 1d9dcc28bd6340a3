package main

import (
	"net/http"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
)

// A start on a full disk says so on /readyz, and continues when there is room.
func TestAStartOnAFullDiskSaysSo(t *testing.T) {
	kafka := kafkatest.New(t)
	says := func(t *testing.T, p *program) {
		t.Helper()
		wait.Until(t, "/readyz says that the disk is full", func() bool {
			status, body := p.get("/readyz")
			if status == http.StatusOK {
				t.Fatal("it is ready on a full disk")
			}
			return strings.Contains(body, "the database's disk is full") && strings.Count(strings.TrimSpace(body), "\n") == 0
		})
	}

	t.Run("a small disk", func(t *testing.T) {
		disk, ok := newVolume(t)
		if !ok {
			lacks.Part(t, "a small disk is not tried: nobody may mount one here")
		}
		server, _ := postgrestest.Own(t, disk.dir)
		disk.fill(t)
		p := start(t, kafka, server.URL("postgres")) // nothing is migrated yet
		says(t, p)
		disk.free(t)
		p.ready(t, http.StatusOK)
	})

	database := postgrestest.URL(t)
	p := start(t, kafka, database)
	p.ready(t, http.StatusOK)
	p.kill()
	execute(t, database, `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
		CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON rooms EXECUTE FUNCTION full_disk()`)
	p = start(t, kafka, database)
	says(t, p)
	execute(t, database, diskFreed)
	p.ready(t, http.StatusOK)
}
