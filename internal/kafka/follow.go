package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A Follower reads partition 0 of one topic. It retries after every error: a topic that does not exist yet or was
// created again, a broker that is unavailable, a batch that cannot be read.
type Follower struct {
	Topic string
	Tail  int64 // start this many offsets before the end; 0 starts at the log start
	Log   *slog.Logger

	Located func(end int64) // called with the log end offset whenever the partition was looked up; may be nil
	Record  func(Record)
	Reached func(next int64) // called when all offsets below next are read or skipped; may be nil
}

const followWait = 500 * time.Millisecond

// Follow reads until ctx ends.
func (f Follower) Follow(ctx context.Context, client *kgo.Client) {
	fetcher := NewFetcher(client)
	backoff := Backoff(250*time.Millisecond, 2*time.Second)
	var at *Partition

	for failed := 0; ctx.Err() == nil; {
		err := f.read(ctx, fetcher, &at)
		if err == nil {
			failed = 0
			continue
		}

		failed++
		f.Log.Debug("read "+f.Topic, "error", err)
		Sleep(ctx, backoff(failed))
	}
}

// read looks up the partition's leader and reads it until an error occurs.
func (f Follower) read(ctx context.Context, fetcher *Fetcher, at **Partition) error {
	p, err := f.position(ctx, fetcher.client, *at)
	if err != nil {
		return err
	}

	*at = p
	f.reached(p.Next)

	for ctx.Err() == nil {
		got := &fetcher.Fetch(ctx, []Partition{*p}, followWait)[0]
		if got.Err != nil {
			return got.Err
		}

		next, err := fetcher.Visit(got, func(r Record) bool { f.Record(r); return true }, func(b BadBatch) bool {
			f.Log.Warn("skipped a record batch", "topic", f.Topic, "error", b)
			return true
		})
		p.Next = next
		if err != nil {
			return err
		}
		if !got.Empty() {
			f.reached(next)
		}
	}

	return nil
}

func (f Follower) reached(next int64) {
	if f.Reached != nil {
		f.Reached(next)
	}
}

// position looks up the partition's leader and the offset to read: the next one if it is still the same topic, or else
// the first one.
func (f Follower) position(ctx context.Context, client *kgo.Client, before *Partition) (*Partition, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	p, err := locate(ctx, client, f.Topic, 0)
	if err != nil {
		return nil, err
	}

	start, err := listOffset(ctx, client, *p, -2)
	if err != nil {
		return nil, err
	}

	end, err := listOffset(ctx, client, *p, -1)
	if err != nil {
		return nil, err
	}

	if f.Located != nil {
		f.Located(end)
	}
	switch {
	case before != nil && before.ID == p.ID:
		p.Next = min(max(before.Next, start), end)
	case f.Tail > 0:
		p.Next = max(start, end-f.Tail)
	default:
		p.Next = start
	}

	return p, nil
}

// locate looks up a partition's leader.
func locate(ctx context.Context, client *kgo.Client, name string, partition int32) (*Partition, error) {
	req := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = kmsg.StringPtr(name)
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, err
	}

	p := &Partition{Topic: name, Number: partition, Leader: -1}
	for _, t := range resp.Topics {
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
			return nil, err
		}

		p.ID = t.TopicID
		for _, part := range t.Partitions {
			if part.Partition == partition {
				p.Leader = part.Leader
			}
		}
	}

	if p.Leader < 0 {
		return nil, kerr.LeaderNotAvailable
	}
	return p, nil
}

// listOffset returns the log start offset for the timestamp -2, and the log end offset for -1.
func listOffset(ctx context.Context, client *kgo.Client, p Partition, timestamp int64) (int64, error) {
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID = -1
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic = p.Topic
	part := kmsg.NewListOffsetsRequestTopicPartition()
	part.Partition = p.Number
	part.CurrentLeaderEpoch = -1
	part.Timestamp = timestamp
	topic.Partitions = append(topic.Partitions, part)
	req.Topics = append(req.Topics, topic)
	resp, err := client.Broker(int(p.Leader)).Request(ctx, req)
	if err != nil {
		return 0, err
	}

	topics := resp.(*kmsg.ListOffsetsResponse).Topics
	if len(topics) != 1 || len(topics[0].Partitions) != 1 {
		return 0, fmt.Errorf("list offsets of %s: the response does not include the partition", p.Topic)
	}

	got := topics[0].Partitions[0]
	if err := kerr.ErrorForCode(got.ErrorCode); err != nil {
		return 0, fmt.Errorf("list offsets of %s: %w", p.Topic, err)
	}
	return got.Offset, nil
}
