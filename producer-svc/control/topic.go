// Package control is what producer-svc keeps on the cluster: the lesson's topic, the load that was
// set, and the lease that lets one instance alone produce. Its Desk joins them with what load
// decides, and is what the panel shows and turns. Pages are left to the panel.
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

// ensureTopic makes a topic where it is missing. One that is there is used as it is.
func ensureTopic(ctx context.Context, client *kgo.Client, t workshop.Topic) (have int, made bool, err error) {
	if have, err = partitionsOf(ctx, client, t.Name); have > 0 || err != nil {
		return have, false, err
	}

	created, err := kafka.CreateTopics(ctx, client, t)
	if err != nil {
		return 0, false, err
	}
	if len(created) == 0 { // somebody else was quicker
		have, err = partitionsOf(ctx, client, t.Name)
		return have, false, err
	}
	return t.Partitions, true, led(ctx, client, t.Name, t.Partitions)
}

// led waits until every partition of a topic that was just made has a leader to take records.
func led(ctx context.Context, client *kgo.Client, name string, partitions int) error {
	backoff := kafka.Backoff(20*time.Millisecond, 500*time.Millisecond)
	for tries := 1; ; tries++ {
		found, err := metadataOf(ctx, client, name)
		count := 0
		if err == nil {
			for _, p := range found.Partitions {
				if p.ErrorCode == 0 && p.Leader >= 0 {
					count++
				}
			}
		}
		if count >= partitions {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for leaders of topic %s: %d of %d partitions have one: %w", name, count, partitions, errors.Join(err, ctx.Err()))
		case <-time.After(backoff(tries)):
		}
	}
}

// partitionsOf is how many partitions a topic has; 0 when there is no such topic.
func partitionsOf(ctx context.Context, client *kgo.Client, name string) (int, error) {
	found, err := metadataOf(ctx, client, name)
	if errors.Is(err, kerr.UnknownTopicOrPartition) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at topic %s: %w", name, err)
	}
	return len(found.Partitions), nil
}

// metadataOf asks the cluster itself for a topic: the client's cache may be a quarter of a second behind.
func metadataOf(ctx context.Context, client *kgo.Client, name string) (kmsg.MetadataResponseTopic, error) {
	req := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = &name
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(ctx, client)
	if err == nil && len(resp.Topics) != 1 {
		err = fmt.Errorf("%d topics in the answer", len(resp.Topics))
	}
	if err != nil {
		return kmsg.MetadataResponseTopic{}, err
	}
	return resp.Topics[0], kerr.ErrorForCode(resp.Topics[0].ErrorCode)
}
