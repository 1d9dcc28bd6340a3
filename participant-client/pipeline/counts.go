package pipeline

import (
	"context"
	"encoding/json"
	"sync"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Counts are counts of each partition's records that survive a change of its owner. They are state: published on the
// team's stats topic before the offsets are committed, and read from there by the next owner. Each record counts once,
// even if it is read twice, because the counts contain the offset up to which they go. Counts are a member.Keeper.
type Counts struct {
	Handler member.Handler // decides what to publish; may be nil
	Team    string
	Source  string // the topic of the records
	Topic   string // the team's stats topic

	mu    sync.Mutex // guards what follows
	lanes map[lane]*count
	id    string // of Source, in hexadecimal
}

// A lane is a partition as owned by one instance of this process.
type lane struct {
	instance  int
	partition int32
}

type count struct {
	counts
	next int64 // records below it are counted
}

// Handle passes a record to the handler, and counts it if it is not counted yet.
func (c *Counts) Handle(instance int, r *kgo.Record) []*kgo.Record {
	var actions []*kgo.Record
	if c.Handler != nil {
		actions = c.Handler.Handle(instance, r)
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.lanes[lane{instance, r.Partition}]; l != nil && r.Offset >= l.next {
		l.processed++
		l.flagged += int64(len(actions))
		l.next = r.Offset + 1
	}
	return actions
}

// Unreadable returns how many records held no user, as far as the handler knows.
func (c *Counts) Unreadable() int64 {
	if h, ok := c.Handler.(interface{ Unreadable() int64 }); ok {
		return h.Unreadable()
	}
	return 0
}

// Restore reads the latest counts of partitions. Without any, they begin at 0.
func (c *Counts) Restore(ctx context.Context, client *kgo.Client, instance int, partitions []int32) (member.Restoration, error) {
	id, found, err := c.read(ctx, client)
	if err != nil {
		return member.Restoration{}, err
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lanes == nil {
		c.lanes = map[lane]*count{}
	}
	c.id = id
	out := member.Restoration{Next: map[int32]int64{}}
	for _, p := range partitions {
		l, known := found[p]
		c.lanes[lane{instance, p}] = &l
		out.Next[p] = -1
		if known {
			out.Next[p] = l.next
			out.Count += l.processed
		}
	}
	return out, nil
}

// read returns the ID of the source, and the counts of its partitions. Of several counts of one partition the furthest
// ones are right: a process that was paused can publish old ones after its successor.
func (c *Counts) read(ctx context.Context, client *kgo.Client) (id string, found map[int32]count, err error) {
	topics, _, err := kafka.Metadata(ctx, client, c.Source)
	if err != nil {
		return "", nil, err
	}
	id = topics[c.Source].HexID()

	found = map[int32]count{}
	err = kafka.ReadTopic(ctx, client, c.Topic, func(r kafka.Record) {
		var s workshop.Stats
		if json.Unmarshal(r.Value, &s) != nil || s.Partition == nil || s.NextOffset == nil {
			return
		}
		if of, ok := r.Header(workshop.HeaderTopicID); ok && of != id {
			return // of a topic that was deleted
		}
		if before, known := found[*s.Partition]; !known || before.next <= *s.NextOffset {
			found[*s.Partition] = count{counts{s.Processed, s.Flagged}, *s.NextOffset}
		}
	})
	return id, found, err
}

// State returns the counts of partitions as records for the stats topic.
func (c *Counts) State(instance int, memberID string, partitions []int32) []*kgo.Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []*kgo.Record
	for _, p := range partitions {
		l := c.lanes[lane{instance, p}]
		if l == nil || l.processed == 0 {
			continue
		}
		next := l.next
		value, err := json.Marshal(workshop.Stats{
			Team: c.Team, Processed: l.processed, Flagged: l.flagged, Partition: &p, NextOffset: &next,
		})
		if err != nil {
			continue // strings and numbers always encode
		}
		out = append(out, &kgo.Record{Topic: c.Topic, Key: []byte(workshop.PartitionKey(p)), Value: value, Headers: []kgo.RecordHeader{
			{Key: workshop.HeaderMemberID, Value: []byte(memberID)},
			{Key: workshop.HeaderTopicID, Value: []byte(c.id)},
		}})
	}
	return out
}
