package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// If a roster lists more teams than the room has, the room's teams get their names, and the log lists the other numbers.
func TestARosterWithTeamsAboveTheLast(t *testing.T) {
	file := filepath.Join(t.TempDir(), "teams.csv")
	if err := os.WriteFile(file, []byte("\ufeffnumber;name\r\n3;Third\r\n1;Ones\r\n17;Far off\r\n2;Twos\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	var f flags
	f.Brokers, f.Teams, f.Lesson, f.Serve.Roster = []string{"127.0.0.1:1"}, 2, workshop.ScaleUp, file
	f.Serve.DatabaseURL = "postgres://127.0.0.1/none"

	p, err := connect(f, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if said := log.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, `teams="[3 17]"`) || len(p.roster) != 2 {
		t.Errorf("it says %q and goes on with %v", said, p.roster)
	}

	board := start(t, kafkatest.New(t), postgrestest.URL(t), "--roster", file)
	board.until(t, "both teams' names", func(b game.Board) bool {
		names := map[string]bool{}
		for _, team := range b.Teams {
			names[team.Name] = true
		}
		return names["Ones"] && names["Twos"]
	})
}
