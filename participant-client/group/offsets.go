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

// readOffsets fills Commits, and Ends for every partition that is committed, owned or asked for.
func (g *Group) readOffsets(ctx context.Context, client *kgo.Client, topics []string) error {
	if g.Kind == Share {
		return nil // it has no committed offsets
	}
	admin := kadm.NewClient(client)
	commits, err := admin.FetchOffsets(ctx, g.Name)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return err
	}
	g.Commits = map[Partition]int64{}
	wanted := map[string]bool{}
	commits.Each(func(o kadm.OffsetResponse) {
		if o.Err == nil && o.At >= 0 {
			g.Commits[Partition{o.Topic, o.Partition}] = o.At
			wanted[o.Topic] = true
		}
	})
	for _, m := range g.Members {
		for _, p := range m.Partitions {
			wanted[p.Topic] = true
		}
	}
	for _, t := range topics {
		wanted[t] = true
	}
	g.Ends = map[Partition]int64{}
	if len(wanted) == 0 {
		return nil // no topics would mean all topics
	}

	// One topic at a time: one that may not be looked at would fail the others, and a member may be
	// assigned any.
	var failed error
	for _, topic := range slices.Sorted(maps.Keys(wanted)) {
		ends, err := admin.ListEndOffsets(ctx, topic)
		if err != nil && len(ends) == 0 {
			failed = err
			if slices.Contains(topics, topic) || ctx.Err() != nil {
				return err
			}
		}
		ends.Each(func(o kadm.ListedOffset) {
			if o.Err == nil {
				g.Ends[Partition{o.Topic, o.Partition}] = o.Offset
			}
		})
	}
	if len(g.Ends) == 0 {
		return failed
	}
	return nil
}
