package main

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// joinGroup starts a member that stays until the test ends, or leave is called.
func (w *work) joinGroup(t *testing.T, group, topic string, balancer kgo.GroupBalancer) (leave func()) {
	t.Helper()
	c := w.Client(t, kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.Balancers(balancer), kgo.HeartbeatInterval(200*time.Millisecond))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !c.PollFetches(t.Context()).IsClientClosed() && t.Context().Err() == nil {
		}
	}()
	return func() { c.Close(); <-done }
}

// instructor returns what the instructor's API adds to the board.
func (p *program) instructor(t *testing.T) (help map[string]game.Help, strangers []game.Stranger) {
	t.Helper()
	_, text := p.authorised(t, "/api/instructor/board")
	var in struct {
		Instructor game.Instructor `json:"instructor"`
	}
	if json.Unmarshal([]byte(text), &in) != nil {
		return nil, nil // it has no answer now
	}
	help = map[string]game.Help{}
	for _, h := range in.Instructor.Help {
		help[h.Kind] = h
	}
	return help, in.Instructor.Strangers
}

// The instructor's notices about real members: two assignors one after another, a member that subscribes elsewhere, groups
// that belong to no team, wrong actions.
func TestTheInstructorIsToldWhoNeedsHelp(t *testing.T) {
	w := newWork(t, kafkatest.New(t))
	topic, group := w.Topic(), func(team int) string { return w.Group(team) }
	other := w.Namespace.Name("lunch")
	w.CreateTopic(t, other, 1, nil)
	p := start(t, w.Cluster, postgrestest.URL(t))
	p.ready(t, http.StatusOK)

	leave := w.joinGroup(t, group(1), topic, kgo.RangeBalancer())
	leaveToo := w.joinGroup(t, group(1), topic, kgo.RangeBalancer())
	p.until(t, "two members with range", func(b game.Board) bool { return owned(b.Teams[0]) == 5 && len(b.Teams[0].Members) == 2 })
	leave()
	leaveToo()
	p.until(t, "nobody", func(b game.Board) bool { return len(b.Teams[0].Members) == 0 })
	defer w.joinGroup(t, group(1), topic, kgo.RoundRobinBalancer())()
	defer w.joinGroup(t, group(2), other, kgo.RangeBalancer())()
	defer w.joinGroup(t, w.Namespace.Name("tema-1"), topic, kgo.RangeBalancer())()
	defer w.joinGroup(t, group(42), topic, kgo.RangeBalancer())()
	if err := w.produce(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		wrong := workshop.Action{Customer: w.users[0].Email, Type: "?", Reason: "?", Team: "team-2"}
		w.client.Produce(t.Context(), &kgo.Record{Topic: w.Actions(2), Value: encoded(wrong)}, nil)
	}
	wait.Until(t, "all that the instructor is to know", func() bool {
		help, strangers := p.instructor(t)
		a, b, c := help["assignors"], help["topic"], help["rejected"]
		return a.Team == 1 && a.Advice == "All members of a group need the same assignor: start yours with --assignor roundrobin." &&
			b.Team == 2 && b.Text == "A is not subscribed to the lesson's topic" &&
			c.Team == 2 && c.Advice != "" && len(strangers) == 2 &&
			strangers[0].Group == group(42) && strangers[1].Group == w.Namespace.Name("tema-1") && strangers[1].Members == 1
	})
}
