// Package group looks at a consumer group from outside, through the admin API: its members, their
// partitions, its commits and what it is behind. It never commits, writes or joins.
package group

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The kinds of group.
const (
	Classic  = "classic"  // members share the partitions out among themselves
	Consumer = "consumer" // KIP-848: the broker shares them out
	Share    = "share"    // KIP-932: members share the records of each partition; only name and state are read
)

// NotJoined is the State of a group that neither kind knows: nobody has joined it yet.
const NotJoined = "NotJoined"

// ErrNoGroup says that neither kind of group of this name exists.
var ErrNoGroup = errors.New("does not exist")

// A Partition is one partition of a topic.
type Partition struct {
	Topic string
	ID    int32
}

// A Member is one member of a group as the coordinator knows it.
type Member struct {
	ID         string
	ClientID   string
	Host       string // as Kafka writes it, often /192.168.1.7
	Static     string // its group.instance.id: one that comes back takes its place again, under another ID
	Topics     []string
	Partitions []Partition // sorted; empty for an idle member
}

// A Group is one look at a group.
type Group struct {
	Name     string
	Kind     string // Classic, Consumer or Share; empty when nobody has joined it
	State    string
	Assignor string
	Members  []Member            // the most partitions first, as Kafka's tool lists them
	Commits  map[Partition]int64 // the next to read; partitions without a commit are missing
	Ends     map[Partition]int64 // log end offsets; partitions without a leader are missing
}

// Rebalancing reports a group whose assignment is about to change.
func (g *Group) Rebalancing() bool {
	switch g.State {
	case "PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling":
		return true
	}
	return false
}

// Lag is how many records the group has yet to read, and whether that can be told: a partition
// without a commit has none.
func (g *Group) Lag(p Partition) (int64, bool) {
	commit, committed := g.Commits[p]
	end, known := g.Ends[p]
	return max(end-commit, 0), committed && known
}

// Read looks at a group once. One that does not exist gives ErrNoGroup.
func Read(ctx context.Context, client *kgo.Client, name string) (*Group, error) {
	g, err := Look(ctx, client, name)
	switch {
	case err != nil:
		return nil, err
	case g.State == NotJoined:
		return nil, fmt.Errorf("consumer group '%s' %w", name, ErrNoGroup)
	case g.Kind == Share:
		return nil, fmt.Errorf("group '%s' is a share group, and consumer group '%s' %w", name, name, ErrNoGroup)
	}
	return g, nil
}

// Look is Read for a group that may be joined later. The topics named besides the group's own have
// their end offsets read too.
func Look(ctx context.Context, client *kgo.Client, name string, topics ...string) (*Group, error) {
	g, err := describe(ctx, client, name)
	if err != nil {
		return nil, fmt.Errorf("describe consumer group '%s': %w", name, err)
	}
	if err := g.readOffsets(ctx, client, topics); err != nil {
		return nil, fmt.Errorf("read the offsets of group %s: %w", name, err)
	}
	return g, nil
}

// describe asks for each kind in turn: each request knows nothing of the others' groups. A KIP-848 answer
// without an error wins, for brokers differ in what DescribeGroups says of such a group.
func describe(ctx context.Context, client *kgo.Client, name string) (*Group, error) {
	g, err := describeConsumer(ctx, client, name)
	if g != nil || err != nil {
		return g, err
	}
	g, err = describeClassic(ctx, client, name)
	if err != nil || g.State != NotJoined {
		return g, err
	}
	return describeShare(ctx, client, name)
}

// describeShare finds out whether a group that is none of the other kinds is a share group.
func describeShare(ctx context.Context, client *kgo.Client, name string) (*Group, error) {
	req := kmsg.NewPtrShareGroupDescribeRequest()
	req.GroupIDs = []string{name}
	resp, err := req.RequestWith(ctx, client)
	if err != nil && ctx.Err() != nil {
		return nil, err
	}
	if err != nil || len(resp.Groups) != 1 || resp.Groups[0].ErrorCode != 0 || resp.Groups[0].GroupState == "Dead" {
		return nobody(name), nil // older brokers have no share groups
	}
	return &Group{Name: name, Kind: Share, State: resp.Groups[0].GroupState}, nil
}

func describeConsumer(ctx context.Context, client *kgo.Client, name string) (*Group, error) {
	req := kmsg.NewPtrConsumerGroupDescribeRequest()
	req.Groups = []string{name}
	resp, err := req.RequestWith(ctx, client)
	switch {
	case err != nil && tooOld(err):
		return nil, nil
	case err != nil:
		return nil, err
	case len(resp.Groups) != 1:
		return nil, nil
	}
	got := &resp.Groups[0]
	switch err := kerr.ErrorForCode(got.ErrorCode); {
	case errors.Is(err, kerr.GroupIDNotFound), errors.Is(err, kerr.UnsupportedVersion), errors.Is(err, kerr.InvalidGroupID):
		return nil, nil
	case err != nil:
		return nil, err
	}
	g := &Group{Name: name, Kind: Consumer, State: got.State, Assignor: got.AssignorName}
	names, err := namesOf(ctx, client, got)
	if err != nil {
		return nil, err
	}
	for _, m := range got.Members {
		member := memberOf(m.MemberID, m.InstanceID, m.ClientID, m.ClientHost)
		member.Topics = m.SubscribedTopics
		for _, t := range m.Assignment.TopicPartitions {
			topic := t.Topic
			if topic == "" {
				topic = names[t.TopicID]
			}
			for _, p := range t.Partitions {
				member.Partitions = append(member.Partitions, Partition{topic, p})
			}
		}
		g.add(member)
	}
	g.sortMembers()
	return g, nil
}

// tooOld reports a broker that has no ConsumerGroupDescribe; the library has no exported error for it.
func tooOld(err error) bool {
	return errors.Is(err, kerr.UnsupportedVersion) || strings.Contains(err.Error(), "broker is too old")
}

// namesOf maps topic ids for brokers that leave the names in an assignment empty.
func namesOf(ctx context.Context, client *kgo.Client, g *kmsg.ConsumerGroupDescribeResponseGroup) (map[kadm.TopicID]string, error) {
	names := map[kadm.TopicID]string{}
	for _, m := range g.Members {
		for _, t := range m.Assignment.TopicPartitions {
			if t.Topic == "" {
				names[t.TopicID] = kadm.TopicID(t.TopicID).String()
			}
		}
	}
	if len(names) == 0 {
		return names, nil
	}
	req := kmsg.NewPtrMetadataRequest()
	for id := range names {
		topic := kmsg.NewMetadataRequestTopic()
		topic.TopicID = id
		req.Topics = append(req.Topics, topic)
	}
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("names of its topics: %w", err)
	}
	for _, t := range resp.Topics {
		if t.Topic != nil && *t.Topic != "" {
			names[t.TopicID] = *t.Topic
		}
	}
	return names, nil
}

func describeClassic(ctx context.Context, client *kgo.Client, name string) (*Group, error) {
	req := kmsg.NewPtrDescribeGroupsRequest()
	req.Groups = []string{name}
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, err
	}
	if len(resp.Groups) != 1 {
		return nobody(name), nil
	}
	got := &resp.Groups[0]
	err = kerr.ErrorForCode(got.ErrorCode)
	if errors.Is(err, kerr.GroupIDNotFound) || (err == nil && got.State == "Dead") {
		return nobody(name), nil
	}
	if err != nil {
		return nil, err
	}
	g := &Group{Name: name, Kind: Classic, State: got.State, Assignor: got.Protocol}
	for _, m := range got.Members {
		member := memberOf(m.MemberID, m.InstanceID, m.ClientID, m.ClientHost)
		var subscribed kmsg.ConsumerMemberMetadata
		if subscribed.ReadFrom(m.ProtocolMetadata) == nil {
			member.Topics = subscribed.Topics
		}
		var assigned kmsg.ConsumerMemberAssignment // empty while the group rebalances
		if assigned.ReadFrom(m.MemberAssignment) == nil {
			for _, t := range assigned.Topics {
				for _, p := range t.Partitions {
					member.Partitions = append(member.Partitions, Partition{t.Topic, p})
				}
			}
		}
		g.add(member)
	}
	g.sortMembers()
	return g, nil
}

// memberOf cleans what a member says of itself: it goes to a terminal.
func memberOf(id string, static *string, client, host string) Member {
	text := func(s string) string { return workshop.CleanText(s, workshop.MaxText) }
	out := Member{ID: workshop.ShownID(id), ClientID: text(client), Host: text(host)}
	if static != nil {
		out.Static = *static
	}
	return out
}

func nobody(name string) *Group { return &Group{Name: name, State: NotJoined} }

func (g *Group) add(m Member) {
	slices.SortFunc(m.Partitions, ByTopic)
	g.Members = append(g.Members, m)
}

func (g *Group) sortMembers() {
	slices.SortFunc(g.Members, func(a, b Member) int {
		if c := cmp.Compare(len(b.Partitions), len(a.Partitions)); c != 0 {
			return c
		}
		if len(a.Partitions) > 0 {
			if c := ByTopic(a.Partitions[0], b.Partitions[0]); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.ID, b.ID)
	})
}

// ByTopic orders partitions by topic and number.
func ByTopic(a, b Partition) int {
	return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.ID, b.ID))
}

// Address is a member's host without the slash that Kafka writes before it, and without the port of
// the embedded broker.
func Address(host string) string {
	host = strings.TrimPrefix(host, "/")
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}
