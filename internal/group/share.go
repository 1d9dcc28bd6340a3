package group

import (
	"context"
	"fmt"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A SharePartition is how far a share group has got in a partition; -1 is unknown. Apache Kafka stores it with the
// first acknowledgement, so it is unknown for a partition from which records were only acquired.
type SharePartition struct {
	Start int64 // every record before it is done; it may trail the first one that is not
	Lag   int64 // records that are neither accepted nor rejected; unknown before Kafka 4.2
}

// A TypeError reports a group of another type than was asked for. Its text is the beginning of a sentence, because the
// remedy depends on the caller.
type TypeError struct{ Name, Protocol string }

func (e *TypeError) Error() string {
	if e.Protocol == Share {
		return e.Name + " is a share group, whose members share the records of each partition"
	}
	return e.Name + " is a consumer group, whose members own partitions"
}

// CheckType returns a *TypeError if the group exists and is not a share group, or, with share false, is one.
func (g *Group) CheckType(share bool) error {
	if g.Protocol == "" || (g.Protocol == Share) == share {
		return nil
	}
	return &TypeError{g.Name, g.Protocol}
}

// FindShare describes a share group that must exist, and fills Shares. It returns ErrNotFound for one that nobody has
// joined yet, and a *TypeError for a consumer group. kafka.Unsupported recognizes the error of a broker without share
// groups.
func FindShare(ctx context.Context, client *kgo.Client, name string) (*Group, error) {
	g, err := describeShareGroup(ctx, client, name)
	if err != nil {
		return nil, fmt.Errorf("describe share group '%s': %w", name, err)
	}
	if g.State == NotJoined {
		other, err := describeConsumerGroup(ctx, client, name)
		if err != nil {
			return nil, fmt.Errorf("describe group '%s': %w", name, err)
		}
		if err := other.CheckType(true); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("share group '%s' %w", name, ErrNotFound)
	}

	if g.Shares, err = readShares(ctx, client, name); err != nil {
		return nil, fmt.Errorf("read the offsets of share group %s: %w", name, err)
	}
	return g, nil
}

// DescribeShare describes a share group, and fills Shares for the partitions of a topic. A group that does not exist is
// NotJoined. kafka.Unsupported recognizes the error of a broker without share groups.
func DescribeShare(ctx context.Context, client *kgo.Client, name, topic string) (*Group, error) {
	g, err := describeShareGroup(ctx, client, name)
	if err != nil {
		return nil, fmt.Errorf("describe share group '%s': %w", name, err)
	}

	if g.Shares, err = readShares(ctx, client, name); err != nil {
		return nil, fmt.Errorf("read the offsets of share group %s: %w", name, err)
	}
	for p := range g.Shares {
		if p.Topic != topic {
			delete(g.Shares, p)
		}
	}
	return g, nil
}

func describeShareGroup(ctx context.Context, client *kgo.Client, name string) (*Group, error) {
	req := kmsg.NewPtrShareGroupDescribeRequest()
	req.GroupIDs = []string{name}
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, err
	}
	if len(resp.Groups) != 1 {
		return nil, ErrNoAnswer
	}
	return DecodeShare(name, &resp.Groups[0])
}

// DecodeShare makes a group of one group's part of a ShareGroupDescribe response. It is NotJoined if there is no share
// group of that name. kafka.Unsupported recognizes the error of a broker on which share groups are off.
func DecodeShare(name string, g *kmsg.ShareGroupDescribeResponseGroup) (*Group, error) {
	switch {
	case g.ErrorCode == kerr.GroupIDNotFound.Code, g.ErrorCode == 0 && g.GroupState == Dead:
		return &Group{Name: name, State: NotJoined}, nil
	case g.ErrorCode != 0:
		return nil, kerr.ErrorForCode(g.ErrorCode)
	}

	out := &Group{Name: name, Protocol: Share, State: clean(g.GroupState), Assignor: clean(g.Assignor)}
	for _, m := range g.Members {
		member := decodeMember(m.MemberID, nil, m.ClientID, m.ClientHost)
		member.Topics = m.SubscribedTopicNames
		member.Assigned = Assignment{}
		for _, t := range m.Assignment.TopicPartitions {
			if t.Topic != "" {
				member.Assigned[t.Topic] = append(member.Assigned[t.Topic], t.Partitions...)
			}
		}
		member.Assigned.tidy()
		out.Members = append(out.Members, member)
	}
	out.sortMembers()
	return out, nil
}

// readShares reads how far a share group has got in each partition that it has begun.
func readShares(ctx context.Context, client *kgo.Client, name string) (map[Partition]SharePartition, error) {
	req := kmsg.NewPtrDescribeShareGroupOffsetsRequest()
	asked := kmsg.NewDescribeShareGroupOffsetsRequestGroup()
	asked.GroupID = name
	req.Groups = append(req.Groups, asked)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, err
	}
	if len(resp.Groups) != 1 {
		return nil, ErrNoAnswer
	}
	return DecodeShares(resp.Version, &resp.Groups[0])
}

// DecodeShares reads one group's part of a DescribeShareGroupOffsets response of a version. Partitions that the broker has no
// answer for are left out.
func DecodeShares(version int16, g *kmsg.DescribeShareGroupOffsetsResponseGroup) (map[Partition]SharePartition, error) {
	if err := Refused(g.ErrorCode); err != nil {
		return nil, err
	}

	out := map[Partition]SharePartition{}
	for _, t := range g.Topics {
		for _, p := range t.Partitions {
			if p.ErrorCode != 0 || p.Partition < 0 || p.Partition >= maxPartitions {
				continue
			}
			at := SharePartition{Start: max(p.StartOffset, -1), Lag: max(p.Lag, -1)}
			if version < 1 || at.Start < 0 {
				at.Lag = -1
			}
			out[Partition{Topic: t.Topic, ID: p.Partition}] = at
		}
	}
	return out, nil
}

// findShare checks whether a group that is no consumer group is a share group. Brokers before 4.1 have none.
func findShare(ctx context.Context, client *kgo.Client, name string) (*Group, error) {
	g, err := describeShareGroup(ctx, client, name)
	if kafka.Unsupported(err) {
		return &Group{Name: name, State: NotJoined}, nil
	}
	return g, err
}
