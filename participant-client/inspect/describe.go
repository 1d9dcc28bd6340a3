// Package inspect looks at topics and groups without joining any: the describe, tail, topic and check
// commands. Consuming as a member is left to package member.
package inspect

import (
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

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/fault"
	"kafka-workshop/participant-client/group"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Describe prints a group as kafka-consumer-groups --describe does.
type Describe struct {
	Group string
	Watch time.Duration // look again this often; 0 looks once
	Clear bool          // stdout is a terminal: paint over the last look
}

// Run prints to stdout what Kafka's tool prints there, and to stderr what it says beside it. With
// Watch it goes on until ctx ends, over a broker that is away too.
func (d Describe) Run(ctx context.Context, client *kgo.Client, stdout, stderr io.Writer) error {
	if d.Watch < 0 {
		return fmt.Errorf("--watch %s: give a time of 0 or more", d.Watch)
	}
	if d.Watch == 0 {
		g, err := group.Read(ctx, client, d.Group)
		if errors.Is(err, group.ErrNoGroup) {
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
	return d.watch(ctx, client, stdout)
}

func (d Describe) watch(ctx context.Context, client *kgo.Client, stdout io.Writer) error {
	var last []Row
	tick := time.NewTicker(max(d.Watch, 100*time.Millisecond))
	defer tick.Stop()
	for {
		g, err := group.Read(ctx, client, d.Group)
		if ctx.Err() != nil {
			return nil
		}
		var rows []Row
		var note string
		switch {
		case err == nil:
			rows, note = Rows(g), Note(g)
		case errors.Is(err, group.ErrNoGroup):
			note = err.Error() + " (yet)"
		default:
			note = "cannot look now: " + fault.Explain(err, "") + "; what stands here is old"
			rows = last
		}
		var b strings.Builder
		if d.Clear {
			b.WriteString("\x1b[H\x1b[2J")
		}
		fmt.Fprintf(&b, "%s  every %s  * new owner  + offsets moved\n", time.Now().Format(time.TimeOnly), d.Watch)
		if note != "" {
			fmt.Fprintln(&b, note)
		}
		b.WriteString(Table(rows, marks(last, rows)))
		if _, err := io.WriteString(stdout, b.String()); err != nil {
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

// A Row is one line of the table; a column that has no value is "-".
type Row struct {
	Group, Topic, Partition, Current, End, Lag, Consumer, Host, ClientID string
}

// Rows are the table's lines in the order of Kafka's tool: by member, the one with the most
// partitions first, then the partitions that are committed and nobody's. A member that owns none,
// which newer versions of the tool leave out, has a line of its own.
func Rows(g *group.Group) []Row {
	var rows []Row
	owned := map[group.Partition]bool{}
	for _, m := range g.Members {
		for _, p := range m.Partitions {
			owned[p] = true
			rows = append(rows, row(g, p, m))
		}
		if len(m.Partitions) == 0 {
			rows = append(rows, Row{column(g.Name), "-", "-", "-", "-", "-", column(m.ID), column(m.Host), column(m.ClientID)})
		}
	}
	for _, p := range slices.SortedFunc(maps.Keys(g.Commits), group.ByTopic) {
		if !owned[p] {
			rows = append(rows, row(g, p, group.Member{}))
		}
	}
	return rows
}

func row(g *group.Group, p group.Partition, m group.Member) Row {
	r := Row{column(g.Name), column(p.Topic), strconv.Itoa(int(p.ID)), "-", "-", "-", column(m.ID), column(m.Host), column(m.ClientID)}
	if commit, ok := g.Commits[p]; ok {
		r.Current = strconv.FormatInt(commit, 10)
	}
	if end, ok := g.Ends[p]; ok {
		r.End = strconv.FormatInt(end, 10)
	}
	if lag, ok := g.Lag(p); ok {
		r.Lag = strconv.FormatInt(lag, 10)
	}
	return r
}

// longestID is the most of an id that is shown: Kafka adds 37 characters to a client id of up to 249.
const longestID = 300

// column is a text as a column of a table shows it: what its owner wrote stays in its place.
func column(text string) string {
	if !workshop.HasVisible(text) {
		return "-"
	}
	return workshop.CleanText(text, longestID)
}

// Note is what Kafka's tool says beside the table about a group that is not Stable.
func Note(g *group.Group) string {
	switch {
	case len(g.Members) == 0:
		return fmt.Sprintf("Consumer group '%s' has no active members.", g.Name)
	case g.Rebalancing():
		return fmt.Sprintf("Warning: Consumer group '%s' is rebalancing.", g.Name)
	}
	return ""
}

// Table writes rows with the widths of Kafka's tool, an empty line before them. With marks, each
// line begins with its row's.
func Table(rows []Row, marks []string) string {
	if len(rows) == 0 {
		return ""
	}
	width := [4]int{15, 15, 15, 15} // group, topic, consumer, host: at least 15, as there
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

// marks says of each row what changed since the last look: "* " a new owner, "+ " other columns.
// The first look has nothing to compare with.
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
