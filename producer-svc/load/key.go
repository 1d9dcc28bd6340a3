package load

import (
	"strconv"
	"sync/atomic"

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

// A Spread is the partitioner of an Emitter. It distributes records without a key round-robin, so that the partitions
// fill evenly within seconds at any rate; the sticky default would fill one for 64 KiB first. If many records are due
// at once, each partition gets its share in one run, which costs less than changing the partition for each record. Keys
// are hashed as by Kafka's Java client.
type Spread struct {
	due atomic.Int64 // records of the Emitter's step
}

// ForTopic implements kgo.Partitioner.
func (s *Spread) ForTopic(topic string) kgo.TopicPartitioner {
	return &roundRobin{spread: s, keyed: kgo.StickyKeyPartitioner(nil).ForTopic(topic)}
}

type roundRobin struct {
	spread *Spread
	keyed  kgo.TopicPartitioner
	now    int
	left   int // records for this partition, before it is the next one's turn
}

func (*roundRobin) RequiresConsistency(r *kgo.Record) bool { return r.Key != nil }

func (p *roundRobin) Partition(r *kgo.Record, n int) int {
	if r.Key != nil {
		return p.keyed.Partition(r, n)
	}

	if p.left == 0 || p.now >= n {
		p.now = (p.now + 1) % n
		p.left = max(1, int(p.spread.due.Load())/n)
	}
	p.left--
	return p.now
}
