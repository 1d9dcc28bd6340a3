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

// A Follower reads partition 0 of one topic for as long as it runs, whatever goes wrong meanwhile: a
// topic that is not there yet or made anew, a broker that is away, a batch that cannot be read.
type Follower struct {
	Topic string
	Tail  int64 // begin so many offsets before the end; 0 begins at the start
	Log   *slog.Logger

	Record  func(Record)
	Reached func(next int64) // all below it was read, or cannot be; nil is fine
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
		select {
		case <-ctx.Done():
		case <-time.After(backoff(failed)):
		}
	}
}

// read finds where the partition is if that is not known, and reads it until something goes wrong.
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
			f.Log.Warn("a record batch was passed over", "topic", f.Topic, "error", b)
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

// position asks where the partition is, and where to go on: where reading stood in the same topic, else
// where it is to begin.
func (f Follower) position(ctx context.Context, client *kgo.Client, before *Partition) (*Partition, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	p, err := locate(ctx, client, f.Topic, 0)
	if err != nil {
		return nil, err
	}
	start, err := logEnd(ctx, client, *p, -2)
	if err != nil {
		return nil, err
	}
	end, err := logEnd(ctx, client, *p, -1)
	if err != nil {
		return nil, err
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

// locate asks for a partition's leader.
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

// logEnd is the log's start at timestamp -2, and its end at -1.
func logEnd(ctx context.Context, client *kgo.Client, p Partition, timestamp int64) (int64, error) {
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID = -1
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic = p.Topic
	part := kmsg.NewListOffsetsRequestTopicPartition()
	part.Partition, part.CurrentLeaderEpoch, part.Timestamp = p.Number, -1, timestamp
	topic.Partitions = append(topic.Partitions, part)
	req.Topics = append(req.Topics, topic)
	resp, err := client.Broker(int(p.Leader)).Request(ctx, req)
	if err != nil {
		return 0, err
	}

	topics := resp.(*kmsg.ListOffsetsResponse).Topics
	if len(topics) != 1 || len(topics[0].Partitions) != 1 {
		return 0, fmt.Errorf("list offsets of %s: no answer", p.Topic)
	}
	got := topics[0].Partitions[0]
	if err := kerr.ErrorForCode(got.ErrorCode); err != nil {
		return 0, fmt.Errorf("list offsets of %s: %w", p.Topic, err)
	}
	return got.Offset, nil
}
