package observe

import (
	"context"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A layout is what metadata said of the lesson's topic.
type layout struct {
	at      time.Time
	dirty   bool // ask again: something did not fit
	err     error
	topicID [16]byte
	leaders []int32 // by partition; -1 for none
	nodes   []int32 // every broker
}

func (l layout) id() string {
	if l.topicID == [16]byte{} {
		return ""
	}
	return hex.EncodeToString(l.topicID[:])
}

func (l layout) partitions() []int32 {
	out := make([]int32, len(l.leaders))
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// loadLayout asks for the topic's metadata. A topic that does not exist is an answer too.
func (s *sweeper) loadLayout(ctx context.Context, now time.Time) error {
	req := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = kmsg.StringPtr(s.topic)
	req.Topics = []kmsg.MetadataRequestTopic{topic}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	resp, err := req.RequestWith(ctx, s.client)
	if err != nil {
		return fmt.Errorf("read the metadata of topic %s: %w", s.topic, err)
	}
	next := layout{at: now}
	for _, b := range resp.Brokers {
		next.nodes = append(next.nodes, b.NodeID)
	}
	for _, t := range resp.Topics {
		if t.Topic == nil || *t.Topic != s.topic {
			continue
		}
		next.topicID = t.TopicID
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
			next.err = fmt.Errorf("topic %s: %w", s.topic, err)
			break
		}
		next.leaders = leaders(t.Partitions)
	}
	if next.leaders == nil && next.err == nil {
		next.err = fmt.Errorf("topic %s: no answer", s.topic)
	}
	if next.err != nil && s.layout.topicID != [16]byte{} && next.topicID == [16]byte{} {
		next.topicID = s.layout.topicID // a refusal does not make the topic another one
	}
	if len(next.leaders) != len(s.starts) || next.topicID != s.layout.topicID {
		s.starts = nil
	}
	s.layout = next
	if len(next.leaders) > 0 {
		s.partitions = len(next.leaders)
	}
	return nil
}

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

// offsets are one end of the log, by partition; -1 is unknown.
type offsets struct {
	at  []int64
	err error
}

// listOffsets asks every leader for its partitions, at once: timestamp -1 is the log's end, -2 its
// start. What did not answer is unknown.
func (s *sweeper) listOffsets(ctx context.Context, timestamp int64) offsets {
	out := offsets{at: make([]int64, len(s.layout.leaders))}
	byNode := map[int32][]int32{}
	for p, node := range s.layout.leaders {
		out.at[p] = -1
		if node < 0 {
			out.err = fmt.Errorf("partition %d of %s has no leader", p, s.topic)
			continue
		}
		byNode[node] = append(byNode[node], int32(p))
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for node, partitions := range byNode {
		wg.Go(func() {
			found, err := s.listAt(ctx, node, partitions, timestamp)
			mu.Lock()
			defer mu.Unlock()
			for p, offset := range found {
				out.at[p] = offset
			}
			if err != nil {
				out.err = err
			}
		})
	}
	wg.Wait()
	return out
}

func (s *sweeper) listAt(ctx context.Context, node int32, partitions []int32, timestamp int64) (map[int32]int64, error) {
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID = -1
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic = s.topic
	for _, p := range partitions {
		part := kmsg.NewListOffsetsRequestTopicPartition()
		part.Partition, part.CurrentLeaderEpoch, part.Timestamp = p, -1, timestamp
		topic.Partitions = append(topic.Partitions, part)
	}
	req.Topics = append(req.Topics, topic)
	resp, err := request(ctx, s.client, node, req)
	if err != nil {
		return nil, fmt.Errorf("list offsets of %s at broker %d: %w", s.topic, node, err)
	}
	out := map[int32]int64{}
	for _, t := range resp.(*kmsg.ListOffsetsResponse).Topics {
		for _, p := range t.Partitions {
			if e := kerr.ErrorForCode(p.ErrorCode); e != nil {
				err = fmt.Errorf("list offsets of %s, partition %d: %w", s.topic, p.Partition, e)
			} else if p.Partition >= 0 && int(p.Partition) < len(s.layout.leaders) {
				out[p.Partition] = p.Offset
			}
		}
	}
	return out, err
}

// topicFact puts together what is known of the topic. The starts are asked for in the sweeps that
// have room for it and kept between.
func (s *sweeper) topicFact(ends, starts offsets) game.TopicFact {
	out := game.TopicFact{Name: s.topic, ID: s.layout.id()}
	if s.layout.err != nil {
		out.Err = s.layout.err.Error()
		return out
	}
	if starts.at != nil && starts.err == nil {
		s.starts = starts.at
	}
	if ends.err != nil || starts.err != nil {
		s.layout.dirty = true
	}
	if ends.err != nil {
		out.Err = ends.err.Error()
	}
	out.End = ends.at
	out.Start = make([]int64, len(ends.at))
	for p := range out.Start {
		out.Start[p] = -1
		if p < len(s.starts) {
			out.Start[p] = s.starts[p]
		}
	}
	return out
}
