package observe

import (
	"context"
	"fmt"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/leaderboard/game"
)

// metadataMaxAge is the maximum age of the topic's ID, partitions and leaders.
const metadataMaxAge = 2 * time.Second

// metadata is the brokers' metadata for the lesson's topic.
type metadata struct {
	kafka.TopicMetadata
	names    map[[16]byte]string // the topic's name by its ID
	brokers  []int32
	readAt   time.Time
	outdated bool // an answer did not match it: read it again
}

// numbers returns the partitions' numbers.
func (m metadata) numbers() []int32 {
	out := make([]int32, len(m.Leaders))
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// readMetadata reads the topic's metadata. A missing topic is not an error of the request.
func (s *sweeper) readMetadata(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	topics, brokers, err := kafka.Metadata(ctx, s.client, s.topic)
	if err != nil {
		return err
	}

	next := metadata{TopicMetadata: topics[s.topic], brokers: brokers, readAt: now}
	if next.Err != nil {
		next.Err = fmt.Errorf("topic %s: %w", s.topic, next.Err)
		next.Leaders = nil
		if next.ID == [16]byte{} {
			next.ID = s.metadata.ID // a refusal does not mean that the topic was replaced
		}
	}
	if next.ID != [16]byte{} {
		next.names = map[[16]byte]string{next.ID: s.topic}
	}
	if len(next.Leaders) != len(s.starts) || next.ID != s.metadata.ID {
		s.starts = nil
	}
	s.metadata = next
	if len(next.Leaders) > 0 {
		s.partitions = len(next.Leaders)
	}
	return nil
}

// topicFact returns what is known about the topic. The log starts are those of the last sweep that listed them.
func (s *sweeper) topicFact(ends, starts offsets) game.TopicFact {
	out := game.TopicFact{Name: s.topic, ID: s.metadata.HexID()}
	if s.metadata.Err != nil {
		out.Err = s.metadata.Err.Error()
		return out
	}

	if starts.by != nil && starts.err == nil {
		s.starts = starts.by
	}
	if ends.err != nil || starts.err != nil {
		s.metadata.outdated = true
	}
	if ends.err != nil {
		out.Err = ends.err.Error()
	}

	out.End = ends.by
	out.Start = make([]int64, len(ends.by))
	for p := range out.Start {
		out.Start[p] = -1
		if p < len(s.starts) {
			out.Start[p] = s.starts[p]
		}
	}
	return out
}
