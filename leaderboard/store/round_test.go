package store

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// An ended round is read over its own connection while the lease is held, and contains only what happened in that round.
func TestARoundIsRead(t *testing.T) {
	url := postgrestest.URL(t)
	s := newStore(t, url, "")
	l := lead(t, s)
	c := everything()
	if err := l.Save(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	next := game.Changes{Round: 2, Begin: &game.Round{Number: 2, Began: at.Add(time.Hour), TopicID: "aa", Start: []int64{9}}, Spans: []game.Span{
		{Round: 2, Team: 7, Partition: 0, From: workshop.At(at.Add(time.Hour)), State: game.LaneFree, Assignor: "server"},
	}}
	if err := l.Save(t.Context(), next); err != nil {
		t.Fatal(err)
	}

	got, err := s.Round(t.Context(), 1, 8)
	if err != nil {
		t.Fatal(err)
	}
	team := got.Teams[0]
	if got.Number != 1 || got.Ended == nil || !got.Ended.Equal(at.Add(time.Hour)) || len(got.Teams) != 8 || len(got.Events) != 3 || team.Team != 7 || team.Points != 110 {
		t.Errorf("%+v", got)
	}
	if len(team.Spans) != 2 || !reflect.DeepEqual(team.Spans[0].Span, c.Spans[0]) || team.Spans[0].Assignor != "range" || len(got.Teams[1].Spans) != 0 {
		t.Errorf("%+v", team.Spans)
	}

	// a span that never ended lasts until the round does
	record := got.Record()
	if spans := record.Teams[6].History.All(); len(spans) != 2 || !spans[1].To.Equal(*got.Ended) || record.Partitions != 3 {
		t.Errorf("%d partitions, %+v", record.Partitions, spans)
	}
	if _, err := s.Round(t.Context(), 9, 8); !errors.Is(err, game.ErrNoRound) {
		t.Errorf("a round that never was: %v", err)
	}
	if err := l.held(t.Context(), l.conn); err != nil {
		t.Errorf("the lease: %v", err)
	}

	all, err := s.Export(t.Context(), 8)
	if err != nil || len(all.Rounds) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	for i, want := range []int{2, 1} {
		spans := 0
		for _, team := range all.Rounds[i].Teams {
			spans += len(team.Spans)
		}
		if spans != want {
			t.Errorf("round %d is exported with %d spans, want %d", i+1, spans, want)
		}
	}
}
