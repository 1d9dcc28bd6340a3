package store

import (
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
