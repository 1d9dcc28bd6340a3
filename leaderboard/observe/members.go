package observe

import (
	"cmp"
	"regexp"
	"slices"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Bounds of what is taken of a group. All of it is written by its members.
const (
	mostMembers    = 64 // shown, or as many as the topic has partitions
	mostTopics     = 16 // of a member's subscription
	mostPartitions = 10_000

	mostExpressions   = 1000 // compiled, and kept
	longestExpression = 1024
	longestMetadata   = 64 << 10 // that is parsed; a member on ten topics sends less than 1 KB
)

func (s *sweeper) classicFact(out *game.GroupFact, g *kmsg.DescribeGroupsResponseGroup) {
	out.State, out.Protocol, out.Assignor = text(g.State), "classic", text(g.Protocol)
	for _, m := range g.Members {
		member := memberFact(m.MemberID, m.ClientID, m.ClientHost, m.InstanceID)
		member.Topics = subscribed(m.ProtocolMetadata)
		member.Partitions = s.owned(m.MemberAssignment)
		out.Members = append(out.Members, s.finish(member, nil))
	}
	s.bound(out)
}

// subscribed are the topics of a classic member's metadata; none where that is not what it should be.
func subscribed(metadata []byte) []string {
	var about kmsg.ConsumerMemberMetadata
	if len(metadata) == 0 || len(metadata) > longestMetadata || about.ReadFrom(metadata) != nil {
		return nil
	}
	return about.Topics
}

// owned are the topic's partitions of a classic member's assignment.
func (s *sweeper) owned(assignment []byte) (out []int32) {
	var owns kmsg.ConsumerMemberAssignment
	if len(assignment) == 0 || len(assignment) > longestMetadata || owns.ReadFrom(assignment) != nil {
		return nil
	}
	for _, t := range owns.Topics {
		if t.Topic == s.topic {
			out = append(out, t.Partitions...)
		}
	}
	return out
}

func (s *sweeper) consumerFact(out *game.GroupFact, g *kmsg.ConsumerGroupDescribeResponseGroup) {
	out.State, out.Protocol, out.Assignor = text(g.State), "consumer", text(g.AssignorName)
	for _, m := range g.Members {
		member := memberFact(m.MemberID, m.ClientID, m.ClientHost, m.InstanceID)
		member.Topics, member.Partitions = m.SubscribedTopics, s.assigned(m.Assignment)
		member = s.finish(member, m.SubscribedTopicRegex)
		target := s.existing(s.assigned(m.TargetAssignment))
		if !slices.Equal(target, member.Partitions) {
			out.Moving = true
			out.Movers = append(out.Movers, apart(target, member.Partitions)...)
		}
		out.Members = append(out.Members, member)
	}
	slices.Sort(out.Movers)
	out.Movers = slices.Compact(out.Movers)
	s.bound(out)
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

// finish bounds what the member says of itself, once it is known whether that is about the topic. Of a
// classic member with an expression only the names are known that its client found; of a broker that tells
// no expression, nothing.
func (s *sweeper) finish(m game.MemberFact, expression *string) game.MemberFact {
	m.Partitions = s.existing(m.Partitions)
	matches, known := false, len(m.Topics) > 0
	if expression != nil && *expression != "" {
		matches, known = s.matches(*expression)
	}
	m.OnTopic = len(m.Partitions) > 0 || matches || slices.Contains(m.Topics, s.topic)
	m.Elsewhere = known && !m.OnTopic

	var topics []string
	for _, name := range m.Topics[:min(len(m.Topics), mostTopics)] {
		topics = append(topics, text(name))
	}
	slices.Sort(topics)
	m.Topics = topics
	return m
}

// matches reports whether an expression that is subscribed to (KIP-848) takes the topic. Brokers match whole
// names with RE2/J, which takes the same syntax; one that does not compile here is not known.
func (s *sweeper) matches(expression string) (matches, known bool) {
	if len(expression) > longestExpression {
		return false, false
	}
	re, seen := s.expressions[expression]
	if !seen {
		re, _ = regexp.Compile("^(?:" + expression + ")$") // nil is not known
		if len(s.expressions) >= mostExpressions {
			clear(s.expressions)
		}
		s.expressions[expression] = re
	}
	if re == nil {
		return false, false
	}
	return re.MatchString(s.topic), true
}

// existing are the partitions that the topic has, each once, ascending. An assignment is what the
// group's leader made of it, and may name any number. While it is not known how many there are,
// those that could be are kept.
func (s *sweeper) existing(partitions []int32) []int32 {
	count := cmp.Or(len(s.layout.leaders), s.partitions, mostPartitions)
	out := slices.DeleteFunc(partitions, func(p int32) bool { return p < 0 || int(p) >= count })
	slices.Sort(out)
	return slices.Compact(out)
}

// bound keeps so many members as can be shown, those with partitions first, and orders them by id:
// brokers send them in any order.
func (s *sweeper) bound(g *game.GroupFact) {
	slices.SortFunc(g.Members, func(a, b game.MemberFact) int { return cmp.Compare(a.ID, b.ID) })
	g.Members = slices.CompactFunc(g.Members, func(a, b game.MemberFact) bool { return a.ID == b.ID })
	most := max(mostMembers, len(s.layout.leaders))
	if len(g.Members) <= most {
		return
	}

	rank := func(m game.MemberFact) int {
		switch {
		case len(m.Partitions) > 0:
			return 0
		case m.OnTopic:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(g.Members, func(a, b game.MemberFact) int { return cmp.Compare(rank(a), rank(b)) })
	g.More = len(g.Members) - most
	g.Members = slices.Clone(g.Members[:most]) // the rest is not held
	slices.SortFunc(g.Members, func(a, b game.MemberFact) int { return cmp.Compare(a.ID, b.ID) })
}

// text is what others wrote, as it is shown.
func text(s string) string { return workshop.CleanText(s, workshop.MaxText) }

// memberFact is a member without what it reads.
func memberFact(id, client, at string, instance *string) game.MemberFact {
	out := game.MemberFact{ID: workshop.ShownID(id), ClientID: text(client), Host: text(host(at))}
	if instance != nil {
		out.Instance = workshop.ShownID(*instance)
	}
	return out
}

// host drops the slash that Java brokers put before an address.
func host(h string) string {
	if len(h) > 0 && h[0] == '/' {
		return h[1:]
	}
	return h
}
