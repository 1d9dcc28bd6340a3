package observe

import (
	"cmp"
	"regexp"
	"slices"

	"kafka-workshop/internal/group"
	"kafka-workshop/leaderboard/game"
)

// Limits on what is stored of a group, besides those of its decoding. Its members write all of it.
const (
	maxMembers = 64 // or the topic's number of partitions, if that is higher
	maxTopics  = 16 // of a member's subscription

	maxExpressions   = 1000 // compiled and cached
	maxExpressionLen = 1024
)

// memberFact builds a fact from what concerns the lesson's topic. For a classic member that subscribes by an expression,
// Kafka knows only the topics that its client found; some brokers do not return expressions at all.
func (s *sweeper) memberFact(m group.Member) game.MemberFact {
	matches, known := false, len(m.Topics) > 0
	if m.TopicRegex != "" {
		matches, known = s.matches(m.TopicRegex)
	}
	partitions := s.existing(m.Assigned[s.topic])
	onTopic := len(partitions) > 0 || matches || slices.Contains(m.Topics, s.topic)

	var topics []string
	for _, name := range m.Topics[:min(len(m.Topics), maxTopics)] {
		topics = append(topics, clean(name))
	}
	slices.Sort(topics)
	return game.MemberFact{
		ID:         m.ID,
		ClientID:   m.ClientID,
		Host:       group.Address(m.Host),
		Instance:   m.Instance,
		Topics:     topics,
		Partitions: partitions,
		OnTopic:    onTopic,
		Elsewhere:  known && !onTopic,
	}
}

// matches reports whether an expression by which a member subscribes (KIP-848) matches the topic, and whether that is known:
// it is unknown if the expression does not compile here. Brokers match whole names with RE2/J, which has Go's syntax.
func (s *sweeper) matches(expression string) (matches, known bool) {
	if len(expression) > maxExpressionLen {
		return false, false
	}

	re, seen := s.topicExpressions[expression]
	if !seen {
		re, _ = regexp.Compile("^(?:" + expression + ")$")
		if len(s.topicExpressions) >= maxExpressions {
			clear(s.topicExpressions)
		}
		s.topicExpressions[expression] = re
	}
	if re == nil {
		return false, false
	}
	return re.MatchString(s.topic), true
}

// existing returns those of the ascending partitions that the topic has. The group's leader makes the assignment, and may put
// any number into it. While the number of partitions is unknown, all are returned.
func (s *sweeper) existing(partitions []int32) []int32 {
	count := cmp.Or(len(s.metadata.Leaders), s.partitions)
	if count == 0 {
		return partitions
	}
	n, _ := slices.BinarySearch(partitions, int32(count))
	return partitions[:n]
}

// limitMembers keeps at most as many members as can be shown, ordered by ID, preferring those with partitions.
func (s *sweeper) limitMembers(g *game.GroupFact) {
	most := max(maxMembers, len(s.metadata.Leaders))
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
	g.Members = slices.Clone(g.Members[:most]) // a clone, so that the rest can be collected
	slices.SortFunc(g.Members, func(a, b game.MemberFact) int { return cmp.Compare(a.ID, b.ID) })
}
