// Package refereetest runs a referee on a real store, with facts that the test supplies.
package refereetest

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
	"kafka-workshop/leaderboard/referee"
	"kafka-workshop/leaderboard/store"
)

// A Bench is a running referee of a room with two teams.
type Bench struct {
	*referee.Referee
	Stop func() // ends the referee as the end of its process would; only the first call counts

	mu      sync.Mutex // guards what follows
	view    game.View
	changed chan struct{} // closed with the next View
	resumes []game.Resume
	forward func(game.View)
}

// New starts a referee on the database at url.
func New(t *testing.T, url string) *Bench {
	t.Helper()
	room := workshop.Room{Lesson: workshop.ScaleUp, Teams: 2}
	s, err := store.New(store.Config{URL: url, Room: room})
	if err != nil {
		t.Fatal(err)
	}

	b := &Bench{changed: make(chan struct{})}
	b.Referee = referee.New(referee.Config{
		Room: room, Name: Holder(), Log: slog.New(slog.DiscardHandler), Every: 50 * time.Millisecond,
		Acquire: func(ctx context.Context) (referee.Lease, error) {
			lease, err := s.Lead(ctx)
			if err != nil {
				return nil, err
			}
			return lease, nil
		},
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
	b.Stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		s.Close(context.Background())
	})
	t.Cleanup(b.Stop)
	return b
}

// Holder returns the name under which this process holds the lock.
func Holder() string { return store.Holder() }

func (b *Bench) publish(v game.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.view = v
	if b.forward != nil {
		b.forward(v)
	}
	close(b.changed)
	b.changed = make(chan struct{})
}

// Forward has f called with every View from now on.
func (b *Bench) Forward(f func(game.View)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forward = f
}

// Resumes returns what has been passed to scoring so far.
func (b *Bench) Resumes() []game.Resume {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.resumes)
}

// Until waits for a View for which ok returns true.
func (b *Bench) Until(t *testing.T, what string, ok func(game.View) bool) game.View {
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

// Leading reports whether the referee leads and a round has begun.
func Leading(v game.View) bool { return v.Instructor.Postgres.OK && v.Public.Round > 0 }

// Points returns a function that reports whether the public board shows n points for team 1.
func Points(n int) func(game.View) bool {
	return func(v game.View) bool { return v.Public.Teams[0].Points == n }
}

// Sweep returns a sweep that sees these members of team 1, each with a partition.
func Sweep(members ...string) game.Sweep {
	g := game.GroupFact{Team: 1, State: "Stable", Protocol: "classic"}
	for i, id := range members {
		g.Members = append(g.Members, game.MemberFact{ID: id, OnTopic: true, Partitions: []int32{int32(i)}})
	}
	return game.Sweep{At: time.Now(), Topic: game.TopicFact{ID: "aa", End: make([]int64, 5)}, Groups: []game.GroupFact{g}}
}
