package game

import (
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

// Kinds of events.
const (
	KindJoin       = "join"
	KindLeave      = "leave"
	KindTimeout    = "timeout"
	KindGone       = "gone"
	KindRebalance  = "rebalance"
	KindBadge      = "badge"
	KindInstructor = "instructor"
	KindPrediction = "prediction"
	KindOrder      = "order" // a share group finished a later record first
)

// An Event is one line of a team's timeline and, for the notable ones, of the board's ticker.
type Event struct {
	At      workshop.Time `json:"at"`
	Team    int           `json:"team"` // 0 for the room
	Kind    string        `json:"kind"`
	Text    string        `json:"text"` // "B left and handed over P3 P4 at once"
	PauseMS *int64        `json:"pause_ms,omitempty"`
	Badge   string        `json:"badge,omitempty"`
	Ticker  bool          `json:"-"` // shown in the board's ticker
	ID      int64         `json:"-"` // ascending; an event replaces an earlier one with the same ID

	fact eventFact // nil once the event has been stored and loaded again
}

// An eventFact is the content of an Event, as a value that tests can compare. It alone determines the event's kind and text.
// Members are named by the letter of their colour.
type eventFact interface {
	kind() string
	text() string
}

func newEvent(at time.Time, team int, f eventFact) Event {
	e := Event{At: workshop.At(at), Team: team}
	e.setFact(f)
	return e
}

func (e *Event) setFact(f eventFact) {
	e.fact = f
	e.Kind = f.kind()
	e.Text = f.text()
	e.Ticker = e.Kind != KindInstructor && e.Kind != KindPrediction
	switch f := f.(type) {
	case badgeWon:
		e.Badge = f.Badge
	case badgeRevealed:
		e.Badge = f.Badge
	}
}

// addEvent gives the event its ID, logs it and adds it to the changes.
func (r *Room) addEvent(e Event, c *Changes) int64 {
	e.ID = r.nextID
	r.nextID++
	c.Events = append(c.Events, e)
	r.appendLog(e)
	return e.ID
}

func (r *Room) appendLog(e Event) {
	r.log = latest(append(r.log, e), keptLog)
	for _, t := range r.teams {
		if e.concerns(t.team) {
			t.events = latest(append(t.events, e), keptEvents)
		}
	}
}

// latest drops the oldest events. It does not move the others, because Views share them and must not see events that were
// appended later.
func latest(events []Event, most int) []Event { return events[max(len(events)-most, 0):] }

// concerns reports whether the event belongs on a team's timeline. A question about the topic belongs on every team's.
func (e Event) concerns(team int) bool {
	return e.Team == team || e.Team == 0 && e.Kind == KindPrediction
}

// appendCapped appends to a copy.
func appendCapped(events []Event, e Event, most int) []Event {
	if len(events) >= most {
		events = events[len(events)-most+1:]
	}
	return append(slices.Clip(events), e)
}

// amendEvent changes a logged event once more is known about it.
func (r *Room) amendEvent(t *teamState, id int64, change func(*Event), c *Changes) {
	amend := func(events []Event) []Event {
		i := indexEvent(events, id)
		if i < 0 {
			return events
		}
		events = slices.Clone(events) // an earlier View may share it
		change(&events[i])
		return events
	}

	t.events = amend(t.events)
	r.log = amend(r.log)
	if i := indexEvent(t.events, id); i >= 0 {
		c.Events = append(c.Events, t.events[i])
	}
}

func indexEvent(events []Event, id int64) int {
	return slices.IndexFunc(events, func(e Event) bool { return e.ID == id })
}
