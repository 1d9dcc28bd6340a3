package inspect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Offsets are the committed offsets of a group in one topic, to be shown or set.
type Offsets struct {
	Group      string
	Topic      string
	Partitions []int32 // empty for all
	JSON       bool
	Share      bool // it is a share group, if it exists
}

// An OffsetRow is one partition's offsets.
type OffsetRow struct {
	Group     text   `json:"group"`
	Topic     text   `json:"topic"`
	Partition number `json:"partition"`
	Committed number `json:"committed"` // the next offset to read
	Start     number `json:"start"`     // the first offset that exists
	End       number `json:"end"`       // the next one to be written
	Lag       number `json:"lag"`       // records that exist and are not committed
}

// Show prints the offsets of each partition, including those that the group has not committed.
func (o Offsets) Show(ctx context.Context, client *kgo.Client, stdout io.Writer) error {
	g, err := o.describe(ctx, client)
	if err != nil {
		return err
	}
	return o.print(stdout, g)
}

// describe reads the group, and where the topic's partitions start and end.
func (o Offsets) describe(ctx context.Context, client *kgo.Client) (*group.Group, error) {
	topics, err := kadm.NewClient(client).ListTopics(ctx, o.Topic)
	if err == nil {
		err = topics[o.Topic].Err
	}
	switch {
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return nil, fmt.Errorf("topic %s does not exist: check --topic, --lesson and --namespace", o.Topic)
	case err != nil:
		return nil, fmt.Errorf("read topic %s: %s", o.Topic, fault.Explain(err, ""))
	}
	for _, p := range o.Partitions {
		if _, exists := topics[o.Topic].Partitions[p]; !exists {
			return nil, fmt.Errorf("--partition %d: %s has the partitions 0 to %d", p, o.Topic, len(topics[o.Topic].Partitions)-1)
		}
	}

	var g *group.Group
	err = whileStarting(ctx, func() (err error) {
		g, err = group.DescribeWithOffsets(ctx, client, o.Group, o.Topic)
		return err
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("describe group %s: %s", o.Group, fault.Of(err, fault.Place{Group: o.Group}).Text)
	case g.Protocol == group.Share, g.Protocol == "" && o.Share:
		return nil, errShareOffsets(o.Group)
	}
	return g, nil
}

// errShareOffsets explains what a share group has instead of committed offsets.
func errShareOffsets(name string) error {
	return fmt.Errorf("%s is a share group: it accepts records one by one and commits no offset. describe shows its start offset in each partition, before which nothing waits; an administrator moves it with kafka-share-groups --reset-offsets", name)
}

// rows returns the rows of the requested partitions.
func (o Offsets) rows(g *group.Group) []OffsetRow {
	var out []OffsetRow
	for _, p := range o.partitions(g) {
		at := g.Offsets[p]
		out = append(out, OffsetRow{
			Group: text(g.Name), Topic: text(p.Topic), Partition: number(p.ID),
			Committed: number(at.Committed), Start: number(at.Start), End: number(at.End), Lag: number(at.Lag()),
		})
	}
	return out
}

func (o Offsets) partitions(g *group.Group) []group.Partition {
	var out []group.Partition
	for p := range g.Offsets {
		if p.Topic == o.Topic && (len(o.Partitions) == 0 || slices.Contains(o.Partitions, p.ID)) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, group.Partition.Compare)
	return out
}

func (o Offsets) print(stdout io.Writer, g *group.Group) error {
	t := table{columns: []column{
		{"GROUP", 15}, {"TOPIC", 15}, {"PARTITION", 10}, {"CURRENT-OFFSET", 15}, {"LOG-START-OFFSET", 15}, {"LOG-END-OFFSET", 15}, {"LAG", 0},
	}}
	for _, r := range o.rows(g) {
		t.lines = append(t.lines, line{value: r, cells: texts(r.Group, r.Topic, r.Partition, r.Committed, r.Start, r.End, r.Lag)})
	}
	if o.JSON {
		return writeLines(stdout, t)
	}
	_, err := io.WriteString(stdout, t.String())
	return err
}

// ParseTarget reads where to set offsets to: earliest, latest, an offset, or a time.
func ParseTarget(text string, now time.Time) (Start, error) {
	if start, err := ParseStart(text); err == nil {
		return start, nil
	}
	at, err := ParseMoment(text, now)
	if err != nil {
		return Start{}, fmt.Errorf("%q is neither earliest, latest, an offset nor a time as in 5m or 2026-01-02T15:04:05Z", text)
	}
	return Since(at), nil
}

// Set commits new offsets for the group, which must have no members: they would continue where they are, and commit
// that. It prints the offsets as Show does, and on stderr what it could not do exactly.
func (o Offsets) Set(ctx context.Context, client *kgo.Client, to Start, stdout, stderr io.Writer) error {
	g, err := o.describe(ctx, client)
	if err != nil {
		return err
	}
	if len(g.Members) > 0 {
		return o.errOccupied(g)
	}

	targets, err := o.targets(ctx, client, g, to, stderr)
	if err != nil {
		return err
	}
	committed, err := kadm.NewClient(client).CommitOffsets(ctx, o.Group, targets)
	if err == nil {
		err = committed.Error()
	}
	switch {
	case errors.Is(err, kerr.UnknownMemberID), errors.Is(err, kerr.NonEmptyGroup), errors.Is(err, kerr.StaleMemberEpoch):
		return fmt.Errorf("somebody has just joined group %s: its offsets can be set only while it has no members", o.Group)
	case err != nil:
		return fmt.Errorf("set the offsets of group %s: %s", o.Group, fault.Of(err, fault.Place{Group: o.Group}).Text)
	}
	return o.Show(ctx, client, stdout)
}

// maxNamed is how many members an error names.
const maxNamed = 5

// errOccupied names the members of the group.
func (o Offsets) errOccupied(g *group.Group) error {
	var names []string
	for _, m := range g.Members {
		names = append(names, fmt.Sprintf("%s at %s", text(m.ClientID), text(group.Address(m.Host))))
	}
	if more := len(names) - maxNamed; more > 0 {
		names = append(names[:maxNamed], count(more, "other"))
	}
	return fmt.Errorf("group %s has %s: %s. Its offsets can be set only while it has none: stop them first",
		g.Name, count(len(g.Members), "member"), strings.Join(names, ", "))
}

// targets returns the offsets to commit. An offset outside the log is moved to its nearest end, as by Kafka's own tool.
func (o Offsets) targets(ctx context.Context, client *kgo.Client, g *group.Group, to Start, stderr io.Writer) (kadm.Offsets, error) {
	var after kadm.ListedOffsets
	if to.kind == atMoment {
		var err error
		after, err = kadm.NewClient(client).ListOffsetsAfterMilli(ctx, to.at.UnixMilli(), o.Topic)
		if err != nil {
			return nil, fmt.Errorf("find the records of that time: %s", fault.Explain(err, ""))
		}
	}

	out := kadm.Offsets{}
	for _, p := range o.partitions(g) {
		at := g.Offsets[p]
		if at.Start < 0 || at.End < 0 {
			return nil, fmt.Errorf("partition %d of %s has no leader now: try again", p.ID, p.Topic)
		}

		wanted := at.End
		switch to.kind {
		case atStart:
			wanted = at.Start
		case atOffset:
			wanted = to.offset
		case beforeEnd:
			wanted = max(at.End-to.offset, at.Start)
		case atMoment:
			if found := offsetIn(after, p.Topic, p.ID); found >= 0 {
				wanted = int64(found)
			}
		}

		possible := min(max(wanted, at.Start), at.End)
		if possible != wanted {
			fmt.Fprintf(stderr, "partition %d has the offsets %d to %d: set to %d\n", p.ID, at.Start, at.End, possible)
		}
		out.Add(kadm.Offset{Topic: p.Topic, Partition: p.ID, At: possible, LeaderEpoch: -1})
	}
	return out, nil
}
