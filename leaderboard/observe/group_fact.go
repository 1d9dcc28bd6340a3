package observe

import (
	"fmt"
	"slices"

	"kafka-workshop/internal/group"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kerr"
)

// groupFact builds a fact from one group's answers. A missing answer is an error of this group alone.
func (s *sweeper) groupFact(team int, name string, a *answer) game.GroupFact {
	out := game.GroupFact{Team: team, Name: name, OtherKind: s.otherKind[name]}
	s.addCommitted(&out, a)

	if a.err != nil {
		out.Err = a.err.Error()
		return out
	}
	g, err := a.Decode(name, s.metadata.names)
	if err != nil {
		out.Err = fmt.Sprintf("describe group %s: %v", name, err)
		return out
	}

	out.State = g.State
	out.Protocol = g.Protocol
	out.Assignor = g.Assignor
	s.addMembers(&out, g)
	return out
}

// addMembers adds the members and, for a KIP-848 group, the partitions that have yet to move.
func (s *sweeper) addMembers(out *game.GroupFact, g *group.Group) {
	out.Members = slices.Grow(out.Members, len(g.Members))
	for _, m := range g.Members {
		fact := s.memberFact(m)
		out.Members = append(out.Members, fact)
		if g.Protocol == group.Consumer {
			out.Movers = append(out.Movers, difference(s.existing(m.Target[s.topic]), fact.Partitions)...)
		}
	}

	slices.Sort(out.Movers)
	out.Movers = slices.Compact(out.Movers)
	out.Moving = len(out.Movers) > 0
	s.limitMembers(out)
}

// difference returns the partitions that only one of two assignments has.
func difference(a, b []int32) []int32 {
	in := func(other []int32) func(int32) bool { return func(p int32) bool { return slices.Contains(other, p) } }
	return append(slices.DeleteFunc(slices.Clone(a), in(b)), slices.DeleteFunc(slices.Clone(b), in(a))...)
}

// addCommitted sets the group's committed offsets on the topic.
func (s *sweeper) addCommitted(out *game.GroupFact, a *answer) {
	out.Committed = map[int32]int64{}
	if err := s.committedErr(out.Name, a); err != nil {
		out.CommitErr = err.Error()
		return
	}

	for _, t := range a.committed.Topics {
		if t.Topic != s.topic && t.TopicID != s.metadata.ID {
			continue
		}
		for _, p := range t.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				out.CommitErr = fmt.Sprintf("fetch committed offsets of %s: %v", out.Name, err)
				s.metadata.outdated = true
			} else if p.Offset >= 0 { // -1 means no commit yet
				out.Committed[p.Partition] = p.Offset
			}
		}
	}
}

// committedErr returns why the committed offsets are missing, or nil.
func (s *sweeper) committedErr(name string, a *answer) error {
	err := a.committedErr
	switch {
	case a.err != nil:
		return a.err
	case s.metadata.Err != nil:
		return s.metadata.Err
	case a.committed != nil:
		err = group.Refused(a.committed.ErrorCode)
	case err == nil:
		err = group.ErrNoAnswer
	}

	if err != nil {
		return fmt.Errorf("fetch committed offsets of %s: %w", name, err)
	}
	return nil
}
