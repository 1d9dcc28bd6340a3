package kafka

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// PassOver lets one of the library's consumers go on behind a batch that it cannot read: left alone,
// it stops reading that partition, or asks for the same batch for ever. It is given what a poll said
// of a partition, and the offset that was to be read next, or -1 for the log's start. It returns the
// batch that it passed over, or nil when the error is about something else.
func PassOver(ctx context.Context, client *kgo.Client, topic string, partition int32, at int64, err error) *BadBatch {
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
		if p.Next, err = logEnd(ctx, client, *p, -2); err != nil {
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

// movable reports that the library moves the partition when it is told to: one of a group that has no
// commit and of which nothing was read yet it does not.
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
