package kafka

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A TopicMetadata is the metadata of a topic.
type TopicMetadata struct {
	ID      [16]byte // another ID means that the topic was deleted and created again; zero if unknown
	Leaders []int32  // the broker that leads each partition; -1 for none
	Err     error    // why the rest is missing
}

// HexID returns the topic's ID in hexadecimal, or "" if it is unknown.
func (t TopicMetadata) HexID() string {
	if t.ID == [16]byte{} {
		return ""
	}
	return hex.EncodeToString(t.ID[:])
}

// Metadata reads the metadata of topics and the IDs of all brokers in one request. byName has an entry for each of the
// topics, which may be an error.
func Metadata(ctx context.Context, client *kgo.Client, topics ...string) (byName map[string]TopicMetadata, brokers []int32, err error) {
	req := kmsg.NewPtrMetadataRequest()
	for _, name := range topics {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = kmsg.StringPtr(name)
		req.Topics = append(req.Topics, topic)
	}

	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, nil, fmt.Errorf("read metadata of topic %s: %w", named(topics[0], len(topics)), err)
	}

	for _, b := range resp.Brokers {
		brokers = append(brokers, b.NodeID)
	}

	byName = map[string]TopicMetadata{}
	for _, name := range topics {
		byName[name] = TopicMetadata{Err: errNoAnswer}
	}

	for _, t := range resp.Topics {
		if t.Topic != nil {
			byName[*t.Topic] = TopicMetadata{ID: t.TopicID, Leaders: leaders(t.Partitions), Err: kerr.ErrorForCode(t.ErrorCode)}
		}
	}

	return byName, brokers, nil
}

var errNoAnswer = errors.New("no answer")

func leaders(partitions []kmsg.MetadataResponseTopicPartition) []int32 {
	out := make([]int32, len(partitions))
	for i := range out {
		out[i] = -1
	}

	for _, p := range partitions {
		if p.Partition >= 0 && int(p.Partition) < len(out) {
			out[p.Partition] = p.Leader
		}
	}

	return out
}
