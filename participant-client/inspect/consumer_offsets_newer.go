package inspect

import (
	"context"
	"time"

	"kafka-workshop/internal/group"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kbin"
)

// The library has no types for the records of KIP-848's groups. Their values are a version and the fields of Kafka's
// ConsumerGroupMemberMetadataValue.json and ConsumerGroupCurrentMemberAssignmentValue.json, of which these are the first.
const (
	memberMetadata   = 5
	memberAssignment = 8
)

// A subscription is what a member of a KIP-848 group reported about itself.
type subscription struct {
	ClientID string   `json:"client_id"`
	Host     host     `json:"host"`
	Topics   []string `json:"topics"`
}

// An assigned is what a member of a KIP-848 group owns.
type assigned struct {
	Epoch    int32            `json:"epoch"`
	Assigned group.Assignment `json:"assigned"`
}

// decodeNewer decodes the value of a record about a member of a KIP-848 group. Of other kinds only the key is shown.
func (out *OffsetsRecord) decodeNewer(kind int16, value []byte, topicName func([16]byte) string) error {
	if out.Tombstone || (kind != memberMetadata && kind != memberAssignment) {
		return nil
	}

	b := kbin.Reader{Src: value}
	b.Int16() // the version: later versions add fields after these
	if kind == memberMetadata {
		out.Subscription = readSubscription(&b)
	} else {
		out.Assignment = readAssignment(&b, topicName)
	}
	if !b.Ok() {
		return kbin.ErrNotEnoughData
	}
	return nil
}

func readSubscription(b *kbin.Reader) *subscription {
	b.CompactNullableString() // group.instance.id
	b.CompactNullableString() // rack
	s := &subscription{ClientID: b.CompactString(), Host: host(b.CompactString()), Topics: []string{}}
	for range b.CompactArrayLen() {
		if !b.Ok() {
			break
		}
		s.Topics = append(s.Topics, b.CompactString())
	}
	return s
}

func readAssignment(b *kbin.Reader, topicName func([16]byte) string) *assigned {
	a := &assigned{Epoch: b.Int32(), Assigned: group.Assignment{}}
	b.Int32() // the previous epoch
	b.Int8()  // the state
	for range b.CompactArrayLen() {
		if !b.Ok() {
			break
		}
		topic := topicName(b.Uuid())
		for range b.CompactArrayLen() {
			if !b.Ok() {
				break
			}
			a.Assigned[topic] = append(a.Assigned[topic], b.Int32())
		}
		for range b.Uvarint() { // tags
			if !b.Ok() {
				break
			}
			b.Uvarint()
			b.Span(int(b.Uvarint()))
		}
	}
	return a
}

// topicNames looks up the names of topics by ID.
type topicNames struct {
	ctx   context.Context
	admin *kadm.Client
	names map[[16]byte]string
	asked time.Time
}

// of returns the name of a topic, or its ID if it has none any more. It asks at most once a second.
func (n *topicNames) of(id [16]byte) string {
	if name, known := n.names[id]; known {
		return name
	}

	if time.Since(n.asked) >= checkTopicEvery {
		n.asked = time.Now()
		ctx, cancel := context.WithTimeout(n.ctx, checkTopicWithin)
		defer cancel()
		topics, err := n.admin.ListTopics(ctx)
		if err == nil {
			for _, t := range topics {
				n.names[t.ID] = t.Topic
			}
		}
	}
	if name, known := n.names[id]; known {
		return name
	}
	return kadm.TopicID(id).String()
}
