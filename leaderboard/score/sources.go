package score

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const requestTimeout = 3 * time.Second

// A partitionID names one partition of a topic.
type partitionID struct {
	topic     string
	partition int32
}

type kind int

const (
	usersTopic kind = iota
	actionsTopic
	statsTopic
)

// A source is a partition and how far it has been read.
type source struct {
	kind      kind
	team      int
	id        string // the topic's
	next      int64  // the next offset to read
	upto      int64  // records below it have been counted
	end       int64  // log end offset in the last response
	postponed bool   // cannot be read now; its counts stay

	began int64 // users below it are from before the round
}

// topics returns the role of every topic that is read, by name.
func (s *Scorer) topics() map[string]source {
	out := map[string]source{}
	if s.cfg.Lesson.Actions {
		out[s.cfg.Topic()] = source{kind: usersTopic}
	}
	for team := 1; team <= s.cfg.Teams; team++ {
		if s.cfg.Lesson.Actions {
			out[s.cfg.Actions(team)] = source{kind: actionsTopic, team: team}
		}
		if s.cfg.Lesson.Stats {
			out[s.cfg.Stats(team)] = source{kind: statsTopic, team: team}
		}
	}
	return out
}

// readTopics requests the metadata of every topic.
func (s *Scorer) readTopics(ctx context.Context, client *kgo.Client) (map[string]kafka.TopicMetadata, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	topics, _, err := kafka.Metadata(ctx, client, slices.Sorted(maps.Keys(s.topics()))...)
	return topics, err
}

// ends lists an offset of each partition: the log end for timestamp -1, the log start for -2. With committed, the end is the
// last stable offset. Partitions without an answer are missing from the result, and the error gives the cause.
func ends(ctx context.Context, client *kgo.Client, spots []partitionID, timestamp int64, committed bool) (out map[partitionID]int64, err error) {
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID = -1
	if committed {
		req.IsolationLevel = 1
	}
	byTopic := map[string][]kmsg.ListOffsetsRequestTopicPartition{}
	for _, at := range spots {
		p := kmsg.NewListOffsetsRequestTopicPartition()
		p.Partition, p.Timestamp = at.partition, timestamp
		byTopic[at.topic] = append(byTopic[at.topic], p)
	}

	for name, partitions := range byTopic {
		t := kmsg.NewListOffsetsRequestTopic()
		t.Topic, t.Partitions = name, partitions
		req.Topics = append(req.Topics, t)
	}

	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	out = map[partitionID]int64{}
	for _, shard := range client.RequestSharded(ctx, req) {
		if shard.Err != nil {
			err = fmt.Errorf("list offsets: %w", shard.Err)
			continue
		}
		for _, t := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range t.Partitions {
				if code := kerr.ErrorForCode(p.ErrorCode); code != nil {
					err = fmt.Errorf("list offsets of %s, partition %d: %w", t.Topic, p.Partition, code)
					continue
				}
				out[partitionID{t.Topic, p.Partition}] = p.Offset
			}
		}
	}
	return out, err
}

// placeSources matches the sources with the existing topics, and decides where to continue. A team's topic that cannot be
// read does not affect the others; without new_users, nothing can be judged.
func (s *Scorer) placeSources(ctx context.Context, client *kgo.Client) (map[string]kafka.TopicMetadata, error) {
	topics, err := s.readTopics(ctx, client)
	if err != nil {
		return nil, err
	}

	lesson := s.cfg.Topic()
	if err := topics[lesson].Err; err != nil {
		return nil, fmt.Errorf("topic %s: %w", lesson, err)
	}
	s.refuse(topics)
	s.recreateMissing(ctx, topics)
	var spots []partitionID
	for name, f := range topics {
		if f.Err != nil {
			continue
		}
		for p := range f.Leaders {
			spots = append(spots, partitionID{name, int32(p)})
		}
	}

	starts, err1 := ends(ctx, client, spots, -2, false)
	stops, err2 := ends(ctx, client, spots, -1, false)

	for _, src := range s.sources {
		src.postponed = true
	}
	s.partial = false
	s.partitions = len(topics[lesson].Leaders)
	roles := s.topics()
	for _, at := range spots {
		start, ok1 := starts[at]
		stop, ok2 := stops[at]
		switch {
		case ok1 && ok2:
			s.sources[at] = s.place(at, roles[at.topic], topics[at.topic].HexID(), start, stop)
			delete(s.saved, at)
		case roles[at.topic].kind == usersTopic:
			return nil, errors.Join(err1, err2)
		default:
			s.partial = true
		}
	}
	s.fresh = false
	return topics, nil
}

func (s *Scorer) note(format string, args ...any) {
	note := fmt.Sprintf(format, args...)
	s.log.Warn(note)
	s.notes = append(s.notes, note)
}

// place decides where reading a partition continues.
func (s *Scorer) place(at partitionID, role source, id string, start, end int64) *source {
	src := s.sources[at]
	if src == nil {
		src = s.first(at, role, id, start, end)
	}
	switch {
	case src.id != id:
		if at.partition == 0 {
			s.note("%s was deleted and created again: counting continues from its start", at.topic)
		}
		src.id, src.next, src.upto, src.began = id, start, 0, 0
	case src.next > end || src.upto > end:
		s.note("%s, partition %d, ends at %d, below %d where counting stood: its records are counted already, counting continues from its end",
			at.topic, at.partition, end, max(src.next, src.upto))
		src.next, src.upto = max(min(src.next, end), start), min(src.upto, end)
	case src.next < start:
		if src.kind == usersTopic {
			s.ledger.missed = true
		} else if src.upto < start && src.upto > 0 || src.next > 0 {
			s.note("%s, partition %d: records below %d were deleted before they were counted", at.topic, at.partition, start)
		}
		src.next = start
	}
	src.end, src.postponed = end, false
	return src
}

// first returns the source of a partition that has not been read yet. What was counted already is read again, to find the
// users and which of them were judged.
func (s *Scorer) first(at partitionID, role source, id string, start, end int64) *source {
	src := &source{kind: role.kind, team: role.team, id: id, next: start}
	if saved, ok := s.saved[at]; ok {
		src.id, src.upto = saved.TopicID, saved.Next
	}
	switch {
	case role.kind == usersTopic:
		if s.round.TopicID == "" || s.round.TopicID == id {
			src.began = s.round.StartOf(at.partition)
		}
		src.next = s.memory(src.began, start)
	case s.fresh:
		src.next = end
	}
	return src
}

// memory returns where to start reading users from before the round: as far back as the log goes and the index can hold. If
// the log starts after the round did, some of the round's users are gone.
func (s *Scorer) memory(began, start int64) int64 {
	if start > began {
		s.ledger.missed = true
		return start
	}
	from := max(start, began-int64(s.cfg.Users/max(s.partitions, 1)))
	s.ledger.missed = s.ledger.missed || from > start
	return from
}

// offsets returns how far each partition has been counted, in a fixed order.
func (s *Scorer) offsets() []game.SourceOffset {
	spots := slices.SortedFunc(maps.Keys(s.sources), func(a, b partitionID) int {
		if c := strings.Compare(a.topic, b.topic); c != 0 {
			return c
		}
		return int(a.partition - b.partition)
	})
	out := make([]game.SourceOffset, 0, len(spots))
	for _, at := range spots {
		src := s.sources[at]
		out = append(out, game.SourceOffset{Topic: at.topic, TopicID: src.id, Partition: at.partition, Next: max(src.next, src.upto)})
	}
	return out
}
