package report

import (
	"encoding/json"
	"io"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"
)

// An event is a line of the JSON output that is not a record.
type event struct {
	Event      member.Kind      `json:"event"`
	At         workshop.Time    `json:"at"`
	Instance   int              `json:"instance"`
	Topic      string           `json:"topic"`
	Partition  *int32           `json:"partition,omitempty"`
	Offset     *int64           `json:"offset,omitempty"`
	Partitions []int32          `json:"partitions"`
	Owned      []int32          `json:"owned,omitempty"`
	PauseMS    *int64           `json:"pause_ms,omitempty"`
	First      bool             `json:"first,omitempty"`
	Offsets    map[int32]*int64 `json:"offsets,omitempty"` // by partition; null for no commit yet
	Resumed    bool             `json:"resumed,omitempty"`
	Lag        *int64           `json:"lag,omitempty"` // the sum
	Count      int64            `json:"count,omitempty"`
	Reason     string           `json:"reason,omitempty"`
	Text       string           `json:"text,omitempty"`
	Fatal      bool             `json:"fatal,omitempty"`
	Healed     bool             `json:"healed,omitempty"`
	Change     string           `json:"change,omitempty"` // of a member: joined or gone
	MemberID   string           `json:"member_id,omitempty"`
	ClientID   string           `json:"client_id,omitempty"`
	Host       string           `json:"host,omitempty"`
	Kind       story.Kind       `json:"kind,omitempty"` // of a lesson
	Badge      string           `json:"badge,omitempty"`
	Icon       string           `json:"icon,omitempty"`
}

// Events of the JSON output, in addition to those of package member.
const (
	lesson member.Kind = "lesson" // explains what just happened
	badge  member.Kind = "badge"  // the team earned a badge
)

// JSON returns a Report that writes records and events to stdout, one object a line. gone is called when a write fails.
func JSON(explainer *story.Explainer, stdout io.Writer, gone func(error)) *Report {
	r := &Report{out: newWriter(stdout, gone), line: jsonLine}
	r.event = func(e member.Event) {
		out := eventOf(e)
		if s, ok := explainer.Explain(e); ok && out.Text == "" {
			out.Text = s.Text()
		}
		r.out.addJSON(out)
	}
	r.note = func(s story.Sentence) {
		out := event{Event: lesson, At: workshop.At(s.At), Instance: s.Instance, Partitions: s.Partitions, Kind: s.Kind, Text: s.String()}
		if out.Partitions == nil {
			out.Partitions = []int32{}
		}
		if s.Kind == story.BadgeAwarded {
			out.Event, out.Kind, out.Badge, out.Icon, out.First = badge, "", s.Badge.ID, s.Badge.Icon, s.Badge.First
		}
		if s.Kind == story.Ended {
			out.Event, out.Kind, out.Count, out.Offsets = member.Closed, "", s.Count, offsetsOf(s.Offsets)
		}
		r.out.addJSON(out)
	}
	return r
}

// addJSON adds an event as a line.
func (w *writer) addJSON(event any) {
	line, err := json.Marshal(event)
	if err != nil {
		return // can't happen: an event holds plain values
	}
	w.add(func(buf []byte) []byte { return append(append(buf, line...), '\n') })
}

func eventOf(e member.Event) event {
	out := event{
		Event: e.Kind, At: workshop.At(e.At), Instance: e.Instance, Topic: e.Topic, Partitions: e.Partitions, Owned: e.Owned,
		First: e.First, Resumed: e.Resumed, Count: e.Count, Reason: e.Reason, Text: e.Text, Fatal: e.Fatal, Healed: e.Healed,
		MemberID: e.Member.ID, ClientID: e.Member.ClientID, Host: group.Address(e.Member.Host),
	}
	if out.Partitions == nil {
		out.Partitions = []int32{}
	}
	out.Offsets = offsetsOf(e.Offsets)

	switch e.Kind {
	case member.Assigned:
		ms := e.Pause.Milliseconds()
		out.PauseMS = &ms
	case member.Lag:
		sum := int64(0)
		for _, lag := range e.Offsets {
			sum += lag
		}
		out.Lag = &sum
	case member.Committed:
		if len(e.Partitions) == 1 {
			out.Partition, out.Offset = &e.Partitions[0], out.Offsets[e.Partitions[0]]
		}
	case member.Joined:
		out.Change = "joined"
		if e.Gone {
			out.Change = "gone"
		}
	case member.Duplicate:
		out.Reason = e.After
	}
	return out
}

// offsetsOf maps partitions to offsets, nil for no commit yet.
func offsetsOf(offsets map[int32]int64) map[int32]*int64 {
	if offsets == nil {
		return nil
	}
	out := map[int32]*int64{}
	for p, offset := range offsets {
		out[p] = &offset
		if offset < 0 {
			out[p] = nil
		}
	}
	return out
}
