package observe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Whoever may join a group may make its description large: Kafka takes client ids of 32 KB, and any
// number of members. A response that is too large takes its connection down, with all other answers
// that were on their way. So a group that causes that is found out, and asked for by itself.
const (
	maxAnswer  = 4 << 20   // of one response; 1,000 teams of five need 2 MB
	largeGroup = 256 << 10 // of one group's description; a group of ten needs 5 KB
	apartEvery = 10 * time.Second
)

// unreadable reports that an answer came that could not be read.
func unreadable(err error) bool {
	return kafka.TooLargeResponse(err) || errors.Is(err, kbin.ErrNotEnoughData)
}

// setApart takes the groups out that are asked for by themselves, and marks them. One that is due is
// returned for askApart.
func (s *sweeper) setApart(groups []string, a *answers, now time.Time) (together []string, due string) {
	for _, name := range groups {
		at, apart := s.apart[name]
		switch {
		case !apart:
			together = append(together, name)
			continue
		case due == "" && !now.Before(at):
			due = name
		}
		a.of(name).err = tooLarge(name)
	}
	return together, due
}

func tooLarge(name string) error {
	return fmt.Errorf("group %s: Kafka's description of it is too large, so it is asked for every %s: too many members, or too long names",
		name, apartEvery)
}

// isolate asks again for the groups of each broker, in halves where that fails, until every group has
// an answer or stands alone with its error. It is for the sweep in which a group becomes too large:
// the next ones leave that group out.
func (s *sweeper) isolate(ctx context.Context, nodes map[int32][]string, a *answers, now time.Time) {
	before := len(s.apart)
	most := 0
	for node, groups := range nodes {
		most = max(most, len(groups))
		s.halve(ctx, node, groups, a, now)
	}
	if len(s.apart) == before && most > 1 {
		s.most = max(1, min(s.most, most)/2) // no group is large, there are only many
	}
}

func (s *sweeper) halve(ctx context.Context, node int32, groups []string, a *answers, now time.Time) {
	again := newAnswers(len(groups))
	s.describe(ctx, s.alone, node, groups, again)
	if half := len(groups) / 2; again.large && half > 0 {
		s.halve(ctx, node, groups[:half], a, now)
		s.halve(ctx, node, groups[half:], a, now)
		return
	}

	a.good = a.good || again.good
	for _, name := range groups {
		g := again.of(name)
		if again.large || g.size() > largeGroup {
			s.apart[name] = now.Add(apartEvery)
		}
		if again.large {
			g.err = tooLarge(name)
		}
		a.groups[name] = g
	}
}

// describe asks three things, one after the other: each may break the connection.
func (s *sweeper) describe(ctx context.Context, client *kgo.Client, node int32, groups []string, a *answers) {
	s.describeClassic(ctx, client, node, groups, a)
	s.describeConsumer(ctx, client, node, groups, a)
	s.fetchOffsets(ctx, client, node, groups, a)
}

// askApart looks at a group that is asked for by itself, and lets it back when it is small again.
func (s *sweeper) askApart(ctx context.Context, name string, a *answers, now time.Time) {
	node, known := s.coordinators[name]
	if name == "" || !known {
		return
	}
	s.apart[name] = now.Add(apartEvery)

	again := newAnswers(1)
	s.describe(ctx, s.alone, node, []string{name}, again)
	if again.large {
		return
	}
	g := again.of(name)
	a.groups[name] = g
	if g.size() <= largeGroup {
		delete(s.apart, name)
	}
}

// size is about how many bytes a group's description had.
func (g *answer) size() (n int) {
	if g.classic != nil {
		for _, m := range g.classic.Members {
			n += len(m.MemberID) + len(m.ClientID) + len(m.ClientHost) + len(m.ProtocolMetadata) + len(m.MemberAssignment)
		}
	}
	if g.consumer != nil {
		for _, m := range g.consumer.Members {
			n += len(m.MemberID) + len(m.ClientID) + len(m.ClientHost)
			for _, topic := range m.SubscribedTopics {
				n += len(topic)
			}
			if m.SubscribedTopicRegex != nil {
				n += len(*m.SubscribedTopicRegex)
			}
		}
	}
	return n
}
