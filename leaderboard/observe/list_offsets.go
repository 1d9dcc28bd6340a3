package observe

import (
	"context"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Timestamps that stand for the ends of a log in ListOffsets.
const (
	logEnd   = -1
	logStart = -2
)

// offsets holds one end of each partition's log.
type offsets struct {
	by  []int64 // by partition; -1 if unknown
	err error   // why one is unknown
}

// listOffsets asks the leaders of all partitions concurrently.
func (s *sweeper) listOffsets(ctx context.Context, timestamp int64) offsets {
	out := offsets{by: make([]int64, len(s.metadata.Leaders))}
	byLeader := map[int32][]int32{}
	for p, leader := range s.metadata.Leaders {
		out.by[p] = -1
		if leader < 0 {
			out.err = fmt.Errorf("partition %d of %s has no leader", p, s.topic)
			continue
		}
		byLeader[leader] = append(byLeader[leader], int32(p))
	}

	var mu sync.Mutex // guards out
	var wg sync.WaitGroup
	for leader, partitions := range byLeader {
		wg.Go(func() {
			listed, err := s.listOffsetsAt(ctx, leader, partitions, timestamp)
			mu.Lock()
			defer mu.Unlock()
			for p, offset := range listed {
				out.by[p] = offset
			}
			if err != nil {
				out.err = err
			}
		})
	}
	wg.Wait()
	return out
}

func (s *sweeper) listOffsetsAt(ctx context.Context, leader int32, partitions []int32, timestamp int64) (map[int32]int64, error) {
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic = s.topic
	for _, number := range partitions {
		p := kmsg.NewListOffsetsRequestTopicPartition()
		p.Partition = number
		p.CurrentLeaderEpoch = -1
		p.Timestamp = timestamp
		topic.Partitions = append(topic.Partitions, p)
	}
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID = -1
	req.Topics = append(req.Topics, topic)
	resp, err := request(ctx, s.client, leader, req)
	if err != nil {
		return nil, err
	}

	out := map[int32]int64{}
	for _, t := range resp.(*kmsg.ListOffsetsResponse).Topics {
		for _, p := range t.Partitions {
			if refusal := kerr.ErrorForCode(p.ErrorCode); refusal != nil {
				err = fmt.Errorf("list offsets of %s, partition %d: %w", s.topic, p.Partition, refusal)
			} else if p.Partition >= 0 && int(p.Partition) < len(s.metadata.Leaders) {
				out[p.Partition] = p.Offset
			}
		}
	}
	return out, err
}
