package group

import (
	"cmp"
	"errors"
	"slices"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Bounds of what is decoded of one member.
const (
	maxMetadata   = 64 << 10 // bytes of a classic member's metadata or assignment; on ten topics it is less than 1 KB
	maxPartitions = 10_000   // no partition has this number or a higher one
)

// ErrNoAnswer reports a response that leaves out the group that was asked for.
var ErrNoAnswer = errors.New("no answer")

// Answers are what brokers returned for one group, described by both protocols: neither request finds the other
// protocol's groups. A response or its error may be missing: if the group's type is known, only one request is sent.
type Answers struct {
	Classic     *kmsg.DescribeGroupsResponseGroup
	ClassicErr  error
	Consumer    *kmsg.ConsumerGroupDescribeResponseGroup
	ConsumerErr error
}

// Decode makes a group of the answers. It is NotJoined if neither protocol knows it. A KIP-848 answer without an error
// wins, because brokers differ in what DescribeGroups returns for such a group. names maps topic IDs to names, for
// brokers that leave the names out of assignments.
func (a Answers) Decode(name string, names map[[16]byte]string) (*Group, error) {
	switch {
	case a.Consumer != nil && a.Consumer.ErrorCode == 0:
		return decodeConsumer(name, a.Consumer, names), nil
	case a.Classic == nil:
		return nil, cmp.Or(a.ClassicErr, a.ConsumerErr, ErrNoAnswer)
	case Refused(a.Classic.ErrorCode) != nil:
		return nil, Refused(a.Classic.ErrorCode)
	case len(a.Classic.Members) > 0, !a.noClassic() && a.noConsumer():
		return decodeClassic(name, a.Classic), nil
	case a.Consumer != nil && Refused(a.Consumer.ErrorCode) != nil:
		return nil, Refused(a.Consumer.ErrorCode)
	case !a.noConsumer():
		return nil, cmp.Or(a.ConsumerErr, ErrNoAnswer)
	}
	return &Group{Name: name, State: NotJoined}, nil
}

// Refused returns the error of an answer, except for the errors with which brokers report that there is no such group.
func Refused(code int16) error {
	switch code {
	case kerr.GroupIDNotFound.Code, kerr.UnsupportedVersion.Code:
		return nil
	}
	return kerr.ErrorForCode(code)
}

// noClassic reports whether the answer is about a group that does not exist, or is not classic: error 69, or Dead
// without an error from brokers before 4.0.
func (a Answers) noClassic() bool {
	return a.Classic.ErrorCode == kerr.GroupIDNotFound.Code || a.Classic.State == Dead || a.Classic.State == ""
}

// noConsumer reports whether the group is certainly not of KIP-848.
func (a Answers) noConsumer() bool {
	if a.Consumer == nil {
		return kafka.Unsupported(a.ConsumerErr)
	}
	return a.Consumer.ErrorCode != 0 && Refused(a.Consumer.ErrorCode) == nil
}

func decodeClassic(name string, g *kmsg.DescribeGroupsResponseGroup) *Group {
	out := &Group{Name: name, Protocol: Classic, State: clean(g.State), Assignor: clean(g.Protocol)}
	out.Members = slices.Grow(out.Members, len(g.Members))
	for _, m := range g.Members {
		member := decodeMember(m.MemberID, m.InstanceID, m.ClientID, m.ClientHost)
		member.Topics = subscription(m.ProtocolMetadata)
		member.Assigned = classicAssignment(m.MemberAssignment)
		out.Members = append(out.Members, member)
	}

	out.sortMembers()
	return out
}

// subscription returns the topics in a classic member's metadata; none if it cannot be decoded.
func subscription(metadata []byte) []string {
	var decoded kmsg.ConsumerMemberMetadata
	if len(metadata) == 0 || len(metadata) > maxMetadata || decoded.ReadFrom(metadata) != nil {
		return nil
	}
	return decoded.Topics
}

// classicAssignment decodes what the group's leader, which may be any program, assigned to a member.
func classicAssignment(assignment []byte) Assignment {
	var decoded kmsg.ConsumerMemberAssignment
	if len(assignment) == 0 || len(assignment) > maxMetadata || decoded.ReadFrom(assignment) != nil {
		return nil
	}

	out := Assignment{}
	for _, t := range decoded.Topics {
		out[t.Topic] = append(out[t.Topic], t.Partitions...)
	}
	return out.tidy()
}

func decodeConsumer(name string, g *kmsg.ConsumerGroupDescribeResponseGroup, names map[[16]byte]string) *Group {
	out := &Group{Name: name, Protocol: Consumer, State: clean(g.State), Assignor: clean(g.AssignorName)}
	out.Members = slices.Grow(out.Members, len(g.Members))
	for _, m := range g.Members {
		member := decodeMember(m.MemberID, m.InstanceID, m.ClientID, m.ClientHost)
		member.Topics = m.SubscribedTopics
		if m.SubscribedTopicRegex != nil {
			member.TopicRegex = *m.SubscribedTopicRegex
		}
		member.Assigned = consumerAssignment(m.Assignment, names)
		member.Target = consumerAssignment(m.TargetAssignment, names)
		out.Members = append(out.Members, member)
	}

	out.sortMembers()
	return out
}

// consumerAssignment decodes an assignment of KIP-848. Topics with no name, neither there nor in names, are left out.
func consumerAssignment(a kmsg.Assignment, names map[[16]byte]string) Assignment {
	out := Assignment{}
	for _, t := range a.TopicPartitions {
		topic := cmp.Or(t.Topic, names[t.TopicID])
		if topic != "" {
			out[topic] = append(out[topic], t.Partitions...)
		}
	}
	return out.tidy()
}

// tidy sorts the partitions and drops repeated and impossible ones.
func (a Assignment) tidy() Assignment {
	for topic, partitions := range a {
		possible := slices.DeleteFunc(partitions, func(p int32) bool { return p < 0 || p >= maxPartitions })
		slices.Sort(possible)
		a[topic] = slices.Compact(possible)
	}
	return a
}

func decodeMember(id string, instance *string, clientID, host string) Member {
	out := Member{
		ID:       workshop.ShownID(id),
		ClientID: clean(clientID),
		Host:     clean(host),

		RawID:       id,
		RawInstance: instance,
	}
	if instance != nil {
		out.Instance = workshop.ShownID(*instance)
	}
	return out
}

// sortMembers orders members by ID, each once: brokers send them in any order.
func (g *Group) sortMembers() {
	slices.SortFunc(g.Members, func(a, b Member) int { return cmp.Compare(a.ID, b.ID) })
	g.Members = slices.CompactFunc(g.Members, func(a, b Member) bool { return a.ID == b.ID })
}

func clean(text string) string { return workshop.CleanText(text, workshop.MaxText) }
