package pipeline

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// No matter which process dies when, the published counts finally include every record once.
func TestCountsSurviveKills(t *testing.T) {
	for name, exactlyOnce := range map[string]bool{"at least once": false, "exactly once": true} {
		t.Run(name, func(t *testing.T) {
			const users, kills = 10_000, 20
			t.Parallel()
			k := newKilling(t, exactlyOnce, keepCounts)
			k.under(kills, users, 300*time.Millisecond)

			counts := &Counts{Source: k.cfg.Topic, Topic: k.cluster.Stats(1)}
			_, got, err := counts.read(t.Context(), k.cluster.Client(t))
			if err != nil {
				t.Fatal(err)
			}
			processed, flagged := int64(0), int64(0)
			for p, c := range got {
				if c.processed != c.next {
					t.Errorf("partition %d: %d records counted up to offset %d", p, c.processed, c.next)
				}
				processed += c.processed
				flagged += c.flagged
			}
			if processed != users || flagged != users/2 {
				t.Errorf("%d processed, %d flagged after %d kills; want %d and %d", processed, flagged, kills, users, users/2)
			}
			if k.read.Load() == users && !exactlyOnce {
				t.Error("nothing was read twice: the kills met no work, so this proved nothing")
			}
		})
	}
}

// keepCounts makes the members of a killing count by partition.
func keepCounts(k *killing) {
	k.cluster.CreateTopic(k.t, k.cluster.Stats(1), 1, map[string]*string{"cleanup.policy": kmsg.StringPtr("compact")})
	k.cfg.Handler = &Counts{Handler: k.cfg.Handler, Team: "team-1", Source: k.cfg.Topic, Topic: k.cluster.Stats(1)}
}

// The counts of a topic that was deleted are not used for the one that has its name now.
func TestCountsOfADeletedTopicAreNotContinued(t *testing.T) {
	c := kafkatest.New(t)
	topic, stats := string(c.Namespace)+"new_users", c.Stats(1)
	c.CreateTopic(t, topic, 1, nil)
	c.CreateTopic(t, stats, 1, nil)
	client := c.Client(t)
	publish := func(id string, next int64) {
		partition := int32(0)
		value, err := json.Marshal(workshop.Stats{Team: "team-1", Processed: next, Partition: &partition, NextOffset: &next})
		if err != nil {
			t.Fatal(err)
		}
		r := &kgo.Record{
			Topic: stats, Key: []byte(workshop.PartitionKey(0)), Value: value,
			Headers: []kgo.RecordHeader{{Key: workshop.HeaderTopicID, Value: []byte(id)}},
		}
		if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	topics, _, err := kafka.Metadata(t.Context(), client, topic)
	if err != nil {
		t.Fatal(err)
	}
	restored := func() int64 {
		found, err := (&Counts{Source: topic, Topic: stats}).Restore(context.Background(), client, 1, []int32{0})
		if err != nil {
			t.Fatal(err)
		}
		return found.Next[0]
	}

	publish("00000000000000000000000000000001", 70)
	if got := restored(); got != -1 {
		t.Errorf("continued at %d, want no counts", got)
	}
	publish(topics[topic].HexID(), 40)
	publish(topics[topic].HexID(), 30) // by a process that was paused
	if got := restored(); got != 40 {
		t.Errorf("continued at %d, want 40", got)
	}
}
