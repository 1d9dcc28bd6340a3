package member

import (
	"errors"
	"time"

	"kafka-workshop/participant-client/fault"
)

// emit passes an event to the sink, one at a time.
func (g *Group) emit(e Event) {
	if e.At.IsZero() {
		e.At = time.Now()
	}
	if e.Topic == "" {
		e.Topic = g.cfg.Topic
	}
	g.events.Lock()
	defer g.events.Unlock()
	g.sink.Event(e)
}

// ReportFault reports a fault that occurred outside of the members.
func (g *Group) ReportFault(text string) { g.reportFault(0, fault.Fault{Text: text}) }

// reportFault reports a fault, the same one again only after a while, and ends the run if waiting does not help.
func (g *Group) reportFault(instance int, f fault.Fault, partitions ...int32) {
	if g.told.Again(f) {
		return
	}
	g.emit(Event{Kind: Fault, Instance: instance, Partitions: partitions, Text: f.Text, Fatal: f.Fatal})
	if f.Fatal {
		g.roster.End(errors.New(f.Text))
	}
}
