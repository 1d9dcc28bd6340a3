package load

import (
	"strconv"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// appendKey appends the record's key for the load's key mode, and reports whether there is one. An empty
// key is not the same as none: it would send every record to one partition.
func appendKey(dst []byte, l *workshop.Load, user []byte, random *rng) ([]byte, bool) {
	switch l.Keys {
	case workshop.KeysUser:
		return append(dst, user...), true
	case workshop.KeysFixed:
		return strconv.AppendInt(dst, int64(random.IntN(l.FixedKeys)), 10), true
	case workshop.KeysHot:
		if random.Float64() < l.HotShare {
			return append(dst, "hot"...), true
		}
	}
	return dst, false
}

// Partitioner distributes records without a key round-robin, so that the partitions fill evenly within
// seconds at any rate; the sticky default would fill one for 64 KiB first. Keys are hashed as by Kafka's
// Java client.
func Partitioner() kgo.Partitioner { return roundRobin{} }

type roundRobin struct{}

func (roundRobin) ForTopic(topic string) kgo.TopicPartitioner {
	return &topicRoundRobin{keyed: kgo.StickyKeyPartitioner(nil).ForTopic(topic)}
}

type topicRoundRobin struct {
	keyed kgo.TopicPartitioner
	next  int
}

func (*topicRoundRobin) RequiresConsistency(r *kgo.Record) bool { return r.Key != nil }

func (p *topicRoundRobin) Partition(r *kgo.Record, n int) int {
	if r.Key != nil {
		return p.keyed.Partition(r, n)
	}

	p.next = (p.next + 1) % n
	return p.next
}
