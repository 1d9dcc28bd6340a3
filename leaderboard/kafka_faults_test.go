package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// member starts a client of team 1's group that commits what it polls.
func (w *work) member(t *testing.T) (leave func()) {
	t.Helper()
	c := w.Client(t, kgo.ConsumerGroup(w.Group(1)), kgo.ConsumeTopics(w.Topic()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.Balancers(kgo.RangeBalancer()),
		kgo.AutoCommitInterval(100*time.Millisecond), kgo.MetadataMaxAge(time.Second))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !c.PollFetches(t.Context()).IsClientClosed() {
			if t.Context().Err() != nil {
				return
			}
		}
	}()
	return func() { c.Close(); <-done }
}

func owned(team game.Team) (n int) {
	for _, m := range team.Members {
		n += len(m.Partitions)
	}
	return n
}

// For any change of topics and groups, the board shows the current state, and removes no badges.
func TestTopicsAndGroupsChangeUnderTheBoard(t *testing.T) {
	w := newWork(t, kafkatest.New(t))
	topic, group := w.Topic(), w.Group(1)
	adm := kadm.NewClient(w.client)
	p := start(t, w.Cluster, postgrestest.URL(t))
	p.ready(t, http.StatusOK)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.produce(t.Context(), 100))
	leave := w.member(t)
	before := p.until(t, "a member that is up to date", func(b game.Board) bool {
		one := b.Teams[0]
		return owned(one) == 5 && one.Lag != nil && *one.Lag == 0 && len(one.Badges) == 2
	})
	keeps := func(b game.Board) bool { // one.Badges grows and never shrinks
		for _, e := range before.Teams[0].Badges {
			if !slices.Contains(b.Teams[0].Badges, e) {
				return false
			}
		}
		return true
	}

	// Partitions are added.
	_, err := adm.UpdatePartitions(t.Context(), 6, topic)
	must(err)
	p.until(t, "six lanes with an owner", func(b game.Board) bool { return b.Partitions == 6 && owned(b.Teams[0]) == 6 && keeps(b) })
	must(w.produce(t.Context(), 20))
	w.right(t, p)

	// Offsets are reset, to the start and to the end: neither earns a badge.
	leave()
	p.until(t, "an empty group", func(b game.Board) bool { return b.Teams[0].State == "Empty" && len(b.Teams[0].Members) == 0 })
	for to, lag := range map[string]int64{"earliest": 120, "latest": 0} {
		if status := p.act(t, "teams/1/offsets", `{"to":"`+to+`"}`); status != http.StatusOK {
			t.Fatalf("offsets to %s: %d", to, status)
		}
		p.until(t, "the lag from "+to, func(b game.Board) bool { return b.Teams[0].Lag != nil && *b.Teams[0].Lag == lag && keeps(b) })
	}

	// The group is deleted.
	_, err = adm.DeleteGroups(t.Context(), group)
	must(err)
	p.until(t, "a group that is not there", func(b game.Board) bool {
		return b.Teams[0].State == "NotJoined" && b.Teams[0].Lag == nil && keeps(b)
	})

	// new_users is deleted and recreated with fewer partitions.
	had := w.counted(t)
	_, err = adm.DeleteTopics(t.Context(), topic)
	must(err)
	p.until(t, "the word that actions are not read", stale)
	w.CreateTopic(t, topic, 5, nil)
	w.client = w.Client(t)
	w.users, w.run = nil, "b"
	must(w.produce(t.Context(), 50))
	leave = w.member(t)
	p.until(t, "five lanes again, up to date", func(b game.Board) bool {
		one := b.Teams[0]
		return b.Partitions == 5 && owned(one) == 5 && one.Lag != nil && *one.Lag == 0 && fresh(b) && keeps(b)
	})
	wait.Until(t, "the word that the topic was made anew", func() bool {
		_, text := p.authorised(t, "/api/instructor/board")
		return strings.Contains(text, topic+" was deleted and created again: offsets start at 0")
	})
	p.until(t, "counts that went on", func(b game.Board) bool {
		return total(b.Teams[0].Actions) == total(had[0])+51 && b.Teams[0].Actions.Accepted > had[0].Accepted
	})
	leave()
}

func total(c game.Counts) int64 { return c.Accepted + c.Rejected + c.Duplicate + c.Unverifiable }
