package observe

import (
	"context"
	"slices"

	"kafka-workshop/internal/group"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A groupRequest asks one broker about groups and adds the result to the answers.
type groupRequest func(ctx context.Context, client *kgo.Client, node int32, groups []string, a *answers)

// An asking is a request and the groups it is about.
type asking struct {
	ask    groupRequest
	groups []string
}

// requests returns the requests that describe the groups. A group of unknown kind is described in both ways. Once every group
// has members, a room needs half as many descriptions.
func (s *sweeper) requests(groups []string) (out []asking) {
	add := func(ask groupRequest, fits func(kind string) bool) {
		names := slices.DeleteFunc(slices.Clone(groups), func(name string) bool { return !fits(s.kinds[name]) })
		if len(names) > 0 {
			out = append(out, asking{ask, names})
		}
	}
	add(s.describeClassic, func(kind string) bool { return kind == group.Classic || kind == "" })
	add(s.describeConsumer, func(kind string) bool { return kind == group.Consumer || kind == "" })
	add(s.fetchOffsets, func(kind string) bool { return kind != group.Share })
	add(s.describeShare, func(kind string) bool { return kind == group.Share })
	add(s.fetchShares, func(kind string) bool { return kind == group.Share })
	return out
}

// askOtherwise describes groups that are no longer of their last known kind: a consumer group that became classic or lost its
// members, or the reverse. If the request fails, the next sweep asks in both ways.
func (s *sweeper) askOtherwise(ctx context.Context, client *kgo.Client, node int32, groups []string, a *answers) {
	var classic, consumer []string
	for _, name := range groups {
		switch g := a.of(name); {
		case s.kinds[name] == group.Consumer && g.ConsumerErr == nil && !g.consumer():
			classic = append(classic, name)
		case s.kinds[name] == group.Classic && g.ClassicErr == nil && !g.classic():
			consumer = append(consumer, name)
		}
	}
	for batch := range slices.Chunk(classic, s.batch) {
		s.describeClassic(ctx, client, node, batch, a)
	}
	for batch := range slices.Chunk(consumer, s.batch) {
		s.describeConsumer(ctx, client, node, batch, a)
	}
}

// consumer reports whether the answer is one that only a KIP-848 group gives.
func (a *answer) consumer() bool { return a.Consumer != nil && a.Consumer.ErrorCode == 0 }

// classic reports whether the answer is one that only a classic group gives. A description without members may be of a name
// that has no group.
func (a *answer) classic() bool { return a.Classic != nil && len(a.Classic.Members) > 0 }

// noteKind stores how to describe a group in the next sweep.
func (s *sweeper) noteKind(name string, a *answer) {
	switch {
	case s.kinds[name] == group.Share:
	case a.consumer():
		s.kinds[name] = group.Consumer
	case a.classic():
		s.kinds[name] = group.Classic
	default:
		delete(s.kinds, name)
	}
}
