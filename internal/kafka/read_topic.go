package kafka

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// ReadTopic calls record for every committed record that partition 0 of a topic holds now, and returns once the last
// one is read. It waits for open transactions. Batches that cannot be read are skipped.
func ReadTopic(ctx context.Context, client *kgo.Client, topic string, record func(Record)) error {
	p, err := locate(ctx, client, topic, 0)
	if err != nil {
		return err
	}
	end, err := listOffset(ctx, client, *p, -1)
	if err != nil {
		return err
	}
	if p.Next, err = listOffset(ctx, client, *p, -2); err != nil {
		return err
	}

	fetcher := NewFetcher(client)
	for p.Next < end {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		got := &fetcher.Fetch(ctx, []Partition{*p}, readWait)[0]
		if got.Err != nil {
			return got.Err
		}

		next, err := fetcher.Visit(got, func(r Record) bool { record(r); return true }, func(BadBatch) bool { return true })
		p.Next = next
		if err != nil && !errors.Is(err, errNoProgress) {
			return err
		}
	}
	return nil
}

// readWait is how long a fetch waits for an open transaction to end.
const readWait = 500 * time.Millisecond
