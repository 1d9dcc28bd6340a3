package observe

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// newQueue creates a room of the lesson on share groups, with its topic and the groups' settings.
func newQueue(t *testing.T) *room {
	t.Helper()
	r := &room{Cluster: kafkatest.New(t)}
	about := workshop.Room{Lesson: workshop.Queues, Namespace: r.Namespace, Teams: 2}
	r.Room = about
	r.topic = about.Topic()
	r.CreateTopic(t, r.topic, 2, nil)
	o, err := New(Config{Kafka: r.Config, Room: about})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	if err := o.EnsureGroups(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.observer, r.sweeper = o, newSweeper(o)
	return r
}

// work starts a worker of a team's share group that accepts two records at a time, until it is closed.
func (r *room) work(t *testing.T, team int) (leave func()) {
	t.Helper()
	client := r.Client(t, kgo.ShareGroup(r.Group(team)), kgo.ConsumeTopics(r.topic), kgo.ShareMaxRecords(2), kgo.ShareMaxRecordsStrict(), kgo.ClientID("worker"))
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil {
			client.PollFetches(ctx) // polling accepts the records of the last poll
		}
	})
	leave = sync.OnceFunc(func() {
		cancel()
		done.Wait()
		client.Close()
	})
	t.Cleanup(leave)
	return leave
}

func TestASweepOfShareGroups(t *testing.T) {
	r := newQueue(t)
	producer := r.Client(t, kgo.RecordPartitioner(kgo.UniformBytesPartitioner(1, false, true, nil)))
	for i := range 60 {
		if err := producer.ProduceSync(t.Context(), &kgo.Record{Topic: r.topic, Value: fmt.Append(nil, i)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	r.until(t, "groups that nobody has joined", func(s game.Sweep) bool {
		return s.Err == "" && len(s.Groups) == 2 && s.Groups[0].State == "NotJoined" && s.Groups[0].Err == "" && s.Groups[0].Beside.State == "NotJoined"
	})

	for range 3 {
		r.work(t, 1)
	}
	r.until(t, "three workers without partitions, and an empty queue", func(s game.Sweep) bool {
		g := s.Groups[0]
		left := int64(0)
		for _, n := range g.Backlog {
			left += n
		}
		for _, m := range g.Members {
			if len(m.Partitions) > 0 || !m.OnTopic || m.ClientID != "worker" {
				t.Fatalf("a member of a share group: %+v", m)
			}
		}
		return g.Protocol == "share" && g.State == "Stable" && len(g.Members) == 3 && g.CommitErr == "" && len(g.Backlog) == 2 && left == 0 &&
			s.Groups[1].State == "NotJoined"
	})

	leave := r.join(t, 1, kgo.ConsumerGroup(r.Beside(1)))
	r.until(t, "the consumer group beside", func(s game.Sweep) bool {
		b := s.Groups[0].Beside
		return b.State == "Stable" && len(b.Members) == 1 && len(b.Members[0].Partitions) == 2 && len(s.Groups[0].Members) == 3
	})
	leave()
}

// A consumer group with the name of a team's share group is recognised as one.
func TestAConsumerGroupWithTheNameOfAShareGroup(t *testing.T) {
	r := newQueue(t)
	r.join(t, 1)
	r.until(t, "a group of another kind", func(s game.Sweep) bool {
		r.sweeper.listedAt = r.sweeper.listedAt.Add(-listEvery)
		return s.Err == "" && s.Groups[0].OtherKind && !s.Groups[1].OtherKind
	})
}

func TestSettingsOfShareGroups(t *testing.T) {
	r := newQueue(t)
	groups := []string{r.Group(1), r.Group(2), r.Group(3)}
	wait.Until(t, "the settings of two groups", func() bool { // brokers learn of them from the controller
		outdated, err := kafka.OutdatedGroups(t.Context(), r.observer.client, groups, workshop.ShareConfigs())
		return err == nil && len(outdated) == 1 && outdated[0] == r.Group(3)
	})
}
