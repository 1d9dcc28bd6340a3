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
	out := game.GroupFact{Team: team, Name: name}
	switch {
	case g.err != nil:
		out.Err = g.err.Error()
	case g.consumer != nil && g.consumer.ErrorCode == 0:
		s.consumerFact(&out, g.consumer)
	case g.classic == nil:
		out.Err = text(g.classicErr, "describe group %s: no answer", name)
	case refused(g.classic.ErrorCode) != nil:
		out.Err = fmt.Sprintf("describe group %s: %v", name, refused(g.classic.ErrorCode))
	case len(g.classic.Members) > 0, !absent(g.classic) && noConsumer(g):
		s.classicFact(&out, g.classic)
	case g.consumer != nil && refused(g.consumer.ErrorCode) != nil:
		out.Err = fmt.Sprintf("describe group %s: %v", name, refused(g.consumer.ErrorCode))
	case !noConsumer(g):
		out.Err = text(g.consumerErr, "describe group %s: no answer", name)
	default:
		out.State = notJoined
	}
	s.commits(&out, g)
	return out
}

func text(err error, format, name string) string {
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

func (s *sweeper) classicFact(out *game.GroupFact, g *kmsg.DescribeGroupsResponseGroup) {
	out.State, out.Protocol, out.Assignor = g.State, "classic", g.Protocol
	for _, m := range g.Members {
		member := game.MemberFact{ID: m.MemberID, ClientID: m.ClientID, Host: host(m.ClientHost)}
		var about kmsg.ConsumerMemberMetadata
		if len(m.ProtocolMetadata) > 0 && about.ReadFrom(m.ProtocolMetadata) == nil {
			member.Topics = about.Topics
		}
		var owns kmsg.ConsumerMemberAssignment
		if len(m.MemberAssignment) > 0 && owns.ReadFrom(m.MemberAssignment) == nil {
			for _, t := range owns.Topics {
				if t.Topic == s.topic {
					member.Partitions = append(member.Partitions, t.Partitions...)
				}
			}
		}
		out.Members = append(out.Members, s.finish(member))
	}
	sortMembers(out.Members)
}

func (s *sweeper) consumerFact(out *game.GroupFact, g *kmsg.ConsumerGroupDescribeResponseGroup) {
	out.State, out.Protocol, out.Assignor = g.State, "consumer", g.AssignorName
	for _, m := range g.Members {
		member := game.MemberFact{
			ID: m.MemberID, ClientID: m.ClientID, Host: host(m.ClientHost),
			Topics: m.SubscribedTopics, Partitions: s.assigned(m.Assignment),
		}
		member = s.finish(member)
		target := s.assigned(m.TargetAssignment)
		slices.Sort(target)
		if !slices.Equal(target, member.Partitions) {
			out.Moving = true
			out.Movers = append(out.Movers, apart(target, member.Partitions)...)
		}
		out.Members = append(out.Members, member)
	}
	slices.Sort(out.Movers)
	out.Movers = slices.Compact(out.Movers)
	sortMembers(out.Members)
}

// apart are the partitions that are in one of two assignments alone.
func apart(a, b []int32) []int32 {
	in := func(other []int32) func(int32) bool { return func(p int32) bool { return slices.Contains(other, p) } }
	return append(slices.DeleteFunc(slices.Clone(a), in(b)), slices.DeleteFunc(slices.Clone(b), in(a))...)
}

// assigned are the topic's partitions of an assignment. The embedded broker names topics by id alone.
func (s *sweeper) assigned(a kmsg.Assignment) []int32 {
	var out []int32
	for _, t := range a.TopicPartitions {
		byID := t.Topic == "" && t.TopicID == s.layout.topicID && t.TopicID != [16]byte{}
		if t.Topic == s.topic || byID {
			out = append(out, t.Partitions...)
		}
	}
	return out
}

func (s *sweeper) finish(m game.MemberFact) game.MemberFact {
	slices.Sort(m.Topics)
	slices.Sort(m.Partitions)
	m.OnTopic = len(m.Partitions) > 0 || slices.Contains(m.Topics, s.topic)
	return m
}

// sortMembers puts members in an order of their own: brokers send them in any.
func sortMembers(m []game.MemberFact) {
	slices.SortFunc(m, func(a, b game.MemberFact) int { return cmp.Compare(a.ID, b.ID) })
}

// host drops the slash that Java brokers put before an address.
func host(h string) string {
	if len(h) > 0 && h[0] == '/' {
		return h[1:]
	}
	return h
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
		out.CommitErr = text(g.commitsErr, "fetch committed offsets of %s: no answer", out.Name)
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
			met = append(met, game.Stranger{Group: name, State: f.State, Members: len(f.Members)})
		}
		delete(s.coordinators, name)
	}
	slices.SortFunc(met, func(a, b game.Stranger) int { return cmp.Compare(a.Group, b.Group) })
	s.strangers, s.others = met, nil
}
