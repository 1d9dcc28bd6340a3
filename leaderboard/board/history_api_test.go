package board

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// ended returns a stored round of the previous day.
func ended(number int) game.RoundExport {
	began := sampleNow.Add(-24 * time.Hour)
	end := began.Add(time.Hour)
	owner := "kgo-old"
	to := workshop.At(began.Add(10 * time.Minute))
	e := game.RoundExport{
		Round: game.Round{Number: number, Began: began, Start: make([]int64, 5)}, Ended: &end,
		Teams: []game.TeamExport{
			{Team: 1, Name: "an old name", Rank: 2, Points: 100, Badges: []game.Award{{Round: number, Team: 1, Badge: game.Connected, At: began.Add(time.Minute), Evidence: json.RawMessage(`{"members":[{"id":"kgo-old","client_id":"old-laptop","partitions":[0]}]}`)}}},
			{Team: 2, Name: "team-2", Rank: 1, Points: 110, Badges: []game.Award{{Round: number, Team: 2, Badge: game.Connected, At: began.Add(time.Second), First: true}}},
		},
		Events: []game.Event{{At: workshop.At(began.Add(time.Minute)), Team: 1, Kind: game.KindJoin, Text: "A joined, long ago"}},
	}
	e.AddSpans([]game.Span{
		{Team: 1, Partition: 0, From: workshop.At(began.Add(time.Minute)), To: &to, Owner: &owner, ClientID: "old-laptop", State: game.LaneOwned},
		{Team: 1, Partition: 1, From: to, State: game.LaneFree},
	})
	return e
}

func TestTheHistoryOfATeam(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	ask := func(query string) history {
		t.Helper()
		var h history
		if err := json.Unmarshal([]byte(r.get(t, "/api/teams/1/history"+query, false, http.StatusOK)), &h); err != nil {
			t.Fatal(err)
		}
		return h
	}

	whole := ask("")
	team := s.Public.Teams[0]
	if !whole.From.Equal(s.Public.Began.Time) || !whole.To.Equal(s.Public.AsOf.Time) || len(whole.Spans) != len(team.History.All()) || len(whole.Events) != 6 {
		t.Errorf("%v to %v, %d spans, %d events", whole.From, whole.To, len(whole.Spans), len(whole.Events))
	}
	if last := whole.Spans[len(whole.Spans)-1]; last.To != nil || last.State != game.LaneOwned {
		t.Errorf("the last span is %+v", last)
	}

	// a zone other than UTC, with an unescaped +
	from := sampleNow.Add(-5 * time.Minute).In(time.FixedZone("", 3600))
	part := ask("?from=" + from.Format(time.RFC3339) + "&to=" + url.QueryEscape(sampleNow.Add(-4*time.Minute).Format(time.RFC3339Nano)))
	if len(part.Spans) != 5 || len(part.Events) != 2 || !part.From.Equal(from) {
		t.Errorf("from %v: %d spans, %d events", part.From, len(part.Spans), len(part.Events))
	}

	for query, want := range map[string]string{
		"?from=yesterday": "from is not a time", "?to=12": "to is not a time", "?from=2026-03-14T15:00:00Z&to=2026-03-14T14:00:00Z": "to is before from",
		"?round=x": "round is not a number", "?round=01": "round is not a number",
	} {
		if body := r.get(t, "/api/teams/1/history"+query, false, http.StatusBadRequest); !strings.Contains(body, want) {
			t.Errorf("%s: %s, want %q", query, body, want)
		}
	}
	for _, query := range []string{"?round=0", "?round=3", "?round=1"} { // 2 is the current one, and this board has no stored ones
		r.get(t, "/api/teams/1/history"+query, false, http.StatusNotFound)
	}
	r.get(t, "/api/teams/99/history", false, http.StatusNotFound)
}

// A round that has ended is loaded from the store, once for all viewers.
func TestARoundThatHasEnded(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	var loads atomic.Int32
	r.rounds.load = func(_ context.Context, n int) (game.RoundExport, error) {
		loads.Add(1)
		return ended(n), nil
	}

	var h history
	if err := json.Unmarshal([]byte(r.get(t, "/api/teams/1/history?round=1", false, http.StatusOK)), &h); err != nil {
		t.Fatal(err)
	}
	if len(h.Spans) != 2 || h.Spans[0].ClientID != "old-laptop" || h.Spans[1].To == nil || len(h.Events) != 1 || h.To.Sub(h.From.Time) != time.Hour {
		t.Errorf("%+v", h)
	}
	for path, want := range map[string]string{
		"/teams/1/story?round=1": "old-laptop was in the group.", "/teams/3/story?round=1": "None in this round.", "/results?round=1": "team-2", "/replay?round=1": "/api/replay?round=1",
		"/api/replay?round=1": `"old-laptop"`,
	} {
		if body := r.get(t, path, false, http.StatusOK); !strings.Contains(body, want) {
			t.Errorf("%s lacks %q", path, want)
		}
	}
	if body := r.get(t, "/results?round=1", false, http.StatusOK); strings.Contains(body, "an old name") || !strings.Contains(body, ">team-1<") {
		t.Error("a team is not called by its present name")
	}
	if n := loads.Load(); n != 1 {
		t.Errorf("it was read %d times", n)
	}
}

func TestWhilePostgresIsAway(t *testing.T) {
	r := newRoom(t, newSample(3))
	r.rounds.load = func(context.Context, int) (game.RoundExport, error) {
		return game.RoundExport{}, errors.New("password of user x at host y refused")
	}
	for _, path := range []string{"/api/teams/1/history?round=1", "/api/replay?round=1", "/teams/1/story?round=1", "/results?round=1", "/replay?round=1"} {
		body := r.get(t, path, false, http.StatusServiceUnavailable)
		if !strings.Contains(body, "Postgres does not answer, and round 1 is stored there: try again") || strings.Contains(body, "password") {
			t.Errorf("%s: %s", path, body)
		}
	}
	r.get(t, "/api/teams/1/history", false, http.StatusOK)
}

// A standby knows no rounds, but does not claim that there were none.
func TestAStandbyTellsNoRounds(t *testing.T) {
	r := newRoom(t, newSample(3))
	r.cfg.Ready = func() error { return game.StandbyError{Holder: "laptop 4711"} }
	for _, path := range []string{"/api/teams/1/history", "/api/replay", "/teams/1/story", "/results", "/replay", "/results?round=1"} {
		if body := r.get(t, path, false, http.StatusServiceUnavailable); !strings.Contains(body, "ask laptop 4711") {
			t.Errorf("%s: %s", path, body)
		}
	}
}

// Hanging readers use no more than their share of connections, and a waiting client gets an error.
func TestFewRoundsAreReadAtATime(t *testing.T) {
	rounds := newRounds(nil, nil)
	began, goOn := make(chan int), make(chan struct{})
	rounds.load = func(_ context.Context, n int) (game.RoundExport, error) {
		began <- n
		<-goOn
		return ended(n), nil
	}

	done := make(chan error)
	for n := 1; n <= roundReaders; n++ {
		go func() { _, err := rounds.get(context.Background(), n); done <- err }()
		<-began
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := rounds.get(ctx, 7); err == nil || !strings.Contains(err.Error(), "try again") {
		t.Errorf("one more was let in: %v", err)
	}

	close(goOn)
	for range roundReaders {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	go func() {
		for range began {
		}
	}()
	for n := 1; n <= 3*keptRounds; n++ {
		if _, err := rounds.get(t.Context(), n); err != nil {
			t.Error(err)
		}
	}
	close(began)
	if len(rounds.kept) != keptRounds {
		t.Errorf("%d rounds are kept", len(rounds.kept))
	}
}

// In calm mode, nobody has a rank on the pages that review a round.
func TestCalmPagesHaveNoRanks(t *testing.T) {
	r := newRoom(t, newSample(6))
	for _, path := range []string{"/results", "/teams/1/story", "/replay"} {
		if body := r.get(t, path, false, http.StatusOK); !strings.Contains(body, "rank") {
			t.Errorf("%s has no ranks", path)
		}
	}
	r.cfg.Calm = true
	for _, path := range []string{"/results", "/teams/1/story", "/replay"} {
		if body := r.get(t, path, false, http.StatusOK); strings.Contains(body, "rank") || strings.Contains(body, "podium") {
			t.Errorf("%s has ranks", path)
		}
	}
}
