package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kbin"
)

// Anyone who may join a group can make its description large: Kafka accepts client IDs of 32 KB, and any number of members. A
// response that is too large breaks its connection, and all other responses on it are lost. So a group that causes that is
// found and then described separately.
const (
	maxResponse    = 4 << 20   // bytes; 1,000 groups of five members need 2 MB
	maxDescription = 256 << 10 // bytes of one group's description; a group of ten members needs 5 KB
	oversizedEvery = 10 * time.Second
)

// unreadable reports whether a response arrived but could not be read.
func unreadable(err error) bool {
	return kafka.TooLargeResponse(err) || errors.Is(err, kbin.ErrNotEnoughData)
}

// leaveOutOversized returns the groups that can be described together, and one of the others if it is due. The answer of an
// oversized group is an error, unless describeOversized replaces it.
func (s *sweeper) leaveOutOversized(groups []string, a *answers, now time.Time) (together []string, due string) {
	for _, name := range groups {
		next, oversized := s.oversized[name]
		if !oversized {
			together = append(together, name)
			continue
		}

		a.of(name).err = oversizedError(name)
		if due == "" && !now.Before(next) {
			due = name
		}
	}
	return together, due
}

func oversizedError(name string) error {
	return fmt.Errorf("group %s: Kafka's description of it is too large (too many members, or too long names), so it is read only every %s",
		name, oversizedEvery)
}

// isolate asks each broker again, splitting the groups in halves where that fails, until each group has an answer or is alone
// with its error. It runs in the sweep in which a group becomes too large: later sweeps leave that group out.
func (s *sweeper) isolate(ctx context.Context, byCoordinator map[int32][]string, a *answers, now time.Time) {
	before := len(s.oversized)
	most := 0
	for node, groups := range byCoordinator {
		most = max(most, len(groups))
		for batch := range slices.Chunk(groups, s.batch) {
			s.describeInHalves(ctx, node, batch, a, now)
		}
	}

	if len(s.oversized) == before && most > 1 {
		s.batch = max(1, min(s.batch, most)/2) // no single group is large, there are only many
	}
}

func (s *sweeper) describeInHalves(ctx context.Context, node int32, groups []string, a *answers, now time.Time) {
	again := newAnswers(len(groups))
	s.describeIsolated(ctx, node, groups, again)
	if half := len(groups) / 2; again.tooLarge && half > 0 {
		s.describeInHalves(ctx, node, groups[:half], a, now)
		s.describeInHalves(ctx, node, groups[half:], a, now)
		return
	}

	a.answered = a.answered || again.answered
	for _, name := range groups {
		g := again.of(name)
		if again.tooLarge || g.size() > maxDescription {
			s.oversized[name] = now.Add(oversizedEvery)
		}
		if again.tooLarge {
			g.err = oversizedError(name)
		}
		a.groups[name] = g
	}
}

// describeIsolated sends its requests one after another, because each may break the connection.
func (s *sweeper) describeIsolated(ctx context.Context, node int32, groups []string, a *answers) {
	for _, r := range s.requests(groups) {
		r.ask(ctx, s.isolated, node, r.groups, a)
	}
	s.askOtherwise(ctx, s.isolated, node, groups, a)
}

// describeOversized describes one group alone, if one is due. Once the group is small again, it rejoins the others.
func (s *sweeper) describeOversized(ctx context.Context, name string, a *answers, now time.Time) {
	node, known := s.coordinators[name]
	if name == "" || !known {
		return
	}

	s.oversized[name] = now.Add(oversizedEvery)
	again := newAnswers(1)
	s.describeIsolated(ctx, node, []string{name}, again)
	if again.tooLarge {
		return
	}
	g := again.of(name)
	a.groups[name] = g
	if g.size() <= maxDescription {
		delete(s.oversized, name)
	}
}

// size returns the approximate size of a group's description in bytes.
func (a *answer) size() (n int) {
	if a.Classic != nil {
		for _, m := range a.Classic.Members {
			n += len(m.MemberID) + len(m.ClientID) + len(m.ClientHost) + len(m.ProtocolMetadata) + len(m.MemberAssignment)
		}
	}

	if a.Consumer != nil {
		for _, m := range a.Consumer.Members {
			n += len(m.MemberID) + len(m.ClientID) + len(m.ClientHost)
			for _, topic := range m.SubscribedTopics {
				n += len(topic)
			}
			if m.SubscribedTopicRegex != nil {
				n += len(*m.SubscribedTopicRegex)
			}
		}
	}
	if a.share != nil {
		for _, m := range a.share.Members {
			n += len(m.MemberID) + len(m.ClientID) + len(m.ClientHost)
			for _, topic := range m.SubscribedTopicNames {
				n += len(topic)
			}
		}
	}
	return n
}
