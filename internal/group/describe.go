package group

import (
	"context"
	"errors"
	"fmt"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ErrNotFound reports a group that does not exist.
var ErrNotFound = errors.New("does not exist")

// Find describes a consumer group that must exist, with its offsets. It returns ErrNotFound for one that nobody has
// joined yet, and a *TypeError for a share group.
func Find(ctx context.Context, client *kgo.Client, name string) (*Group, error) {
	g, err := DescribeWithOffsets(ctx, client, name)
	if err != nil {
		return nil, err
	}
	if g.State == NotJoined {
		return nil, fmt.Errorf("consumer group '%s' %w", name, ErrNotFound)
	}
	return g, g.CheckType(false)
}

// DescribeWithOffsets is like Describe, and fills Offsets for the partitions that the group has committed or assigned,
// and for those of the given topics. For a share group, which commits none, it fills Shares.
func DescribeWithOffsets(ctx context.Context, client *kgo.Client, name string, topics ...string) (*Group, error) {
	g, err := Describe(ctx, client, name)
	if err != nil {
		return nil, err
	}

	if err := g.readOffsets(ctx, client, topics); err != nil {
		return nil, fmt.Errorf("read the offsets of group %s: %w", name, err)
	}
	return g, nil
}

// Describe asks for a group by each protocol in turn, until one knows it. A group that none knows is NotJoined.
func Describe(ctx context.Context, client *kgo.Client, name string) (*Group, error) {
	g, err := describeConsumerGroup(ctx, client, name)
	if err == nil && g.State == NotJoined {
		g, err = findShare(ctx, client, name)
	}
	if err != nil {
		return nil, fmt.Errorf("describe consumer group '%s': %w", name, err)
	}
	return g, nil
}

func describeConsumerGroup(ctx context.Context, client *kgo.Client, name string) (*Group, error) {
	var a Answers
	consumer := kmsg.NewPtrConsumerGroupDescribeRequest()
	consumer.Groups = []string{name}
	described, err := consumer.RequestWith(ctx, client)
	switch {
	case err != nil && !kafka.Unsupported(err):
		return nil, err
	case err != nil:
		a.ConsumerErr = err
	case len(described.Groups) == 1:
		a.Consumer = &described.Groups[0]
	}
	if a.Consumer != nil && a.Consumer.ErrorCode == 0 {
		names, err := topicNames(ctx, client, a.Consumer)
		if err != nil {
			return nil, err
		}
		return a.Decode(name, names)
	}

	classic := kmsg.NewPtrDescribeGroupsRequest()
	classic.Groups = []string{name}
	resp, err := classic.RequestWith(ctx, client)
	if err != nil {
		return nil, err
	}
	if len(resp.Groups) == 1 {
		a.Classic = &resp.Groups[0]
	}
	return a.Decode(name, nil)
}

// topicNames looks up the topics that an answer names by ID only. A topic without a name is shown by its ID.
func topicNames(ctx context.Context, client *kgo.Client, g *kmsg.ConsumerGroupDescribeResponseGroup) (map[[16]byte]string, error) {
	names := map[[16]byte]string{}
	for _, m := range g.Members {
		for _, t := range m.Assignment.TopicPartitions {
			if t.Topic == "" {
				names[t.TopicID] = kadm.TopicID(t.TopicID).String()
			}
		}
	}
	if len(names) == 0 {
		return nil, nil
	}

	req := kmsg.NewPtrMetadataRequest()
	for id := range names {
		topic := kmsg.NewMetadataRequestTopic()
		topic.TopicID = id
		req.Topics = append(req.Topics, topic)
	}
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("names of its topics: %w", err)
	}
	for _, t := range resp.Topics {
		if t.Topic != nil && *t.Topic != "" {
			names[t.TopicID] = *t.Topic
		}
	}
	return names, nil
}
