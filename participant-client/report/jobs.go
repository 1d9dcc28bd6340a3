package report

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/story"
	"kafka-workshop/participant-client/worker"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Jobs is a worker.Sink that writes lines.
type Jobs struct {
	out   *writer
	line  formatter
	event func(worker.Event)
	note  func(story.Sentence)
}

// Record writes a record's line. It is in the output once Flush has returned.
func (j *Jobs) Record(number int, r *kgo.Record) {
	j.out.add(func(buf []byte) []byte { return j.line(buf, number, r) })
}

// Event writes an event.
func (j *Jobs) Event(e worker.Event) { j.event(e) }

// Note writes a badge, a question or its answer.
func (j *Jobs) Note(s story.Sentence) { j.note(s) }

// Run flushes the lines every 100 ms until ctx ends, and then what is left.
func (j *Jobs) Run(ctx context.Context) { j.out.run(ctx) }

// Flush writes what is left. An error means that stdout did not take all of it.
func (j *Jobs) Flush() error { return j.out.Flush() }

// PlainJobs returns Jobs that write records to stdout, each with the number of its worker if there are several, and
// what happens to them to stderr. gone is called when a write to stdout fails.
func PlainJobs(several bool, stdout, stderr io.Writer, gone func(error)) *Jobs {
	j := &Jobs{out: newWriter(stdout, gone)}
	j.line = func(line []byte, number int, r *kgo.Record) []byte {
		if several {
			line = append(strconv.AppendInt(line, int64(number), 10), ' ')
		}
		return AppendLine(line, r)
	}

	write := func(text fmt.Stringer) {
		_ = j.Flush() // keeps the order on a terminal that shows both
		fmt.Fprintln(stderr, text)
	}
	j.event = func(e worker.Event) {
		if e.Kind != worker.Acquired { // its line has the same facts when the work begins
			write(e)
		}
	}
	j.note = func(s story.Sentence) { write(s) }
	return j
}

// A jobEvent is a line of the JSON output that is not a record.
type jobEvent struct {
	Event       worker.Kind    `json:"event"`
	At          workshop.Time  `json:"at"`
	Instance    int            `json:"instance"`
	Topic       string         `json:"topic,omitempty"`
	Partition   *int32         `json:"partition,omitempty"`
	Offset      *int64         `json:"offset,omitempty"`
	Delivery    int32          `json:"delivery,omitempty"`
	Until       *workshop.Time `json:"until,omitempty"` // when the broker's lock ends
	LockMS      int64          `json:"lock_ms,omitempty"`
	TookMS      *int64         `json:"took_ms,omitempty"`
	AfterOffset *int64         `json:"after_offset,omitempty"` // a later one that was accepted before
	Reason      string         `json:"reason,omitempty"`
	Accepted    *int64         `json:"accepted,omitempty"`
	Redelivered *int64         `json:"redelivered,omitempty"`
	Rejected    *int64         `json:"rejected,omitempty"`
	Released    *int64         `json:"released,omitempty"`
	Lost        *int64         `json:"lost,omitempty"`
	Text        string         `json:"text,omitempty"`
	Fatal       bool           `json:"fatal,omitempty"`
	Healed      bool           `json:"healed,omitempty"`
	Change      string         `json:"change,omitempty"` // of a member: joined or gone
	MemberID    string         `json:"member_id,omitempty"`
	ClientID    string         `json:"client_id,omitempty"`
	Host        string         `json:"host,omitempty"`
	Kind        story.Kind     `json:"kind,omitempty"` // of a lesson from the leaderboard: a question, or its answer
	Badge       string         `json:"badge,omitempty"`
	Icon        string         `json:"icon,omitempty"`
	First       bool           `json:"first,omitempty"`
}

// JSONJobs returns Jobs that write records and events to stdout, one object a line. gone is called when a write fails.
func JSONJobs(stdout io.Writer, gone func(error)) *Jobs {
	j := &Jobs{out: newWriter(stdout, gone), line: jsonLine}
	j.event = func(e worker.Event) { j.out.addJSON(jobEventOf(e)) }
	j.note = func(s story.Sentence) {
		out := jobEvent{Event: worker.Lesson, At: workshop.At(s.At), Kind: s.Kind, Text: s.String()}
		if s.Kind == story.BadgeAwarded {
			out.Event, out.Kind, out.Badge, out.Icon, out.First = worker.Kind(badge), "", s.Badge.ID, s.Badge.Icon, s.Badge.First
		}
		j.out.addJSON(out)
	}
	return j
}

func jobEventOf(e worker.Event) jobEvent {
	out := jobEvent{
		Event: e.Kind, At: workshop.At(e.At), Instance: e.Worker, LockMS: e.Lock.Milliseconds(), Reason: e.Reason,
		Text: e.String(), Fatal: e.Fatal, Healed: e.Healed,
	}
	if r := e.Record; r.Topic != "" {
		until := workshop.At(r.Until)
		out.Topic, out.Partition, out.Offset, out.Delivery, out.Until = r.Topic, &r.Partition, &r.Offset, r.Delivery, &until
	}

	switch e.Kind {
	case worker.Accepted:
		took := e.Took.Milliseconds()
		out.TookMS = &took
		if e.After >= 0 {
			out.AfterOffset = &e.After
		}
	case worker.Member:
		out.MemberID, out.ClientID, out.Host = e.Member.ID, e.Member.ClientID, group.Address(e.Member.Host)
		out.Change = "joined"
		if e.Gone {
			out.Change = "gone"
		}
	case worker.Closed:
		c := e.Last
		out.Accepted, out.Redelivered, out.Rejected, out.Released, out.Lost = &c.Processed, &c.Redelivered, &c.Rejected, &c.Released, &c.Lost
	}
	return out
}
