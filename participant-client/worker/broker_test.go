package worker

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"
)

// readLast reads the newest record of a topic of one partition.
func readLast(t *testing.T, c *crew, topic string) *kgo.Record {
	t.Helper()
	ends, err := c.Admin(t).ListEndOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	end, _ := ends.Lookup(topic, 0)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	reader := c.Client(t, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(end.Offset - 1)}}))
	records := reader.PollRecords(ctx, 1).Records()
	if len(records) == 0 {
		t.Fatalf("%s has no records", topic)
	}
	return records[0]
}

// joinAsConsumer joins the crew's group as a member of a consumer group, until the test ends.
func joinAsConsumer(t *testing.T, c *crew) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	member := c.Client(t, kgo.ConsumerGroup(c.cfg.Group), kgo.ConsumeTopics(c.cfg.Topic))
	c.add(t, jobs(1, 0)...)
	if member.PollRecords(ctx, 1).NumRecords() != 1 {
		t.Fatal("the consumer gets no record")
	}
}

// Workers wait for a broker that is away, and every job is finally accepted.
func TestBrokerAwayAndBack(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 2)
	if c.Real {
		lacks.Cluster(t, "a shared one is not the test's to stop")
	}
	c.add(t, jobs(30, 100*time.Millisecond)...)
	r := start(t, c.cfg, 2)
	r.heard.until(t, "some accepted", func(events []Event) bool { return count(events, Accepted) >= 5 })
	c.Stop(t)
	r.heard.until(t, "that it is away", func(events []Event) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Fault && strings.Contains(e.Text, "Waiting for it") })
	})
	c.Start(t)
	r.heard.until(t, "every job", func(events []Event) bool {
		accepted := map[string]bool{}
		for _, e := range events {
			if e.Kind == Accepted {
				accepted[e.Record.Name()] = true
			}
		}
		return len(accepted) == 30
	})
	if !slices.ContainsFunc(r.heard.of(Fault), func(e Event) bool { return e.Healed }) {
		t.Errorf("nothing says that it is back; heard:\n%s", r.heard)
	}
}

// Leaving takes seconds, even without a broker.
func TestLeavesWithoutABroker(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	if c.Real {
		lacks.Cluster(t, "a shared one is not the test's to stop")
	}
	c.add(t, jobs(4, time.Minute)...)
	r := start(t, c.cfg, 1)
	r.working(t, 1)
	c.Stop(t)
	r.stop()
	if err := r.wait(t); err != nil {
		t.Error(err)
	}
}

// A cluster without share groups is reported in one line that includes the remedy.
func TestNoShareGroups(t *testing.T) {
	t.Parallel()
	old, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "jobs"), kfake.MaxVersions(kversion.V3_9_0()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(old.Close)
	cluster := &kafkatest.Cluster{Config: kafka.Config{Brokers: old.ListenAddrs()}}
	r := start(t, Config{Kafka: cluster.Config, Group: "crew-1", Topic: "jobs", ClientID: "x", Lock: 15 * time.Second, OnPoison: Reject}, 1)
	if err := r.wait(t); err == nil || !strings.Contains(err.Error(), "has no share groups") || strings.Contains(err.Error(), "\n") {
		t.Errorf("says %v", err)
	}
}
