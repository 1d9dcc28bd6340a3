package inspect

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kafka-workshop/internal/group"
)

// A table is what one look at a group shows, in a form that suits all views.
type table struct {
	columns []column
	lines   []line
}

// A column has a name and a minimum width, as in Kafka's tool.
type column struct {
	name  string
	width int
}

// A line is one row of a table.
type line struct {
	key    string // identifies the line's subject, also in the next look
	member string // the member that it is about, empty if none
	cells  []string
	value  any // for JSON
}

// partitionTable has the columns of kafka-consumer-groups --describe.
func partitionTable(rows []Row) table {
	t := table{columns: []column{
		{"GROUP", 15}, {"TOPIC", 15}, {"PARTITION", 10}, {"CURRENT-OFFSET", 15}, {"LOG-END-OFFSET", 15}, {"LAG", 15},
		{"CONSUMER-ID", 15}, {"HOST", 15}, {"CLIENT-ID", 0},
	}}
	for _, r := range rows {
		key := fmt.Sprintf("%s %d", r.Topic, r.Partition)
		if r.Topic == "" {
			key = string("member " + r.MemberID)
		}
		t.lines = append(t.lines, line{key: key, member: string(r.MemberID), value: r, cells: texts(
			r.Group, r.Topic, r.Partition, r.Committed, r.End, r.Lag, r.MemberID, r.Host, r.ClientID)})
	}
	return t
}

// memberTable has the columns of kafka-consumer-groups --describe --members, and what each member owns.
func memberTable(members []Member) table {
	t := table{columns: []column{
		{"GROUP", 15}, {"CONSUMER-ID", 15}, {"GROUP-INSTANCE-ID", 17}, {"HOST", 15}, {"CLIENT-ID", 15}, {"#PARTITIONS", 15}, {"ASSIGNMENT", 0},
	}}
	for _, m := range members {
		t.lines = append(t.lines, line{key: string("member " + m.MemberID), member: string(m.MemberID), value: m, cells: texts(
			m.Group, m.MemberID, m.Instance, m.Host, m.ClientID, number(len(m.Assigned.All())), text(assignment(m.Assigned)))})
	}

	static := slices.ContainsFunc(members, func(m Member) bool { return m.Instance != "" })
	if !static { // as Kafka's tool does
		t.columns = slices.Delete(t.columns, 2, 3)
		for i, l := range t.lines {
			t.lines[i].cells = slices.Delete(l.cells, 2, 3)
		}
	}
	return t
}

// stateTable has the columns of kafka-consumer-groups --describe --state.
func stateTable(s State) table {
	coordinator := fmt.Sprintf("%s (%s)", s.Coordinator, s.CoordinatorID)
	return table{
		columns: []column{{"GROUP", 15}, {"COORDINATOR (ID)", 25}, {"ASSIGNMENT-STRATEGY", 20}, {"STATE", 20}, {"#MEMBERS", 0}},
		lines: []line{{key: "state", value: s, cells: texts(
			s.Group, text(coordinator), s.Assignor, s.State, number(s.Members))}},
	}
}

func texts(values ...fmt.Stringer) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.String()
	}
	return out
}

// assignment formats partitions as Kafka's tool does: new_users(0,1).
func assignment(a group.Assignment) string {
	var topics []string
	for _, topic := range slices.Sorted(maps.Keys(a)) {
		var ids []string
		for _, id := range a[topic] {
			ids = append(ids, strconv.Itoa(int(id)))
		}
		topics = append(topics, topic+"("+strings.Join(ids, ",")+")")
	}
	return strings.Join(topics, ", ")
}

// String formats the table as Kafka's tool does, after an empty line.
func (t table) String() string { return t.format(nil) }

// format formats the table. Each line begins with its prefix; all prefixes have the same width, and nil is for none.
func (t table) format(prefixes []string) string {
	if len(t.lines) == 0 {
		return ""
	}

	width := make([]int, len(t.columns))
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
		width[i] = max(c.width, utf8.RuneCountInString(c.name))
		for _, l := range t.lines {
			width[i] = max(width[i], utf8.RuneCountInString(l.cells[i])) // as Fprintf counts
		}
	}

	var b strings.Builder
	write := func(prefix string, cells []string) {
		b.WriteString("\n" + prefix)
		for i, c := range cells[:len(cells)-1] {
			fmt.Fprintf(&b, "%-*s ", width[i], c)
		}
		b.WriteString(cells[len(cells)-1])
	}

	blank := ""
	if prefixes != nil {
		blank = strings.Repeat(" ", prefixWidth)
	}
	write(blank, names)
	for i, l := range t.lines {
		prefix := ""
		if prefixes != nil {
			prefix = cmp.Or(prefixes[i], blank)
		}
		write(prefix, l.cells)
	}
	return b.String() + "\n"
}

// prefixWidth is the width of a mark, a member's letter, and the spaces after them.
const prefixWidth = 4
