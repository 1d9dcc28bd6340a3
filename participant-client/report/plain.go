package report

import (
	"context"
	"fmt"
	"io"
	"slices"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Report is a member.Sink that writes lines.
type Report struct {
	out   *writer
	line  liner
	event func(member.Event)
}

// Records writes a line a record.
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

// Event writes what happened.
func (r *Report) Event(e member.Event) { r.event(e) }

// Run flushes the lines each 100 ms until ctx ends, and then what is left.
func (r *Report) Run(ctx context.Context) { r.out.run(ctx) }

// Flush writes what is left. An error means that stdout did not take all of it.
func (r *Report) Flush() error { return r.out.Flush() }

// Plain writes records to stdout and what happens to the membership to stderr. gone is told when
// stdout takes no more.
func Plain(lesson workshop.Lesson, group string, partitions func() int, stdout, stderr io.Writer, gone func(error)) *Report {
	r := &Report{out: newWriter(stdout, gone)}
	r.line = func(line []byte, _ int, rec *kgo.Record) []byte { return AppendLine(line, rec) }
	words := Words{Partitions: partitions, Group: group}
	demo := lesson.Name == workshop.RebalancingDemo.Name
	if demo {
		r.line = demoLine(group)
	}
	r.event = func(e member.Event) {
		if demo && e.Kind == member.Closed && e.Reason == member.Left {
			r.say("Consumer %s stopping...\n", group)
		}
		if text := words.Say(e); text != "" {
			_ = r.Flush() // keeps the order in a terminal that shows both
			fmt.Fprintln(stderr, text)
		}
	}
	return r
}

// Starting writes the rebalancing lesson's first line.
func (r *Report) Starting(group string) { r.say("Consumer %s starting...\n", group) }

func (r *Report) say(format string, args ...any) {
	r.out.add(func(buf []byte) []byte { return fmt.Appendf(buf, format, args...) })
	_ = r.Flush() // gone has its error
}

// names is P0 P1 P2.
func names(partitions []int32) string {
	var out []byte
	for i, p := range slices.Sorted(slices.Values(partitions)) {
		if i > 0 {
			out = append(out, ' ')
		}
		out = fmt.Appendf(out, "P%d", p)
	}
	return string(out)
}
