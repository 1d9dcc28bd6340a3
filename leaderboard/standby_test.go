package main

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/leaderboard/game"
)

// What a standby has read is old, or nothing: programs are told so instead.
func TestAStandbyTellsProgramsWhoHoldsTheRoom(t *testing.T) {
	kafka, database := kafkatest.New(t), postgrestest.URL(t)
	first := start(t, kafka, database)
	first.ready(t, http.StatusOK)
	second := start(t, kafka, database)
	second.ready(t, http.StatusServiceUnavailable)

	for _, path := range []string{"/api/board", "/api/teams/1"} {
		if status, body := first.get(path); status != http.StatusOK {
			t.Errorf("the holder's %s: %d %s", path, status, body)
		}
		wait.Until(t, "the standby's "+path+" names the holder", func() bool {
			status, body := second.get(path)
			return status == http.StatusServiceUnavailable && strings.Contains(body, ":"+strconv.Itoa(first.Process.Pid))
		})
	}
	if status, _ := second.get("/"); status != http.StatusOK {
		t.Errorf("the standby's page, which says whom to look at: %d", status)
	}
}

func TestMetricsTellNothingBehindAFreeze(t *testing.T) {
	team := func(badges, members int) []game.Team {
		return []game.Team{{Badges: make([]game.Earned, badges), Members: make([]game.Member, members)}}
	}
	m := newMetrics()
	m.update(game.View{Public: game.Board{Frozen: true, Teams: team(2, 3)}, Truth: game.Board{Frozen: true, Teams: team(7, 3)}})

	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	for _, line := range []string{"leaderboard_badges 2", "leaderboard_members 3"} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("/metrics does not say %q", line)
		}
	}
}
