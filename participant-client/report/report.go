package report

import (
	"context"
	"fmt"
	"io"
	"slices"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Report is a member.Sink that writes lines.
type Report struct {
	out   *writer
	line  formatter
	event func(member.Event)
	note  func(story.Sentence)
}

// Records writes a line for each record.
func (r *Report) Records(instance int, records []*kgo.Record) {
	for chunk := range slices.Chunk(records, 256) {
		r.out.add(func(buf []byte) []byte {
			for _, rec := range chunk {
				buf = r.line(buf, instance, rec)
			}
			return buf
		})
	}
}

// Event writes an event.
func (r *Report) Event(e member.Event) { r.event(e) }

// Note writes a lesson or a badge.
func (r *Report) Note(s story.Sentence) { r.note(s) }

// Run flushes the lines every 100 ms until ctx ends, and then what is left.
func (r *Report) Run(ctx context.Context) { r.out.run(ctx) }

// Flush writes what is left. An error means that stdout did not take all of it.
func (r *Report) Flush() error { return r.out.Flush() }

// Members configures how plain lines show which member of this process read them.
type Members struct {
	Several bool                   // lines begin with the member's number
	Palette Palette                // zero for no colours
	Colour  func(instance int) int // as on the board
}

// colour returns what begins and ends text in a member's colour.
func (m Members) colour(instance int) (begin, end string) {
	if m.Palette == (Palette{}) || m.Colour == nil {
		return "", ""
	}
	return m.Palette.owner(m.Colour(instance)), endColour
}

// Plain returns a Report that writes records to stdout and events of the membership to stderr. gone is called when a
// write to stdout fails.
func Plain(lesson workshop.Lesson, members Members, explainer *story.Explainer, stdout, stderr io.Writer, gone func(error)) *Report {
	r := &Report{out: newWriter(stdout, gone)}
	demo := lesson.Name == workshop.RebalancingDemo.Name
	switch {
	case demo:
		r.line = demoLine(explainer.Group, members)
	case members.Several:
		r.line = memberLine(members)
	default:
		r.line = func(line []byte, _ int, rec *kgo.Record) []byte { return AppendLine(line, rec) }
	}

	write := func(s story.Sentence) {
		_ = r.Flush() // keeps the order on a terminal that shows both
		fmt.Fprintln(stderr, s)
	}
	r.event = func(e member.Event) {
		if demo && e.Kind == member.Closed && e.Reason == member.Left {
			begin, end := members.colour(e.Instance)
			r.printf("%sConsumer %s%s stopping...\n", begin, explainer.Group, end)
		}
		if s, ok := explainer.Explain(e); ok {
			write(s)
		}
	}
	r.note = func(s story.Sentence) {
		if !s.Aside {
			write(s)
		}
	}
	return r
}

// Starting writes the rebalancing lesson's first line.
func (r *Report) Starting(group string) { r.printf("Consumer %s starting...\n", group) }

func (r *Report) printf(format string, args ...any) {
	r.out.add(func(buf []byte) []byte { return fmt.Appendf(buf, format, args...) })
	_ = r.Flush() // gone gets its error
}
