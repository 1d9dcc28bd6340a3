package inspect

import (
	"cmp"
	"maps"
	"slices"

	"kafka-workshop/internal/group"
)

// A Row is one partition of a group, or a member that owns none.
type Row struct {
	Group     text   `json:"group"`
	Topic     text   `json:"topic"`
	Partition number `json:"partition"`
	Committed number `json:"committed"`
	End       number `json:"end"`
	Lag       number `json:"lag"`
	MemberID  text   `json:"member_id"`
	Host      host   `json:"host"`
	ClientID  text   `json:"client_id"`
}

// Rows returns the partitions of a group in the order of Kafka's tool: by member, the one with the most partitions
// first, then the partitions that are committed and have no owner. A member that owns none, which newer versions of the
// tool leave out, has a row of its own.
func Rows(g *group.Group) []Row {
	var rows []Row
	free := maps.Clone(g.Offsets)
	for _, m := range slices.SortedFunc(slices.Values(g.Members), byPartitions) {
		owned := m.Assigned.All()
		for _, p := range owned {
			rows = append(rows, row(g, p, m))
			delete(free, p)
		}
		if len(owned) == 0 {
			idle := group.Partition{ID: -1}
			rows = append(rows, row(g, idle, m))
		}
	}

	for _, p := range slices.SortedFunc(maps.Keys(free), group.Partition.Compare) {
		if free[p].Committed >= 0 {
			rows = append(rows, row(g, p, group.Member{}))
		}
	}
	return rows
}

// byPartitions orders members as Kafka's tool does: the most partitions first, then the first partition.
func byPartitions(a, b group.Member) int {
	first, second := a.Assigned.All(), b.Assigned.All()
	if len(first) != len(second) || len(first) == 0 {
		return cmp.Or(cmp.Compare(len(second), len(first)), cmp.Compare(a.ID, b.ID))
	}
	return cmp.Or(first[0].Compare(second[0]), cmp.Compare(a.ID, b.ID))
}

func row(g *group.Group, p group.Partition, m group.Member) Row {
	o := g.OffsetsOf(p)
	lag := int64(-1)
	if o.Committed >= 0 && o.End >= 0 {
		lag = max(o.End-o.Committed, 0) // Kafka's tool counts records before the log start too, unlike o.Lag
	}

	return Row{
		Group: text(g.Name), Topic: text(p.Topic), Partition: number(p.ID),
		Committed: number(o.Committed), End: number(o.End), Lag: number(lag),
		MemberID: text(m.ID), Host: host(m.Host), ClientID: text(m.ClientID),
	}
}

// A Member is one member of a group with everything that it owns.
type Member struct {
	Group    text             `json:"group"`
	MemberID text             `json:"member_id"`
	Instance text             `json:"instance_id"` // group.instance.id of a static member
	Host     host             `json:"host"`
	ClientID text             `json:"client_id"`
	Assigned group.Assignment `json:"assigned"`
}

// Members returns the members of a group in the order of Kafka's tool.
func Members(g *group.Group) []Member {
	var out []Member
	for _, m := range slices.SortedFunc(slices.Values(g.Members), byPartitions) {
		assigned := m.Assigned
		if assigned == nil {
			assigned = group.Assignment{}
		}
		out = append(out, Member{
			Group: text(g.Name), MemberID: text(m.ID), Instance: text(m.Instance), Host: host(m.Host), ClientID: text(m.ClientID),
			Assigned: assigned,
		})
	}
	return out
}

// A State is a group as a whole.
type State struct {
	Group         text   `json:"group"`
	Coordinator   text   `json:"coordinator"` // host:port
	CoordinatorID number `json:"coordinator_id"`
	Protocol      text   `json:"protocol"`
	Assignor      text   `json:"assignor"`
	State         text   `json:"state"`
	Members       int    `json:"members"`
}
