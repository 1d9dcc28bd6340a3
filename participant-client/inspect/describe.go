package inspect

import (
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/report"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A View selects what Describe prints of a group.
type View int

// Views, as Kafka's tool has them.
const (
	Partitions View = iota
	MembersView
	StateView
)

// A Describe prints a group as kafka-consumer-groups --describe does, or kafka-share-groups.
type Describe struct {
	Group string
	Share bool // it is a share group
	View  View
	JSON  bool
	Watch time.Duration // describe it again this often; 0 describes it once

	Board   Board          // whose colours a watch shows
	Clear   bool           // stdout is a terminal: each table replaces the last
	Palette report.Palette // for the colours of a watch
}

// Run prints the table to stdout and the note to stderr, as Kafka's tool does. With Watch it continues until ctx ends, and
// retries while Kafka does not answer.
func (d Describe) Run(ctx context.Context, client *kgo.Client, stdout, stderr io.Writer) error {
	if d.Watch < 0 {
		return fmt.Errorf("--watch %s: use a duration of 0 or more", d.Watch)
	}
	if d.Watch > 0 {
		w := &watching{Describe: d, client: client, stdout: stdout, stderr: stderr, owners: owners{board: d.Board}}
		return w.run(ctx)
	}

	var g *group.Group
	var t table
	err := whileStarting(ctx, func() (err error) {
		g, t, err = d.read(ctx, client)
		return err
	})
	if err != nil {
		return d.explain(err)
	}

	if note := Note(g); note != "" {
		fmt.Fprintf(stderr, "\n%s\n", note)
	}
	if d.JSON {
		return writeLines(stdout, t)
	}
	_, err = io.WriteString(stdout, t.String())
	return err
}

func writeLines(stdout io.Writer, t table) error {
	for _, l := range t.lines {
		if err := writeJSON(stdout, l.value); err != nil {
			return err
		}
	}
	return nil
}

// read describes the group and makes the table of the view.
func (d Describe) read(ctx context.Context, client *kgo.Client) (*group.Group, table, error) {
	find := group.Find
	if d.Share {
		find = group.FindShare
	}
	g, err := find(ctx, client, d.Group)
	if err != nil {
		return nil, table{}, err
	}

	switch {
	case d.View == MembersView:
		return g, memberTable(Members(g)), nil
	case d.View == StateView:
		s, err := state(ctx, client, g)
		if d.Share {
			return g, shareStateTable(s), err
		}
		return g, stateTable(s), err
	case d.Share:
		return g, shareTable(ShareRows(g)), nil
	}
	return g, partitionTable(Rows(g)), nil
}

// state returns the state of the group as a whole, with its coordinator.
func state(ctx context.Context, client *kgo.Client, g *group.Group) (State, error) {
	s := State{
		Group: text(g.Name), CoordinatorID: -1, Protocol: text(g.Protocol), Assignor: text(g.Assignor),
		State: text(g.State), Members: len(g.Members),
	}
	found := kadm.NewClient(client).FindGroupCoordinators(ctx, g.Name)
	for _, c := range found {
		if c.Err != nil {
			return s, c.Err
		}
		s.Coordinator = text(net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))))
		s.CoordinatorID = number(c.NodeID)
	}
	return s, found.Error()
}

// Note returns Kafka's own note about a group that is empty or rebalancing.
func Note(g *group.Group) string {
	switch {
	case len(g.Members) == 0 && g.Protocol == group.Share:
		return fmt.Sprintf("Share group '%s' has no active members.", g.Name)
	case len(g.Members) == 0:
		return fmt.Sprintf("Consumer group '%s' has no active members.", g.Name)
	case group.Rebalancing(g.State):
		return fmt.Sprintf("Warning: Consumer group '%s' is rebalancing.", g.Name)
	}
	return ""
}
