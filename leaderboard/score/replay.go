package score

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
)

// hold keeps back the actions that are new while others are read again. A new one must not be judged
// before an old one about the same customer that lies in another partition, or it would count as the
// first.
func (n *session) hold(fetches kgo.Fetches) kgo.Fetches {
	var again []kgo.FetchTopic
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		src := n.sources[spot{p.Topic, p.Partition}]
		if src == nil || src.kind != actionsTopic {
			again = append(again, part(p, p.Records))
			return
		}
		first := slices.IndexFunc(p.Records, func(r *kgo.Record) bool { return r.Offset >= src.upto })
		if first < 0 {
			again = append(again, part(p, p.Records))
			return
		}
		again = append(again, part(p, p.Records[:first]))
		n.held = append(n.held, kgo.Fetch{Topics: []kgo.FetchTopic{part(p, p.Records[first:])}})
		n.work.PauseFetchPartitions(map[string][]int32{p.Topic: {p.Partition}})
	})
	return kgo.Fetches{{Topics: again}}
}

// release gives what was held and lets its partitions be read on.
func (n *session) release() kgo.Fetches {
	held := n.held
	n.held = nil
	held.EachPartition(func(p kgo.FetchTopicPartition) {
		n.work.ResumeFetchPartitions(map[string][]int32{p.Topic: {p.Partition}})
	})
	return held
}

// part is a fetch of one partition with these records.
func part(p kgo.FetchTopicPartition, records []*kgo.Record) kgo.FetchTopic {
	p.Records = records
	return kgo.FetchTopic{Topic: p.Topic, Partitions: []kgo.FetchPartition{p.FetchPartition}}
}

// take hands on each record once and moves its source behind it.
func (n *session) take(fetches kgo.Fetches, f func(*kgo.Record, *source)) {
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		src := n.sources[spot{p.Topic, p.Partition}]
		if src == nil {
			return
		}
		src.end = max(src.end, p.HighWatermark)
		for _, r := range p.Records {
			if r.Offset < src.next {
				continue
			}
			if !r.Attrs.IsControl() {
				f(r, src)
			}
			src.next = r.Offset + 1
			n.dirty = true
		}
	})
}

// settle finds out whether everything that was counted before has been read again. Stats are left
// out: compaction may have taken their last records.
func (n *session) settle() {
	n.held.EachPartition(func(p kgo.FetchTopicPartition) {
		src := n.sources[spot{p.Topic, p.Partition}]
		src.next = max(src.next, src.upto) // what lies between were control records
	})
	for _, src := range n.sources {
		if src.kind != statsTopic && !src.away && src.next < src.upto {
			return
		}
	}
	n.settled = true
}
