package store

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// The tests' Postgres server ends with the process.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("kafka-workshop/internal/postgres.(*Server).launch.func1"))
}

func newStore(t *testing.T, url string, ns workshop.Namespace) *Store {
	t.Helper()
	s, err := New(Config{URL: url, Room: workshop.Room{Namespace: ns, Lesson: workshop.ScaleUp}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.Background()) })
	return s
}

func lead(t *testing.T, s *Store) *Lease {
	t.Helper()
	var held *HeldError
	for {
		l, err := s.Lead(t.Context())
		if errors.As(err, &held) && t.Context().Err() == nil {
			continue // the server has yet to notice that a session ended
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close(context.Background()) })
		return l
	}
}

var at = time.Date(2026, 3, 1, 9, 0, 0, 123000000, time.UTC)

func everything() game.Changes {
	pause, text := int64(1200), "now: stop <one> member"
	share := 0.5
	owner, ended := "member-a", workshop.At(at.Add(time.Second))
	return game.Changes{
		Round:   1,
		Begin:   &game.Round{Number: 1, Began: at, TopicID: "aa", Start: []int64{1, 2, 3}},
		Awards:  []game.Award{{Round: 1, Team: 7, Badge: game.Connected, At: at, First: true, Evidence: json.RawMessage(`{"state": "Stable"}`)}},
		States:  map[int]json.RawMessage{7: json.RawMessage(`{"changed": true}`)},
		Names:   map[int]string{7: "Lanes' \"own\""},
		Message: &text,
		Spans: []game.Span{
			{Round: 1, Team: 7, Partition: 2, From: workshop.At(at), To: &ended, Owner: &owner, ClientID: "laptop-1", Colour: 3, State: game.LaneOwned, Assignor: "range"},
			{Round: 1, Team: 7, Partition: 2, From: ended, State: game.LaneFree, Assignor: "range"},
		},
		WatchedAt:   &at,
		Predictions: []game.Prediction{{ID: 3, Round: 1, Phase: game.PredictionOpen, OpenedAt: at, Question: game.Question{ID: game.AskSplit, Kind: game.AskSplit, Team: 7, Text: "?", Options: []string{"3 + 2", "4 + 1"}, Askable: true}}},
		Votes:       []game.Vote{{Prediction: 3, Voter: "a", Option: 1, Team: 7}, {Prediction: 3, Voter: "b", Option: 0}},
		Position:    &game.Position{Step: 2, BeganAt: at, EndsAt: at.Add(time.Minute), Spotlight: 7},
		Podium:      &game.Podium{Round: 1, Places: []game.Place{{Team: 7, Name: "Lanes \u2067", Rank: 1, Points: 210, Badges: []game.Earned{{Badge: game.Connected, Icon: "🔌", EarnedAt: workshop.At(at), First: true}}}}},
		Events: []game.Event{
			{ID: 1, At: workshop.At(at), Team: 7, Kind: game.KindJoin, Text: "A joined"},
			{ID: 2, At: workshop.At(at), Team: 7, Kind: game.KindRebalance, Text: "P0 → A", PauseMS: &pause},
			{ID: 3, At: workshop.At(at), Team: 7, Kind: game.KindBadge, Badge: game.Connected, Text: "team-7 connects", Ticker: true},
		},
		Scores: &game.Scores{
			Round: 1,
			Teams: []game.Work{{
				Team: 7, Accepted: 1, Rejected: 2, Duplicate: 3, Unverifiable: 4, Earlier: 7, Meeting: 5, Found: 6, FirstAt: at, Processed: 8, Flagged: 9,
				Rejections: []game.Rejection{{At: at, Customer: "a@b", Type: "T", Given: "R", Reason: "because"}},
			}},
			Offsets: []game.SourceOffset{{Topic: "team-7.actions", TopicID: "bb", Partition: 2, Next: 42}},
		},
		Freeze: &game.Frozen{At: at, Teams: map[int]game.FrozenRow{7: {Rank: 1, Points: 110, Precision: &share,
			Badges: []game.Earned{{Badge: game.Connected, Icon: "🔌", EarnedAt: workshop.At(at), First: true}}}}},
	}
}

func TestWhatIsSavedIsLoaded(t *testing.T) {
	l := lead(t, newStore(t, postgrestest.URL(t), ""))
	c := everything()
	for range 2 { // the second save changes nothing
		if err := l.Save(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	got, err := l.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got.Round.Began, got.WatchedAt = got.Round.Began.UTC(), got.WatchedAt.UTC()
	got.Awards[0].At = got.Awards[0].At.UTC()
	want := game.Saved{
		Round: *c.Begin, Message: *c.Message, Names: c.Names, Awards: c.Awards, States: c.States,
		Position: *c.Position, Podium: *c.Podium, Spans: c.Spans, WatchedAt: *c.WatchedAt, Predictions: c.Predictions, LastPrediction: 3, Votes: c.Votes, Scores: *c.Scores, Events: c.Events, NextID: 4, Frozen: c.Freeze,
	}
	if !reflect.DeepEqual(got.Spans, want.Spans) {
		t.Errorf("spans %+v, want %+v", got.Spans, want.Spans)
	}
	a, b := asJSON(t, got), asJSON(t, want)
	if a != b {
		t.Errorf("saved  %s\nloaded %s", b, a)
	}
	if !reflect.DeepEqual(got.Events, want.Events) {
		t.Errorf("events %+v", got.Events)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestAnAwardIsStoredOnce(t *testing.T) {
	l := lead(t, newStore(t, postgrestest.URL(t), ""))
	c := everything()
	if err := l.Save(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	again := game.Changes{Round: 1, Awards: []game.Award{c.Awards[0]}}
	again.Awards[0].At = at.Add(time.Hour)
	if err := l.Save(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	got, err := l.Load(t.Context())
	if err != nil || len(got.Awards) != 1 || !got.Awards[0].At.Equal(at) {
		t.Fatalf("%+v, %v", got.Awards, err)
	}
}

func TestANewRoundKeepsTheOldOneAndStartsClean(t *testing.T) {
	url := postgrestest.URL(t)
	l := lead(t, newStore(t, url, ""))
	if err := l.Save(t.Context(), everything()); err != nil {
		t.Fatal(err)
	}
	next := game.Changes{Round: 2, Begin: &game.Round{Number: 2, Began: at.Add(time.Hour), TopicID: "aa", Start: []int64{9}}, Reveal: true}
	if err := l.Save(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	got, err := l.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Round.Number != 2 || len(got.Awards)+len(got.States)+len(got.Scores.Teams)+len(got.Scores.Offsets)+len(got.Events) != 0 || got.Frozen != nil {
		t.Errorf("the new round has %+v", got)
	}
	if got.NextID != 4 || got.Names[7] == "" || got.Message == "" {
		t.Errorf("ids, names and message belong to the room: %+v", got)
	}
	var kept int
	if err := l.conn.QueryRow(t.Context(), `SELECT count(*) FROM badges b JOIN rounds r USING (namespace, lesson, round) WHERE round = 1 AND ended IS NOT NULL`).Scan(&kept); err != nil || kept != 1 {
		t.Errorf("%d badges of the round before, %v", kept, err)
	}
}

func TestRoomsThatShareADatabaseDoNotMeet(t *testing.T) {
	url := postgrestest.URL(t)
	one, two := lead(t, newStore(t, url, "")), lead(t, newStore(t, url, "spring."))
	if err := one.Save(t.Context(), everything()); err != nil {
		t.Fatal(err)
	}
	got, err := two.Load(t.Context())
	if err != nil || got.Round.Number != 0 || len(got.Awards)+len(got.Names)+len(got.Events) != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestTextThatPostgresCannotKeep(t *testing.T) {
	l := lead(t, newStore(t, postgrestest.URL(t), ""))
	c := everything()
	c.Names[7] = "a\x00b\xff"
	c.Scores.Teams[0].Rejections[0].Customer = "x\x00y\xff"
	c.States[7] = json.RawMessage(`{"members":[{"id":"a\u0000b"}]}`)
	if err := l.Save(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	got, err := l.Load(t.Context())
	if err != nil || got.Names[7] != "a\ufffdb\ufffd" || !strings.Contains(string(got.States[7]), "a\ufffdb") {
		t.Fatalf("%q %s %v", got.Names[7], got.States[7], err)
	}
}

func TestAWrongAddressIsOneLineWithoutThePassword(t *testing.T) {
	for _, url := range []string{"postgres://u:geheim@host:port/db", "mysql://u:geheim@h/db", "postgres://u:geheim@h/db?sslmode=maybe", "geheim"} {
		_, err := New(Config{URL: url, Room: workshop.Room{Lesson: workshop.ScaleUp}})
		if err == nil || !strings.Contains(err.Error(), "--database-url") || strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", url, err)
		}
	}
	s := newStore(t, "postgres://u:geheim@127.0.0.1:1/db", "")
	if _, err := s.Lead(t.Context()); err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("nobody there: %v", err)
	}
}
