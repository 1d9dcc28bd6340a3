package inspect

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A Topic is Kafka's description of a topic.
type Topic struct {
	Name        string            `json:"topic"`
	ID          string            `json:"topic_id"`
	Replication int               `json:"replication_factor"`
	Settings    map[string]string `json:"settings"` // those that differ from Kafka's defaults; null if the user may not see them
	Partitions  []TopicPartition  `json:"partitions"`
}

// A TopicPartition is one partition of a topic.
type TopicPartition struct {
	Partition int32   `json:"partition"`
	Leader    number  `json:"leader"` // a broker
	Replicas  []int32 `json:"replicas"`
	ISR       []int32 `json:"isr"`
	Start     number  `json:"start"` // the first offset that exists
	End       number  `json:"end"`   // the next one to be written
}

// FindTopic describes a topic.
func FindTopic(ctx context.Context, client *kgo.Client, name string) (Topic, error) {
	admin := kadm.NewClient(client)
	topics, err := admin.ListTopicsWithInternal(ctx, name)
	if err != nil {
		return Topic{}, fmt.Errorf("describe topic %s: %s", name, fault.Explain(err, ""))
	}

	t, ok := topics[name]
	switch {
	case !ok, errors.Is(t.Err, kerr.UnknownTopicOrPartition):
		return Topic{}, fmt.Errorf("topic %s does not exist: check --topic, --lesson and --namespace, or ask the instructor to create it", name)
	case t.Err != nil:
		return Topic{}, fmt.Errorf("describe topic %s: %s", name, fault.Explain(t.Err, ""))
	}

	out := Topic{
		Name: name, ID: base64.RawURLEncoding.EncodeToString(t.ID[:]), Replication: t.Partitions.NumReplicas(),
		Settings: topicSettings(ctx, admin, name), Partitions: []TopicPartition{},
	}
	starts, _ := admin.ListStartOffsets(ctx, name) // a partition without an answer has none
	ends, _ := admin.ListEndOffsets(ctx, name)
	for _, p := range t.Partitions.Sorted() {
		out.Partitions = append(out.Partitions, TopicPartition{
			Partition: p.Partition, Leader: number(p.Leader), Replicas: p.Replicas, ISR: p.ISR,
			Start: offsetIn(starts, name, p.Partition), End: offsetIn(ends, name, p.Partition),
		})
	}
	return out, nil
}

func offsetIn(listed kadm.ListedOffsets, topic string, partition int32) number {
	o, found := listed.Lookup(topic, partition)
	if !found || o.Err != nil {
		return -1
	}
	return number(o.Offset)
}

// topicSettings returns the settings that differ from Kafka's defaults, for this topic or for all topics of the
// brokers, as kafka-topics --describe lists them; nil if the user may not see them.
func topicSettings(ctx context.Context, admin *kadm.Client, name string) map[string]string {
	described, err := admin.DescribeTopicConfigs(ctx, name)
	if err != nil || len(described) != 1 || described[0].Err != nil {
		return nil
	}

	out := map[string]string{}
	for _, c := range described[0].Configs {
		if c.Source != kmsg.ConfigSourceDefaultConfig {
			out[c.Key] = c.MaybeValue()
		}
	}
	return out
}

// WriteJSON writes the topic as one line of JSON.
func (t Topic) WriteJSON(stdout io.Writer) error { return writeJSON(stdout, t) }

// WritePlain writes the topic as kafka-topics --describe does, with each partition's offsets.
func (t Topic) WritePlain(stdout io.Writer) error {
	settings := "unknown: your user may not see them"
	if t.Settings != nil {
		settings = joinSettings(t.Settings)
	}

	var b strings.Builder
	fmt.Fprintf(&b, "Topic: %s\tTopicId: %s\tPartitionCount: %d\tReplicationFactor: %d\tConfigs: %s\n",
		t.Name, t.ID, len(t.Partitions), t.Replication, settings)
	for _, p := range t.Partitions {
		leader := p.Leader.String()
		if p.Leader < 0 {
			leader = "none"
		}
		fmt.Fprintf(&b, "\tTopic: %s\tPartition: %d\tLeader: %s\tReplicas: %s\tIsr: %s\tStart: %s\tEnd: %s\n",
			t.Name, p.Partition, leader, list(p.Replicas), list(p.ISR), p.Start, p.End)
	}
	_, err := io.WriteString(stdout, b.String())
	return err
}

func joinSettings(settings map[string]string) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		out = append(out, name+"="+settings[name])
	}
	return strings.Join(out, ",")
}

func list(ids []int32) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = strconv.Itoa(int(id))
	}
	return strings.Join(out, ",")
}
