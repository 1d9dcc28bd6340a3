package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// work is a room's records: users on new_users, and two teams' actions about them.
type work struct {
	*kafkatest.Cluster
	client *kgo.Client
	users  []workshop.User
	run    string // makes emails differ between recreated topics
}

func newWork(t *testing.T, c *kafkatest.Cluster) *work {
	t.Helper()
	w := &work{Cluster: c, run: "a"}
	c.CreateTopic(t, c.Topic(), workshop.ScaleUp.Partitions, nil)
	for team := 1; team <= 2; team++ {
		c.CreateTopic(t, c.Actions(team), 3, nil)
		c.CreateTopic(t, c.Stats(team), 1, nil)
	}
	w.client = c.Client(t)
	return w
}

// produce sends n users and, once they are acknowledged, as many actions of each team: right ones, wrong ones, some twice,
// and one about an unknown user.
func (w *work) produce(ctx context.Context, n int) error {
	var users, actions []*kgo.Record
	for range n {
		i := len(w.users)
		u := workshop.User{Email: fmt.Sprintf("%s-%d@%s.com", w.run, i, []string{"hotmail", "example"}[i%2]), CreditCardNumber: []string{"37", "42"}[i/2%2] + "0000"}
		w.users = append(w.users, u)
		users = append(users, &kgo.Record{Topic: w.Topic(), Value: encoded(u), Key: []byte(u.Email)})
	}
	if err := w.client.ProduceSync(ctx, users...).FirstErr(); err != nil {
		return err
	}
	for team := 1; team <= 2; team++ {
		c := workshop.CriterionOf(team)
		act := func(a workshop.Action) {
			actions = append(actions, &kgo.Record{Topic: w.Actions(team), Key: []byte(a.Customer), Value: encoded(a)})
		}
		for range n {
			a := workshop.Action{Customer: w.users[rand.IntN(len(w.users))].Email, Type: c.Type, Reason: c.Reason, Team: workshop.TeamID(team)}
			if rand.IntN(10) == 0 {
				a.Reason = "WRONG"
			}
			act(a)
		}
		act(workshop.Action{Customer: "nobody-" + strconv.Itoa(len(w.users)), Type: c.Type, Reason: c.Reason, Team: workshop.TeamID(team)})
	}
	return w.client.ProduceSync(ctx, actions...).FirstErr()
}

func encoded(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // no field of the given values can fail
	}
	return out
}

// keepOn produces until stop is called.
func (w *work) keepOn(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				done <- nil
				return
			case <-tick.C:
				if err := w.produce(context.WithoutCancel(ctx), 10); err != nil {
					done <- err
					return
				}
			}
		}
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// counted returns an oracle's counts of everything in the topics: it reads them directly, and judges by the rules in their
// simplest form.
func (w *work) counted(t *testing.T) []game.Counts {
	t.Helper()
	known := map[string]workshop.User{}
	for _, r := range w.all(t, w.Topic()) {
		var u workshop.User
		if err := json.Unmarshal(r.Value, &u); err != nil {
			t.Fatal(err)
		}
		known[u.Email] = u
	}
	out := make([]game.Counts, 2)
	for team := 1; team <= 2; team++ {
		c, n, judged := workshop.CriterionOf(team), &out[team-1], map[string]bool{}
		for _, r := range w.all(t, w.Actions(team)) {
			var a workshop.Action
			if err := json.Unmarshal(r.Value, &a); err != nil {
				t.Fatal(err)
			}
			u, is := known[a.Customer]
			switch {
			case a.Reason != c.Reason, !is:
				n.Rejected++
			case judged[a.Customer]:
				n.Duplicate++
			case c.Match(&u):
				n.Accepted++
			default:
				n.Rejected++
			}
			if is && a.Reason == c.Reason {
				judged[a.Customer] = true
			}
		}
	}
	return out
}

// all reads a topic from its start to its current end.
func (w *work) all(t *testing.T, topic string) []*kgo.Record {
	t.Helper()
	ends, err := kadm.NewClient(w.client).ListEndOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	ends.Each(func(o kadm.ListedOffset) { want += int(o.Offset) })
	reader := w.Client(t, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer reader.Close()
	var out []*kgo.Record
	for len(out) < want {
		fetches := reader.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		out = append(out, fetches.Records()...)
	}
	return out
}

// right waits until the board shows what the oracle counts.
func (w *work) right(t *testing.T, p *program) {
	t.Helper()
	want := w.counted(t)
	last := game.Board{}
	defer func() {
		if t.Failed() {
			t.Logf("want %+v", want)
			for _, team := range last.Teams {
				t.Logf("have %+v", team.Actions)
			}
		}
	}()
	p.until(t, "the oracle's counts", func(b game.Board) bool {
		last = b
		return b.Teams[0].Actions == want[0] && b.Teams[1].Actions == want[1]
	})
}
