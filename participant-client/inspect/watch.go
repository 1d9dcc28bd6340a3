package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/look"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kgo"
)

// minWatch limits a watch's requests to the brokers.
const minWatch = 100 * time.Millisecond

// A watching is one run of a Describe that describes the group repeatedly.
type watching struct {
	Describe
	client         *kgo.Client
	stdout, stderr io.Writer

	last    table // of the last look that Kafka answered
	changes changes
	owners  owners
}

func (w *watching) run(ctx context.Context) error {
	tick := time.NewTicker(max(w.Watch, minWatch))
	defer tick.Stop()
	for {
		g, t, err := w.read(ctx, w.client)
		if ctx.Err() != nil {
			return nil
		}
		if err := w.show(ctx, g, t, err); err != nil {
			return err
		}

		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// show prints one look, or why there is none.
func (w *watching) show(ctx context.Context, g *group.Group, t table, err error) error {
	now := time.Now()
	note := ""
	switch {
	case err == nil:
		w.owners.update(ctx, g)
		note = Note(g)
	case errors.Is(err, group.ErrNotFound):
		t = table{}
		note = err.Error() + " (yet)"
	case isWrong(err):
		return w.explain(err)
	default:
		note = "cannot describe the group now: " + fault.Explain(err, "") + "; the table below is old"
		t = w.last
	}

	w.last = t
	marks := w.changes.update(now, t)
	if w.JSON {
		return w.printJSON(now, note, t, marks)
	}
	return w.print(now, note, t, marks)
}

// print writes one table, in one piece.
func (w *watching) print(now time.Time, note string, t table, marks []change) error {
	var b strings.Builder
	if w.Clear {
		b.WriteString("\x1b[H\x1b[2J")
	}
	fmt.Fprintf(&b, "%s  every %s  %s new owner  %s offsets moved\n",
		now.Format(time.TimeOnly), w.Watch, w.Palette.NewOwner(newOwner.sign()), w.Palette.Moved(moved.sign()))
	if note != "" {
		fmt.Fprintln(&b, note)
	}

	prefixes := make([]string, len(t.lines))
	for i, l := range t.lines {
		prefixes[i] = w.prefix(marks[i], w.owners.of(l.member))
	}
	b.WriteString(t.format(prefixes))
	_, err := io.WriteString(w.stdout, b.String())
	return err
}

// prefix returns a line's mark and its member's letter.
func (w *watching) prefix(mark change, colour number) string {
	sign := mark.sign()
	switch mark {
	case newOwner:
		sign = w.Palette.NewOwner(sign)
	case moved:
		sign = w.Palette.Moved(sign)
	}

	letter := " "
	if colour >= 0 {
		letter = w.Palette.Owner(int(colour), look.OwnerOf(int(colour)).Sign)
	}
	return sign + " " + letter + " "
}

// A lookMark is what a watch adds to each line in JSON.
type lookMark struct {
	At      workshop.Time `json:"at"`
	Changed text          `json:"changed"`
	Colour  number        `json:"colour"`
}

// printJSON writes the lines of a look to stdout, and a note to stderr.
func (w *watching) printJSON(now time.Time, note string, t table, marks []change) error {
	if note != "" {
		fmt.Fprintln(w.stderr, note)
	}

	for i, l := range t.lines {
		mark, err := json.Marshal(lookMark{workshop.At(now), text(marks[i]), w.owners.of(l.member)})
		if err != nil {
			return err
		}
		row, err := json.Marshal(l.value)
		if err != nil {
			return err
		}

		both := append(append(mark[:len(mark)-1], ','), row[1:]...) // two objects as one
		if _, err := w.stdout.Write(append(both, '\n')); err != nil {
			return err
		}
	}
	return nil
}
