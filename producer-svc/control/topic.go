package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ensureTopic creates a topic if it is missing and returns its number of partitions. An existing topic
// is used unchanged.
func ensureTopic(ctx context.Context, client *kgo.Client, t workshop.Topic) (partitions int, created bool, err error) {
	if partitions, err = countPartitions(ctx, client, t.Name); partitions > 0 || err != nil {
		return partitions, false, err
	}

	topics, err := kafka.CreateTopics(ctx, client, t)
	if err != nil {
		return 0, false, err
	}
	if len(topics) == 0 { // another client has just created it
		partitions, err = countPartitions(ctx, client, t.Name)
		return partitions, false, err
	}
	return t.Partitions, true, waitForLeaders(ctx, client, t.Name, t.Partitions)
}

// waitForLeaders waits until every partition of a new topic has a leader that accepts records.
func waitForLeaders(ctx context.Context, client *kgo.Client, name string, partitions int) error {
	backoff := kafka.Backoff(20*time.Millisecond, 500*time.Millisecond)
	for tries := 1; ; tries++ {
		topic, err := topicMetadata(ctx, client, name)
		led := 0
		if err == nil {
			for _, p := range topic.Partitions {
				if p.ErrorCode == 0 && p.Leader >= 0 {
					led++
				}
			}
		}
		if led >= partitions {
			return nil
		}

		if !kafka.Sleep(ctx, backoff(tries)) {
			return fmt.Errorf("wait for leaders of topic %s: %d of %d partitions have one: %w", name, led, partitions, errors.Join(err, ctx.Err()))
		}
	}
}

// countPartitions returns the number of partitions of a topic, 0 if it does not exist.
func countPartitions(ctx context.Context, client *kgo.Client, name string) (int, error) {
	topic, err := topicMetadata(ctx, client, name)
	if errors.Is(err, kerr.UnknownTopicOrPartition) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("describe topic %s: %w", name, err)
	}

	return len(topic.Partitions), nil
}

// topicMetadata requests a topic's metadata from the cluster: the client's cache may be up to 250 ms old.
func topicMetadata(ctx context.Context, client *kgo.Client, name string) (kmsg.MetadataResponseTopic, error) {
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = &name
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = append(req.Topics, topic)

	resp, err := req.RequestWith(ctx, client)
	if err == nil && len(resp.Topics) != 1 {
		err = fmt.Errorf("metadata response has %d topics, want 1", len(resp.Topics))
	}
	if err != nil {
		return kmsg.MetadataResponseTopic{}, err
	}
	return resp.Topics[0], kerr.ErrorForCode(resp.Topics[0].ErrorCode)
}
