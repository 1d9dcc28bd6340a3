package group

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// readOffsets fills Offsets, or Shares for a share group.
func (g *Group) readOffsets(ctx context.Context, client *kgo.Client, asked []string) (err error) {
	g.Offsets = map[Partition]Offsets{}
	if g.Protocol == Share {
		g.Shares, err = readShares(ctx, client, g.Name)
		return err
	}

	admin := kadm.NewClient(client)
	committed, err := admin.FetchOffsets(ctx, g.Name)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return err
	}
	topics := map[string]bool{}
	for _, topic := range asked {
		topics[topic] = true
	}
	for _, m := range g.Members {
		for topic := range m.Assigned {
			topics[topic] = true
		}
	}
	committed.Each(func(o kadm.OffsetResponse) {
		if o.Err == nil && o.At >= 0 {
			g.update(o.Topic, o.Partition, func(to *Offsets) { to.Committed = o.At })
			topics[o.Topic] = true
		}
	})

	// Request one topic at a time: a topic that the user may not describe would fail the others, and members may be
	// assigned any.
	var failed error
	read := false
	for _, topic := range slices.Sorted(maps.Keys(topics)) {
		err := g.readLog(ctx, admin, topic)
		switch {
		case err == nil:
			read = true
		case slices.Contains(asked, topic), ctx.Err() != nil:
			return err
		default:
			failed = err
		}
	}
	if read {
		return nil
	}
	return failed
}

// readLog reads where the partitions of a topic start and end. Partitions without a leader are left out.
func (g *Group) readLog(ctx context.Context, admin *kadm.Client, topic string) error {
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err != nil && len(ends) == 0 {
		return err
	}
	starts, err := admin.ListStartOffsets(ctx, topic)
	if err != nil && len(starts) == 0 {
		return err
	}

	ends.Each(func(o kadm.ListedOffset) {
		if o.Err == nil {
			g.update(topic, o.Partition, func(to *Offsets) { to.End = o.Offset })
		}
	})
	starts.Each(func(o kadm.ListedOffset) {
		if o.Err == nil {
			g.update(topic, o.Partition, func(to *Offsets) { to.Start = o.Offset })
		}
	})
	return nil
}

func (g *Group) update(topic string, id int32, set func(*Offsets)) {
	p := Partition{Topic: topic, ID: id}
	o := g.OffsetsOf(p)
	set(&o)
	g.Offsets[p] = o
}
