package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// createTimeout is how long the brokers may take to create the topics of one request.
	createTimeout = 10 * time.Second
	// createBatch is how many topics one request creates. A KRaft controller rejects a request that makes more than
	// 10,000 records, and a team's topic makes up to nine: itself, its partitions and its settings.
	createBatch = 200
)

// CreateTopics creates topics, a batch in a request, and returns the names of the created ones, sorted. Topics that exist
// already are left as they are. The error has one part for each reason and batch, with the first topic's name.
func CreateTopics(ctx context.Context, client *kgo.Client, topics ...workshop.Topic) (created []string, err error) {
	for batch := range slices.Chunk(topics, createBatch) {
		names, failed := createTopics(ctx, client, batch)
		created = append(created, names...)
		err = errors.Join(err, failed)
		if ctx.Err() != nil {
			break
		}
	}

	slices.Sort(created)
	return created, err
}

// createTopics creates one batch.
func createTopics(ctx context.Context, client *kgo.Client, topics []workshop.Topic) (created []string, err error) {
	req := kmsg.NewPtrCreateTopicsRequest()
	req.TimeoutMillis = int32(createTimeout.Milliseconds())
	for _, t := range topics {
		req.Topics = append(req.Topics, createTopic(t))
	}

	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("create topic %s: %w", named(topics[0].Name, len(topics)), err)
	}

	rejected := map[error][]string{}
	for _, t := range resp.Topics {
		switch err := kerr.ErrorForCode(t.ErrorCode); {
		case err == nil:
			created = append(created, t.Topic)
		case !errors.Is(err, kerr.TopicAlreadyExists):
			rejected[err] = append(rejected[err], t.Topic)
		}
	}

	for reason, names := range rejected {
		err = errors.Join(err, fmt.Errorf("create topic %s: %w", named(names[0], len(names)), reason))
	}

	return created, err
}

func createTopic(t workshop.Topic) kmsg.CreateTopicsRequestTopic {
	out := kmsg.NewCreateTopicsRequestTopic()
	out.Topic = t.Name
	out.NumPartitions = int32(t.Partitions)
	out.ReplicationFactor = -1 // the broker's default
	for name, value := range t.Configs {
		config := kmsg.NewCreateTopicsRequestTopicConfig()
		config.Name = name
		config.Value = &value
		out.Configs = append(out.Configs, config)
	}

	return out
}

// named returns the first name and the number of the others.
func named(first string, count int) string {
	if count == 1 {
		return first
	}
	return fmt.Sprintf("%s and %d more", first, count-1)
}
