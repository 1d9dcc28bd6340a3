package main

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// counter starts a member of team 1's group that is an unknown program: it counts by partition, publishes its counts before
// each commit, and, if remembers is set, continues earlier counts.
func (w *work) counter(t *testing.T, remembers bool) (leave func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	counts := map[int32]workshop.Stats{}
	assigned := func(_ context.Context, c *kgo.Client, topics map[string][]int32) {
		clear(counts)
		if !remembers {
			return
		}
		err := kafka.ReadTopic(ctx, c, w.Stats(1), func(r kafka.Record) {
			var s workshop.Stats
			if json.Unmarshal(r.Value, &s) == nil && s.Partition != nil && slices.Contains(topics[w.Topic()], *s.Partition) {
				counts[*s.Partition] = s
			}
		})
		if err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}
	c := w.Client(t, kgo.ConsumerGroup(w.Group(1)), kgo.ConsumeTopics(w.Topic()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.Balancers(kgo.RangeBalancer()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(), kgo.OnPartitionsAssigned(assigned))

	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			fetches := c.PollRecords(ctx, 100)
			if fetches.NumRecords() > 0 {
				w.count(ctx, t, c, counts, fetches)
			}
			c.AllowRebalance()
		}
		c.CloseAllowingRebalance()
	}()
	return func() { cancel(); <-done }
}

func (w *work) count(ctx context.Context, t *testing.T, c *kgo.Client, counts map[int32]workshop.Stats, fetches kgo.Fetches) {
	var state []*kgo.Record
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		s := counts[p.Partition]
		for _, r := range p.Records {
			if s.NextOffset == nil || r.Offset >= *s.NextOffset {
				next := r.Offset + 1
				s = workshop.Stats{Team: "team-1", Processed: s.Processed + 1, Partition: &p.Partition, NextOffset: &next}
			}
		}
		counts[p.Partition] = s
		state = append(state, &kgo.Record{Topic: w.Stats(1), Key: []byte(workshop.PartitionKey(p.Partition)), Value: encoded(s)})
	})
	err := c.ProduceSync(ctx, state...).FirstErr()
	if err == nil {
		err = c.CommitUncommittedOffsets(ctx)
	}
	if err != nil && ctx.Err() == nil {
		t.Log("counter:", err) // a rebalance may reject a commit
	}
}

// Counts that continue when a partition changes its owner earn a badge; counts that start again do not.
func TestRemembers(t *testing.T) {
	for name, remembers := range map[string]bool{"a program that remembers": true, "a program that forgets": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWork(t, kafkatest.New(t))
			p := start(t, w.Cluster, postgrestest.URL(t))
			p.ready(t, http.StatusOK)
			defer w.keepOn(t)()

			leave := w.counter(t, remembers)
			p.until(t, "counts of the first member", func(b game.Board) bool {
				return owned(b.Teams[0]) == 5 && has(b.Teams[0], game.StatsPublished)
			})
			first := p.until(t, "commits", func(b game.Board) bool { return committedAll(b.Teams[0], 20) })
			leave()
			defer w.counter(t, remembers)()

			goal := int64(20)
			for _, c := range first.Teams[0].Committed {
				goal = max(goal, *c.Committed+40)
			}
			if remembers {
				p.until(t, "the badge", func(b game.Board) bool { return has(b.Teams[0], game.Remembers) })
				return
			}
			after := p.until(t, "commits of the second member", func(b game.Board) bool { return committedAll(b.Teams[0], goal) })
			if has(after.Teams[0], game.Remembers) {
				t.Error("remembers was given for counts that began again")
			}
		})
	}
}

func has(team game.Team, badge string) bool {
	return slices.ContainsFunc(team.Badges, func(b game.Earned) bool { return b.Badge == badge })
}

func committedAll(team game.Team, atLeast int64) bool {
	return len(team.Committed) == 5 && !slices.ContainsFunc(team.Committed, func(c game.Commit) bool { return c.Committed == nil || *c.Committed < atLeast })
}
