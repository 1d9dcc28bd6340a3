package inspect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Describe prints a group as kafka-consumer-groups --describe does.
type Describe struct {
	Group string
	Watch time.Duration // describe it again this often; 0 describes it once
	Clear bool          // stdout is a terminal: each table replaces the last
}

// Run prints the table to stdout and the note to stderr, as Kafka's tool does. With Watch it continues until ctx ends, and
// retries while Kafka does not answer.
func (d Describe) Run(ctx context.Context, client *kgo.Client, stdout, stderr io.Writer) error {
	if d.Watch < 0 {
		return fmt.Errorf("--watch %s: use a duration of 0 or more", d.Watch)
	}
	if d.Watch > 0 {
		return d.watch(ctx, client, stdout)
	}

	g, err := group.Find(ctx, client, d.Group)
	if errors.Is(err, group.ErrNotFound) {
		return err
	}
	if err != nil {
		return fmt.Errorf("describe group %s: %s", d.Group, fault.Explain(err, ""))
	}
	if note := Note(g); note != "" {
		fmt.Fprintf(stderr, "\n%s\n", note)
	}
	_, err = io.WriteString(stdout, Table(Rows(g), nil))
	return err
}

func (d Describe) watch(ctx context.Context, client *kgo.Client, stdout io.Writer) error {
	tick := time.NewTicker(max(d.Watch, 100*time.Millisecond))
	defer tick.Stop()
	var last []Row
	for {
		g, err := group.Find(ctx, client, d.Group)
		if ctx.Err() != nil {
			return nil
		}

		var rows []Row
		var note string
		switch {
		case err == nil:
			rows = Rows(g)
			note = Note(g)
		case errors.Is(err, group.ErrNotFound):
			note = err.Error() + " (yet)"
		default:
			rows = last
			note = "cannot describe the group now: " + fault.Explain(err, "") + "; the table below is old"
		}
		if err := d.print(stdout, note, rows, last); err != nil {
			return err
		}
		last = rows

		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// print writes one table of a watch, in one piece.
func (d Describe) print(stdout io.Writer, note string, rows, last []Row) error {
	var b strings.Builder
	if d.Clear {
		b.WriteString("\x1b[H\x1b[2J")
	}
	fmt.Fprintf(&b, "%s  every %s  * new owner  + offsets moved\n", time.Now().Format(time.TimeOnly), d.Watch)
	if note != "" {
		fmt.Fprintln(&b, note)
	}
	b.WriteString(Table(rows, marks(last, rows)))
	_, err := io.WriteString(stdout, b.String())
	return err
}

// A Row is one line of the table; a column without a value is "-".
type Row struct {
	Group, Topic, Partition, Current, End, Lag, Consumer, Host, ClientID string
}

// Rows are the table's lines in the order of Kafka's tool: by member, the one with the most partitions first, then the
// partitions that are committed and have no owner. A member that owns none, which newer versions of the tool leave out,
// has a line of its own.
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
			rows = append(rows, Row{column(g.Name), "-", "-", "-", "-", "-", column(m.ID), column(m.Host), column(m.ClientID)})
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
	number := func(n int64) string {
		if n < 0 {
			return "-"
		}
		return strconv.FormatInt(n, 10)
	}
	o := g.OffsetsOf(p)
	lag := int64(-1)
	if o.Committed >= 0 && o.End >= 0 {
		lag = max(o.End-o.Committed, 0) // Kafka's tool counts records before the log start too, unlike o.Lag
	}
	return Row{
		Group: column(g.Name), Topic: column(p.Topic), Partition: number(int64(p.ID)),
		Current: number(o.Committed), End: number(o.End), Lag: number(lag),
		Consumer: column(m.ID), Host: column(m.Host), ClientID: column(m.ClientID),
	}
}

// maxColumn is how many characters a column shows. A member's ID is a client ID of up to 249 and 37 that Kafka adds.
const maxColumn = 300

// column makes a text that anybody may have written safe to show in a table.
func column(text string) string {
	if !workshop.HasVisible(text) {
		return "-"
	}
	return workshop.CleanText(text, maxColumn)
}

// Note is Kafka's own note about a group that is empty or rebalancing.
func Note(g *group.Group) string {
	switch {
	case len(g.Members) == 0:
		return fmt.Sprintf("Consumer group '%s' has no active members.", g.Name)
	case group.Rebalancing(g.State):
		return fmt.Sprintf("Warning: Consumer group '%s' is rebalancing.", g.Name)
	}
	return ""
}

// Table formats rows with the widths of Kafka's tool, after an empty line. With marks, each line begins with its row's.
func Table(rows []Row, marks []string) string {
	if len(rows) == 0 {
		return ""
	}

	width := [4]int{15, 15, 15, 15} // group, topic, consumer, host: at least 15, as in Kafka's tool
	for _, r := range rows {
		for i, s := range []string{r.Group, r.Topic, r.Consumer, r.Host} {
			width[i] = max(width[i], utf8.RuneCountInString(s)) // as Fprintf counts
		}
	}

	var b strings.Builder
	line := func(mark string, r Row) {
		fmt.Fprintf(&b, "\n%s%-*s %-*s %-10s %-15s %-15s %-15s %-*s %-*s %s", mark,
			width[0], r.Group, width[1], r.Topic, r.Partition, r.Current, r.End, r.Lag,
			width[2], r.Consumer, width[3], r.Host, r.ClientID)
	}
	blank := ""
	if marks != nil {
		blank = "  "
	}
	line(blank, Row{"GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST", "CLIENT-ID"})
	for i, r := range rows {
		mark := ""
		if marks != nil {
			mark = marks[i]
		}
		line(mark, r)
	}
	return b.String() + "\n"
}

// marks are what changed in each row since the last table: "* " the owner, "+ " another column. The first table has
// nothing to compare with.
func marks(last, rows []Row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = "  "
		if last == nil {
			continue
		}

		at := slices.IndexFunc(last, func(l Row) bool {
			return l.Topic == r.Topic && l.Partition == r.Partition && (r.Topic != "-" || l.Consumer == r.Consumer)
		})
		switch {
		case at < 0 || last[at].Consumer != r.Consumer:
			out[i] = "* "
		case last[at] != r:
			out[i] = "+ "
		}
	}
	return out
}
