package kafka

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// SkipBadBatch moves a franz-go consumer past a record batch that it cannot read. Without it, the
// consumer stops reading the partition, or fetches the same batch forever. err is the partition's error
// from a poll, and at is the offset to be read next, or -1 for the log start. SkipBadBatch returns the
// skipped batch, or nil if err is about something else.
func SkipBadBatch(ctx context.Context, client *kgo.Client, topic string, partition int32, at int64, err error) *BadBatch {
	var code *kerr.Error
	if partition < 0 || errors.As(err, &code) || errors.Is(err, context.Canceled) || errors.Is(err, kgo.ErrClientClosed) {
		return nil
	}
	if !movable(client, topic, partition) {
		return nil
	}

	var large *kgo.ErrDecompressTooLarge
	if errors.As(err, &large) {
		setOffset(client, topic, partition, large.NextOffset)
		return &BadBatch{First: large.Offset, Last: large.NextOffset - 1, Err: ErrTooLarge}
	}

	p, err := locate(ctx, client, topic, partition)
	if err != nil {
		return nil
	}

	if p.Next = at; at < 0 {
		if p.Next, err = listOffset(ctx, client, *p, -2); err != nil {
			return nil
		}
	}

	fetcher := NewFetcher(client)
	got := &fetcher.Fetch(ctx, []Partition{*p}, 0)[0]
	if got.Err != nil {
		return nil
	}

	var found *BadBatch
	readable := false
	_, _ = fetcher.Visit(got, func(Record) bool { // an error means that no batch came
		readable = true
		return false
	}, func(b BadBatch) bool {
		found = &b
		return false
	})
	if found == nil || readable {
		return nil
	}

	setOffset(client, topic, partition, found.Last+1)
	return found
}

// movable reports whether SetOffsets has an effect on the partition. In a group, it ignores partitions
// that had no commit and no numbered offset when they were assigned, until a record of them was polled.
func movable(client *kgo.Client, topic string, partition int32) bool {
	if member, _ := client.GroupMetadata(); member == "" {
		return true
	}
	_, read := client.UncommittedOffsets()[topic][partition]
	_, committed := client.CommittedOffsets()[topic][partition]
	return read || committed
}

func setOffset(client *kgo.Client, topic string, partition int32, at int64) {
	client.SetOffsets(map[string]map[int32]kgo.EpochOffset{topic: {partition: {Epoch: -1, Offset: at}}})
}
