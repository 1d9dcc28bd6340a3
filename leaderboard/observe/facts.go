package observe

import (
	"cmp"
	"fmt"
	"slices"

	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// fact makes one group's answers into a fact. A group that is found on neither protocol is not
// joined; a missing answer is an error of this group alone.
func (s *sweeper) fact(team int, name string, g *answer) game.GroupFact {
	out := game.GroupFact{Team: team, Name: name, Share: s.shares[name]}
	switch {
	case g.err != nil:
		out.Err = g.err.Error()
	case g.consumer != nil && g.consumer.ErrorCode == 0:
		s.consumerFact(&out, g.consumer)
	case g.classic == nil:
		out.Err = reason(g.classicErr, "describe group %s: no answer", name)
	case refused(g.classic.ErrorCode) != nil:
		out.Err = fmt.Sprintf("describe group %s: %v", name, refused(g.classic.ErrorCode))
	case len(g.classic.Members) > 0, !absent(g.classic) && noConsumer(g):
		s.classicFact(&out, g.classic)
	case g.consumer != nil && refused(g.consumer.ErrorCode) != nil:
		out.Err = fmt.Sprintf("describe group %s: %v", name, refused(g.consumer.ErrorCode))
	case !noConsumer(g):
		out.Err = reason(g.consumerErr, "describe group %s: no answer", name)
	default:
		out.State = notJoined
	}
	s.commits(&out, g)
	return out
}

func reason(err error, format, name string) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf(format, name)
}

// refused is the error of an answer that says nothing about the group.
func refused(code int16) error {
	if code == 0 || code == kerr.GroupIDNotFound.Code || code == kerr.UnsupportedVersion.Code {
		return nil
	}
	return kerr.ErrorForCode(code)
}

// absent reports a classic answer for a group that there is not, or that is of the new protocol:
// error 69, or Dead without an error on brokers before 4.0.
func absent(g *kmsg.DescribeGroupsResponseGroup) bool {
	return g.ErrorCode == kerr.GroupIDNotFound.Code || g.State == "Dead" || g.State == ""
}

// noConsumer reports that the group is certainly not of the new protocol.
func noConsumer(g *answer) bool {
	if g.consumer != nil {
		return g.consumer.ErrorCode == kerr.GroupIDNotFound.Code || g.consumer.ErrorCode == kerr.UnsupportedVersion.Code
	}
	return unsupported(g.consumerErr)
}

// commits fills in what the group committed on the topic; -1 is no commit yet.
func (s *sweeper) commits(out *game.GroupFact, g *answer) {
	out.Committed = map[int32]int64{}
	switch {
	case g.err != nil:
		out.CommitErr = g.err.Error()
		return
	case s.layout.err != nil:
		out.CommitErr = s.layout.err.Error()
		return
	case g.commits == nil:
		out.CommitErr = reason(g.commitsErr, "fetch committed offsets of %s: no answer", out.Name)
		return
	case refused(g.commits.ErrorCode) != nil:
		out.CommitErr = fmt.Sprintf("fetch committed offsets of %s: %v", out.Name, refused(g.commits.ErrorCode))
		return
	}
	for _, t := range g.commits.Topics {
		if t.Topic != s.topic && t.TopicID != s.layout.topicID {
			continue
		}
		for _, p := range t.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				out.CommitErr = fmt.Sprintf("fetch committed offsets of %s: %v", out.Name, err)
				s.layout.dirty = true
			} else if p.Offset >= 0 {
				out.Committed[p.Partition] = p.Offset
			}
		}
	}
}

// meetStrangers keeps, of the groups that were described beside the teams', those on the topic.
func (s *sweeper) meetStrangers(a *answers) {
	if s.others == nil {
		return
	}
	met := []game.Stranger{}
	for _, name := range s.others {
		f := s.fact(0, name, a.of(name))
		on := len(f.Committed) > 0 || slices.ContainsFunc(f.Members, func(m game.MemberFact) bool { return m.OnTopic })
		if f.Err == "" && on {
			met = append(met, game.Stranger{Group: text(name), State: f.State, Members: len(f.Members) + f.More})
		}
		delete(s.coordinators, name)
	}
	slices.SortFunc(met, func(a, b game.Stranger) int { return cmp.Compare(a.Group, b.Group) })
	s.strangers, s.others = met, nil
}
