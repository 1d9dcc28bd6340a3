package load

import (
	"strconv"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// appendKey appends the record's key under the load, and reports whether it has one: an empty key
// is a key, and would pin every record to one partition.
func appendKey(dst []byte, l *workshop.Load, user []byte, rng *dice) ([]byte, bool) {
	switch l.Keys {
	case KeysUser:
		return append(dst, user...), true
	case KeysFixed:
		return strconv.AppendInt(dst, int64(rng.IntN(l.FixedKeys)), 10), true
	case KeysHot:
		if rng.Float64() < l.HotShare {
			return append(dst, "hot"...), true
		}
	}
	return dst, false
}

// Partitioner spreads records without a key one by one over the partitions, so that each has its
// share within seconds at any rate. A key goes where Kafka's own clients would send it.
func Partitioner() kgo.Partitioner { return spread{} }

type spread struct{}

func (spread) ForTopic(topic string) kgo.TopicPartitioner {
	return &topicSpread{keyed: kgo.StickyKeyPartitioner(nil).ForTopic(topic)}
}

type topicSpread struct {
	keyed kgo.TopicPartitioner
	next  int
}

func (*topicSpread) RequiresConsistency(r *kgo.Record) bool { return r.Key != nil }

func (s *topicSpread) Partition(r *kgo.Record, n int) int {
	if r.Key != nil {
		return s.keyed.Partition(r, n)
	}
	s.next = (s.next + 1) % n
	return s.next
}
