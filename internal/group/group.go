// Package group reads consumer groups and share groups through Kafka's admin API: their state, members, assignments, offsets
// and lag. It decodes the classic protocol, KIP-848 and KIP-932. It never joins a group or commits to one.
//
// Members write most of what is read here. Decoding is bounded, and names that are meant for people are cleaned.
package group

import (
	"cmp"
	"maps"
	"net"
	"slices"
	"strings"
)

// Protocols of a group, as ListGroups names their types.
const (
	Classic  = "classic"  // the members share the partitions out among themselves
	Consumer = "consumer" // KIP-848: the broker assigns partitions
	Share    = "share"    // KIP-932: members share the records of each partition
)

// States of a group, as Kafka names them.
const (
	Empty               = "Empty"
	PreparingRebalance  = "PreparingRebalance"  // classic: members are joining
	CompletingRebalance = "CompletingRebalance" // classic: the leader assigns partitions
	Assigning           = "Assigning"           // KIP-848: the broker computes the target assignment
	Reconciling         = "Reconciling"         // KIP-848: members move to the target assignment
	Stable              = "Stable"
	Dead                = "Dead" // brokers before 4.0 report it for a group that does not exist, too

	// NotJoined is this product's name for a group that does not exist yet.
	NotJoined = "NotJoined"
)

// Rebalancing reports whether partitions change hands in a state.
func Rebalancing(state string) bool {
	switch state {
	case PreparingRebalance, CompletingRebalance, Assigning, Reconciling:
		return true
	}
	return false
}

// A Group is a group as Kafka describes it at one moment.
type Group struct {
	Name     string
	Protocol string // Classic, Consumer or Share; empty if NotJoined
	State    string
	Assignor string
	Members  []Member              // by ID
	Offsets  map[Partition]Offsets // of partitions that are committed, assigned or asked for; not of a share group

	// Shares are of the partitions that a share group has begun.
	Shares map[Partition]SharePartition
}

// On returns the group as it concerns one topic: all of its members, and what they own of the topic.
func (g *Group) On(topic string) Group {
	out := *g
	out.Members = slices.Clone(g.Members)
	for i, m := range out.Members {
		out.Members[i].Assigned = m.Assigned.on(topic)
		out.Members[i].Target = m.Target.on(topic)
	}
	out.Offsets = maps.Clone(g.Offsets)
	maps.DeleteFunc(out.Offsets, func(p Partition, _ Offsets) bool { return p.Topic != topic })
	out.Shares = maps.Clone(g.Shares)
	maps.DeleteFunc(out.Shares, func(p Partition, _ SharePartition) bool { return p.Topic != topic })
	return out
}

// OffsetsOf returns a partition's offsets, all unknown if Offsets does not hold it.
func (g *Group) OffsetsOf(p Partition) Offsets {
	if o, known := g.Offsets[p]; known {
		return o
	}
	return Offsets{Committed: -1, Start: -1, End: -1}
}

// A Member is one member of a group as the coordinator describes it.
type Member struct {
	ID       string // as it is shown: see workshop.ShownID
	ClientID string
	Host     string // as Kafka writes it, often /192.168.1.7: see Address
	Instance string // group.instance.id of a static member (KIP-345), which keeps its place under a new ID

	// Topics are the names that it subscribes to and TopicRegex the expression (KIP-848 only), neither of them cleaned.
	// Both are empty if the broker does not report them.
	Topics     []string
	TopicRegex string

	// Assigned is empty while a classic group rebalances, on some brokers. In a share group, several members may be assigned
	// the same partition. Target is what the broker wants the member to own in the end (KIP-848 only).
	Assigned Assignment
	Target   Assignment

	// RawID and RawInstance are what requests about the member have to carry.
	RawID       string
	RawInstance *string
}

// An Assignment holds partitions by topic, ascending, each once.
type Assignment map[string][]int32

func (a Assignment) on(topic string) Assignment {
	if len(a[topic]) == 0 {
		return nil
	}
	return Assignment{topic: a[topic]}
}

// All returns the partitions in order.
func (a Assignment) All() []Partition {
	var out []Partition
	for _, topic := range slices.Sorted(maps.Keys(a)) {
		for _, id := range a[topic] {
			out = append(out, Partition{Topic: topic, ID: id})
		}
	}
	return out
}

// A Partition is one partition of a topic.
type Partition struct {
	Topic string
	ID    int32
}

// Compare orders partitions by topic and number.
func (p Partition) Compare(other Partition) int {
	return cmp.Or(cmp.Compare(p.Topic, other.Topic), cmp.Compare(p.ID, other.ID))
}

// Offsets are the offsets of a partition; -1 is unknown, or not committed.
type Offsets struct {
	Committed int64 // the next offset to read
	Start     int64 // the first record that exists
	End       int64 // the next record to be written
}

// Lag returns how many existing records are not committed, or -1 if that is unknown. Records that retention deleted
// before they were read do not count.
func (o Offsets) Lag() int64 {
	if o.Committed < 0 || o.End < 0 {
		return -1
	}
	return max(o.End-max(o.Committed, o.Start), 0)
}

// Address returns a member's host without the slash that Kafka puts before it, and without the port that the embedded
// broker adds.
func Address(host string) string {
	host = strings.TrimPrefix(host, "/")
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}
