package inspect

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/participant-client/fault"
)

// A ShareRow is one partition of a share group.
type ShareRow struct {
	Group     text   `json:"group"`
	Topic     text   `json:"topic"`
	Partition number `json:"partition"`
	Start     number `json:"start"`   // every record before it is done
	Lag       number `json:"lag"`     // records that are neither accepted nor rejected
	Members   []text `json:"members"` // IDs of the members that are assigned the partition

	clients []string
}

// ShareRows returns the partitions of a share group that it has begun, or that a member is assigned.
func ShareRows(g *group.Group) []ShareRow {
	sharers := map[group.Partition][]group.Member{}
	for p := range g.Shares {
		sharers[p] = nil
	}
	for _, m := range g.Members { // by ID
		for _, p := range m.Assigned.All() {
			sharers[p] = append(sharers[p], m)
		}
	}

	var out []ShareRow
	for _, p := range slices.SortedFunc(maps.Keys(sharers), group.Partition.Compare) {
		at, begun := g.Shares[p]
		if !begun {
			at = group.SharePartition{Start: -1, Lag: -1}
		}
		r := ShareRow{
			Group: text(g.Name), Topic: text(p.Topic), Partition: number(p.ID), Start: number(at.Start), Lag: number(at.Lag), Members: []text{},
		}
		for _, m := range sharers[p] {
			r.Members = append(r.Members, text(m.ID))
			r.clients = append(r.clients, text(m.ClientID).String())
		}
		out = append(out, r)
	}
	return out
}

// shareTable has the columns of kafka-share-groups --describe, and the members that share each partition.
func shareTable(rows []ShareRow) table {
	t := table{columns: []column{{"GROUP", 15}, {"TOPIC", 15}, {"PARTITION", 10}, {"START-OFFSET", 13}, {"LAG", 10}, {"SHARED-BY", 0}}}
	for _, r := range rows {
		slices.Sort(r.clients)
		shared := strings.Join(r.clients, ", ")
		t.lines = append(t.lines, line{key: fmt.Sprintf("%s %d", r.Topic, r.Partition), member: shared, value: r, cells: texts(
			r.Group, r.Topic, r.Partition, r.Start, r.Lag, text(shared))})
	}
	return t
}

// shareStateTable has the columns of kafka-share-groups --describe --state.
func shareStateTable(s State) table {
	t := stateTable(s)
	const assignor = 2
	t.columns = slices.Delete(t.columns, assignor, assignor+1)
	for i, l := range t.lines {
		t.lines[i].cells = slices.Delete(l.cells, assignor, assignor+1)
	}
	return t
}

// isWrong reports whether the group is of another type than was asked for, or cannot be of that type on this cluster.
func isWrong(err error) bool {
	var wrong *group.TypeError
	return errors.As(err, &wrong) || kafka.Unsupported(err)
}

// explain describes what is wrong, in one line.
func (d Describe) explain(err error) error {
	var wrong *group.TypeError
	switch {
	case errors.Is(err, group.ErrNotFound):
		return err
	case errors.As(err, &wrong) && d.Share:
		return fmt.Errorf("%w: describe it with --lesson scale-up", wrong)
	case errors.As(err, &wrong):
		return fmt.Errorf("%w: describe it with --lesson queues", wrong)
	case d.Share && kafka.Unsupported(err):
		return errors.New(fault.NoShareGroups.Text)
	}
	return fmt.Errorf("describe group %s: %s", d.Group, fault.Explain(err, ""))
}
