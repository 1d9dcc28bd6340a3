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

// createWithin is how long the brokers may take to make topics.
const createWithin = 10 * time.Second

// CreateTopics makes topics as workshop defines them, all in one request, and returns the names of those that it made,
// sorted. A topic that is there already, perhaps because somebody else was quicker, is used as it is. What was refused is one
// error for each reason, with the first name.
func CreateTopics(ctx context.Context, client *kgo.Client, topics ...workshop.Topic) (made []string, err error) {
	if len(topics) == 0 {
		return nil, nil
	}

	req := kmsg.NewPtrCreateTopicsRequest()
	req.TimeoutMillis = int32(createWithin.Milliseconds())
	for _, t := range topics {
		req.Topics = append(req.Topics, createTopic(t))
	}
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("make topic %s: %w", named(topics[0].Name, len(topics)), err)
	}

	refused := map[error][]string{}
	for _, t := range resp.Topics {
		switch err := kerr.ErrorForCode(t.ErrorCode); {
		case err == nil:
			made = append(made, t.Topic)
		case !errors.Is(err, kerr.TopicAlreadyExists):
			refused[err] = append(refused[err], t.Topic)
		}
	}
	for why, names := range refused {
		err = errors.Join(err, fmt.Errorf("make topic %s: %w", named(names[0], len(names)), why))
	}
	slices.Sort(made)
	return made, err
}

func createTopic(t workshop.Topic) kmsg.CreateTopicsRequestTopic {
	out := kmsg.NewCreateTopicsRequestTopic()
	out.Topic = t.Name
	out.NumPartitions = int32(t.Partitions)
	out.ReplicationFactor = -1 // the broker's default
	for name, value := range t.Configs {
		config := kmsg.NewCreateTopicsRequestTopicConfig()
		config.Name, config.Value = name, &value
		out.Configs = append(out.Configs, config)
	}
	return out
}

// named is the first name and how many more there are.
func named(first string, count int) string {
	if count == 1 {
		return first
	}
	return fmt.Sprintf("%s and %d more", first, count-1)
}
