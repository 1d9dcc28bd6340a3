package store

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/leaderboard/game"
)

func TestTheExportHasEveryRound(t *testing.T) {
	url := postgrestest.URL(t)
	s := newStore(t, url, "")
	l := lead(t, s)
	next := game.Changes{Round: 2, Begin: &game.Round{Number: 2, Began: at.Add(time.Hour), TopicID: "aa"}}
	for _, c := range []game.Changes{everything(), next} {
		if err := l.Save(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	out, err := s.Export(t.Context(), 15)
	if err != nil || len(out.Rounds) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	first := out.Rounds[0]
	if first.Ended == nil || len(first.Events) != 3 || len(first.Teams) != 15 || out.Rounds[1].Ended != nil {
		t.Errorf("round 1: %+v", first)
	}
	best := first.Teams[0]
	if best.Team != 7 || best.Points != 110 || best.Name != "Lanes' \"own\"" || best.Actions.Accepted != 1 || len(best.Badges) != 1 {
		t.Errorf("the best: %+v", best)
	}
}

// The export contains every prediction, with the votes by team. It contains no voter, and nothing internal to the referee.
func TestTheExportHasThePredictions(t *testing.T) {
	s := newStore(t, postgrestest.URL(t), "")
	l := lead(t, s)
	c := everything()
	c.Votes = []game.Vote{{Prediction: 3, Voter: "a-voters-id", Option: 1, Team: 7}}
	p := &c.Predictions[0]
	p.Phase = game.PredictionAnswered
	p.Tally = &game.Tally{Votes: 3, Counts: []int{1, 2}, Teams: map[int][]int{7: {0, 2}}, First: []int{2, 1}, FirstTeams: map[int][]int{7: {1, 1}}}
	p.Answer = &game.Answer{Option: 1, Because: "so it was", Evidence: json.RawMessage(`{"keys": 4}`), At: at}
	if err := json.Unmarshal([]byte(`{"world":{"members":{"member-a":[0]}}}`), p); err != nil {
		t.Fatal(err)
	}
	save(t, l, c)

	out, err := s.Export(t.Context(), 15)
	if err != nil || len(out.Rounds) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	want := c.Predictions[0]
	want.World = nil
	if got := asJSON(t, out.Rounds[0].Predictions); got != asJSON(t, []game.Prediction{want}) {
		t.Errorf("exported %s", got)
	}
	if text := asJSON(t, out); strings.Contains(text, "a-voters-id") || strings.Contains(text, `"world"`) {
		t.Errorf("the export tells too much: %s", text)
	}
	if one, err := s.Round(t.Context(), 1, 15); err != nil || len(one.Record().Predictions) != 1 {
		t.Errorf("read alone, the round has %+v, %v", one.Predictions, err)
	}
}
