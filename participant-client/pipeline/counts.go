package pipeline

import (
	"context"
	"encoding/json"
	"sort"
	"sync"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Counts are counts of each partition's records that survive a change of its owner. They are state: published on the team's
// stats topic before the offsets are committed, and read from there by the next owner. Each record counts once, also when it is
// read twice, because the counts say up to which offset they go. Counts are a member.Keeper.
type Counts struct {
	Handler member.Handler // decides what to publish; may be nil
	Team    string
	Source  string // the topic of the records
	Topic   string // the team's stats topic

	mu    sync.Mutex // guards what follows
	lanes map[lane]*count
	id    string // of Source, in hexadecimal
}

// A lane is a partition in the hands of one instance of this process.
type lane struct {
	instance  int
	partition int32
}

type count struct {
	counts
	next int64 // records below it are counted
}

// Handle passes a batch of one partition on, and counts the records in it that are not counted yet.
func (c *Counts) Handle(instance int, records []*kgo.Record) []*kgo.Record {
	at := lane{instance, records[0].Partition}
	c.mu.Lock()
	counted := 0
	if l := c.lanes[at]; l != nil {
		counted = sort.Search(len(records), func(i int) bool { return records[i].Offset >= l.next })
	}
	c.mu.Unlock()

	again := c.handle(instance, records[:counted])
	fresh := c.handle(instance, records[counted:])
	if rest := records[counted:]; len(rest) > 0 {
		c.add(at, int64(len(rest)), int64(len(fresh)), rest[len(rest)-1].Offset+1)
	}
	return append(again, fresh...)
}

func (c *Counts) handle(instance int, records []*kgo.Record) []*kgo.Record {
	if c.Handler == nil || len(records) == 0 {
		return nil
	}
	return c.Handler.Handle(instance, records)
}

func (c *Counts) add(at lane, processed, flagged, next int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.lanes[at]; l != nil {
		l.processed += processed
		l.flagged += flagged
		l.next = next
	}
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

// read returns the ID of the source, and the counts of its partitions. Of several counts of one partition those that go
// furthest are right: a process that was paused can publish old ones after its successor.
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
