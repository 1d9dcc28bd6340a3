package replica

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// shown is a replica that stores the Views it shows.
type shown struct {
	*Replica
	mu   sync.Mutex // guards what follows
	last game.View
	all  map[string]bool // the messages of all
}

func run(t *testing.T, c *kafkatest.Cluster, now func() time.Time) *shown {
	t.Helper()
	s := &shown{all: map[string]bool{}}
	room := workshop.Room{Lesson: workshop.ScaleUp, Namespace: c.Namespace, Teams: 2}
	r, err := New(Config{Kafka: c.Config, Room: room, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: now, Show: func(v game.View) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.last = v
		s.all[v.Public.Message] = true
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.Replica = r

	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err == nil {
			t.Error("it ended without a cause")
		}
		r.Close()
	})
	return s
}

func (s *shown) until(t *testing.T, message string) game.View {
	t.Helper()
	wait.Until(t, message, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.last.Public.Message == message
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

func newCluster(t *testing.T) *kafkatest.Cluster {
	t.Helper()
	c := kafkatest.New(t)
	view := workshop.Room{Namespace: c.Namespace}.View()
	c.CreateTopic(t, view.Name, 1, nil)
	return c
}

func saying(term int64, message string) game.View {
	b := game.Board{Message: message, Teams: []game.Team{{Team: 1}, {Team: 2}}}
	truth := b
	truth.Message = "the truth: " + message
	return game.View{Public: b, Truth: truth, Term: term}
}

// A follower shows the holder's public View, nothing of the truth, and not its own View.
func TestAFollowerShowsTheHolder(t *testing.T) {
	c := newCluster(t)
	holder, follower := run(t, c, nil), run(t, c, nil)
	follower.Offer(saying(0, "standing by"))
	follower.until(t, "standing by")
	wait.Until(t, "the View", func() bool {
		holder.Offer(saying(1, "we begin"))
		return follower.Following()
	})
	if v := follower.until(t, "we begin"); v.Truth.Message != "we begin" || v.Term != 1 {
		t.Errorf("a follower knows %+v", v)
	}
	follower.Offer(saying(0, "standing by"))
	follower.until(t, "we begin")
	if holder.Following() {
		t.Error("the holder follows itself")
	}
}

// A holder that has lost the room without knowing it writes nothing, and its records in flight are ignored.
func TestAHolderThatLostTheRoomIsPassedOver(t *testing.T) {
	c := newCluster(t)
	old, next, follower := run(t, c, nil), run(t, c, nil), run(t, c, nil)
	wait.Until(t, "the first holder's View", func() bool { old.Offer(saying(1, "old")); return follower.Following() })
	wait.Until(t, "the next holder's View at the first holder", func() bool { next.Offer(saying(2, "new")); return old.Following() })
	follower.until(t, "new")

	old.Offer(saying(1, "I still hold it"))
	old.until(t, "new")
	if err := old.produce(t.Context(), newWritten(workshop.ScaleUp.Name).changes(saying(1, "late").Public, 1, time.Now(), true), 1); err != nil {
		t.Fatal(err)
	}
	next.Offer(saying(2, "after the late one"))
	follower.until(t, "after the late one")
	if follower.all["late"] {
		t.Error("it showed what was written under an earlier term")
	}
}

// An old View is not shown as current: a follower that receives nothing for five seconds shows its own View.
func TestAFollowerThatHearsNothingIsNotReady(t *testing.T) {
	c := newCluster(t)
	var mu sync.Mutex
	now := time.Now()
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	holder, follower := run(t, c, nil), run(t, c, clock)
	wait.Until(t, "the View", func() bool { holder.Offer(saying(1, "we begin")); return follower.Following() })
	mu.Lock()
	now = now.Add(FreshFor)
	mu.Unlock()
	if follower.Following() {
		t.Error("a View that is five seconds old is fresh")
	}
	follower.Offer(saying(0, "standing by"))
	follower.until(t, "standing by")
}

// Views written before a process began do not prove that a holder is alive.
func TestOldViewsAreNotShown(t *testing.T) {
	c := newCluster(t)
	holder := run(t, c, nil)
	wait.Until(t, "a View in the topic", func() bool { holder.Offer(saying(1, "yesterday")); return holder.readTerm() == 1 })

	follower := run(t, c, nil)
	wait.Until(t, "the end of the topic", func() bool { return follower.readTerm() == 1 })
	if follower.Following() {
		t.Error("it follows what was written before it began")
	}
}

func (r *Replica) readTerm() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.read
}

// When a team's lag changes, one small part is written, however long its history.
func TestAChangeWritesWhatChanged(t *testing.T) {
	team := game.Team{Team: 1}
	for n := range 1200 {
		at := workshop.At(time.Unix(int64(n), 0))
		team.History.Ended = append(team.History.Ended, game.Span{Round: 1, Partition: int32(n % 5), From: at, To: &at})
	}
	b := game.Board{Round: 1, Teams: []game.Team{team, {Team: 2}}}
	w := newWritten("l")
	keys := func(grown bool) (out []string) {
		for _, r := range w.changes(b, 1, time.Now(), grown) {
			out = append(out, r.key)
		}
		return out
	}
	for _, c := range []struct {
		change func()
		grown  bool
		want   string
	}{
		{func() {}, true, "[l/team-1 l/team-1/log l/team-1/ended/0 l/team-1/ended/1 l/team-1/ended/2 l/team-2 l/team-2/log l/board]"},
		{func() {}, true, "[l/board]"},
		{func() { lag := int64(7); b.Teams[0].Lag = &lag }, true, "[l/team-1 l/board]"},
		{func() { b.Teams[0].History.Ended = append(b.Teams[0].History.Ended, game.Span{Round: 1, Partition: 1}) }, false, "[l/team-1 l/board]"},
		{func() {}, true, "[l/team-1/ended/2 l/board]"},
	} {
		c.change()
		if got := fmt.Sprint(keys(c.grown)); got != c.want {
			t.Errorf("written %s, want %s", got, c.want)
		}
	}
}
