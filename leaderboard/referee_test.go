package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/postgres"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
	"kafka-workshop/leaderboard/referee"
	"kafka-workshop/leaderboard/store"
)

// bench is a referee over a real store, with facts given by hand.
type bench struct {
	*referee.Referee
	stop func()

	mu      sync.Mutex
	view    game.View
	changed chan struct{}
	resumes []game.Resume
	also    func(game.View) // is shown every View as well
}

func newBench(t *testing.T, url string) *bench {
	t.Helper()
	s, err := store.New(store.Config{URL: url, Room: workshop.Room{Lesson: workshop.ScaleUp}})
	if err != nil {
		t.Fatal(err)
	}
	p := &parts{store: s}
	b := &bench{changed: make(chan struct{})}
	b.Referee = referee.New(referee.Config{
		Room: workshop.Room{Lesson: workshop.ScaleUp, Teams: 2}, Lead: p.lead, Name: store.Holder(),
		Log: slog.New(slog.DiscardHandler), Every: 50 * time.Millisecond,
		Publish: b.publish,
		Resume: func(r game.Resume) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.resumes = append(b.resumes, r)
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		s.Close(context.Background())
	})
	t.Cleanup(b.stop)
	return b
}

func (b *bench) publish(v game.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.view = v
	if b.also != nil {
		b.also(v)
	}
	close(b.changed)
	b.changed = make(chan struct{})
}

// until waits for a View; it hands a sweep in after each that is not it, if there is one.
func (b *bench) until(t *testing.T, what string, ok func(game.View) bool) game.View {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		b.mu.Lock()
		v, changed := b.view, b.changed
		b.mu.Unlock()
		if len(v.Public.Teams) > 0 && ok(v) {
			return v
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("no view with %s; the last one: %+v, ready: %v", what, v.Public, b.Ready())
		}
	}
}

func leading(v game.View) bool { return v.Instructor.Postgres.OK && v.Public.Round > 0 }

func points(n int) func(game.View) bool {
	return func(v game.View) bool { return v.Public.Teams[0].Points == n }
}

func sweepOf(members ...string) game.Sweep {
	g := game.GroupFact{Team: 1, State: "Stable", Protocol: "classic"}
	for i, id := range members {
		g.Members = append(g.Members, game.MemberFact{ID: id, OnTopic: true, Partitions: []int32{int32(i)}})
	}
	return game.Sweep{At: time.Now(), Topic: game.TopicFact{ID: "aa", End: make([]int64, 5)}, Groups: []game.GroupFact{g}}
}

func TestBadgesOutliveTheReferee(t *testing.T) {
	url := postgrestest.URL(t)
	b := newBench(t, url)
	b.until(t, "the lock", leading)
	b.Swept(sweepOf("a", "b"))
	was := b.until(t, "two badges", points(220)).Public.Teams[0].Badges
	b.stop()
	b = newBench(t, url)
	now := b.until(t, "two badges again", points(220))
	if fmt.Sprint(now.Public.Teams[0].Badges) != fmt.Sprint(was) {
		t.Errorf("badges %v, were %v", now.Public.Teams[0].Badges, was)
	}
	if len(now.Public.Ticker) != 2 || len(now.Public.Teams[0].Members) != 2 {
		t.Errorf("ticker %v, members %v", now.Public.Ticker, now.Public.Teams[0].Members)
	}
}

func TestTheSecondStandsByAndTakesOver(t *testing.T) {
	url := postgrestest.URL(t)
	first := newBench(t, url)
	first.until(t, "the lock", leading)
	first.Swept(sweepOf("a", "b"))
	first.until(t, "two badges", points(220))
	second := newBench(t, url)
	second.until(t, "a holder", func(v game.View) bool { return v.Instructor.Holder != "" })
	if err := second.Ready(); err == nil || !strings.Contains(err.Error(), store.Holder()) {
		t.Errorf("ready: %v", err)
	}
	var refused httpserve.Error
	if err := second.Freeze(t.Context()); !errors.As(err, &refused) || refused.Code != 503 {
		t.Errorf("one that stands by froze the board: %v", err)
	}
	second.Swept(sweepOf("a", "b"))
	first.stop()
	second.until(t, "the lock and two badges", func(v game.View) bool { return leading(v) && points(220)(v) })
	if err := second.Ready(); err != nil {
		t.Error(err)
	}
}

func TestPostgresAway(t *testing.T) {
	server, cfg := postgrestest.Own(t, t.TempDir())
	b := newBench(t, server.URL("postgres"))
	b.until(t, "the lock", leading)
	b.Swept(sweepOf("a"))
	b.until(t, "a badge", points(110))
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	b.until(t, "the word that Postgres is away", func(v game.View) bool {
		return v.Public.StaleSince != nil && !v.Instructor.Postgres.OK
	})
	s := sweepOf("a", "b")
	b.Swept(s)
	v := b.until(t, "both members", func(v game.View) bool { return len(v.Public.Teams[0].Members) == 2 })
	if v.Public.Teams[0].Points != 110 {
		t.Errorf("%d points are shown, and 110 are stored", v.Public.Teams[0].Points)
	}
	if err := b.Message(t.Context(), "hello"); err == nil {
		t.Error("an act was done without Postgres")
	}
	if err := b.Ready(); err != nil {
		t.Errorf("the board is to go on: %v", err)
	}
	again, err := postgres.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := again.Stop(); err != nil {
			t.Error(err)
		}
	})
	v = b.until(t, "the badge that waited", points(220))
	for _, e := range v.Public.Teams[0].Badges {
		if e.Badge == game.Scaled && !e.EarnedAt.Equal(workshop.At(s.At).Time) {
			t.Errorf("earned at %s, want the sweep's %s", e.EarnedAt, s.At)
		}
	}
	b.until(t, "nothing stale", func(v game.View) bool { return v.Instructor.Postgres.OK })
}

func TestActs(t *testing.T) {
	url := postgrestest.URL(t)
	b := newBench(t, url)
	b.until(t, "the lock", leading)
	b.Swept(sweepOf("a"))
	b.until(t, "a badge", points(110))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	must(b.Freeze(ctx))
	must(b.Message(ctx, "stop one member"))
	must(b.Rename(ctx, 1, "Lanes"))
	b.Swept(sweepOf("a", "b"))
	b.until(t, "a truth beyond the freeze", func(v game.View) bool { return v.Truth.Teams[0].Points == 220 })
	b.stop()
	b = newBench(t, url)
	v := b.until(t, "the frozen board", func(v game.View) bool { return v.Public.Frozen })
	if v.Public.Teams[0].Points != 110 || v.Truth.Teams[0].Points != 220 || v.Public.Message != "stop one member" || v.Public.Teams[0].Name != "Lanes" {
		t.Errorf("public %+v", v.Public.Teams[0])
	}
	must(b.Reveal(ctx, game.RevealAll))
	b.until(t, "220 points", points(220))
	must(b.RemoveBadge(ctx, 1, game.Scaled))
	b.until(t, "110 points", points(110))
	for _, wrong := range []error{b.RemoveBadge(ctx, 1, game.Scaled), b.Rename(ctx, 9, "x"), b.Reveal(ctx, game.RevealAll)} {
		var told httpserve.Error
		if !errors.As(wrong, &told) || (told.Code != 404 && told.Code != 409) {
			t.Errorf("told %v", wrong)
		}
	}
	must(b.NewRound(ctx))
	v = b.until(t, "round 2", func(v game.View) bool { return v.Public.Round == 2 })
	if v.Public.Teams[0].Points != 0 || v.Public.Teams[0].Name != "Lanes" {
		t.Errorf("public %+v", v.Public.Teams[0])
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.resumes); n != 2 || b.resumes[0].Round.Number != 1 || b.resumes[1].Round.Number != 2 {
		t.Errorf("resumes %+v", b.resumes)
	}
}

func TestCountsAndOffsetsComeBackTogether(t *testing.T) {
	url := postgrestest.URL(t)
	b := newBench(t, url)
	b.until(t, "the lock", leading)
	b.Scored(game.Scores{At: time.Now(), Round: 1, Teams: []game.Work{{Team: 1, Accepted: 7, Rejected: 1}},
		Offsets: []game.SourceOffset{{Topic: "team-1.actions", TopicID: "bb", Partition: 1, Next: 8}}})
	b.until(t, "the first load", points(110))
	b.stop()
	b = newBench(t, url)
	v := b.until(t, "the lock again", leading)
	if got := v.Public.Teams[0].Actions; got.Accepted != 7 || got.Rejected != 1 {
		t.Errorf("counts %+v", got)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.resumes[0].Scores
	if len(r.Offsets) != 1 || r.Offsets[0].Next != 8 || len(r.Teams) != 1 || r.Teams[0].Accepted != 7 {
		t.Errorf("resumed from %+v", r)
	}
}
