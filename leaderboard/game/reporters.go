package game

import (
	"slices"
	"time"
)

// A reporter is the worker that was matched with a report without a member ID.
type reporter struct {
	id string
	at time.Time // of the report
}

// matchReports adds member IDs to reports and leave notes without one, by the client ID that they name: libraries such as
// librdkafka do not give a program its member ID in a share group.
func (t *teamState) matchReports(w *Work) {
	w.Workers, w.Leaving = slices.Clone(w.Workers), slices.Clone(w.Leaving)
	for i := range w.Workers {
		if c := &w.Workers[i]; c.MemberID == "" {
			c.MemberID = t.memberOf(c.Name, c.At)
		}
	}
	for i := range w.Leaving {
		if n := &w.Leaving[i]; n.MemberID == "" {
			n.MemberID = t.memberOf(n.Name, n.At)
		}
	}
}

// memberOf returns the member that reported under a name at a time, or "" if none or several may have. A worker that is gone
// remains the reporter until the next one with the same client ID reports.
func (t *teamState) memberOf(name string, at time.Time) string {
	known := t.reporters[name]
	id := ""
	for _, m := range t.Members {
		if m.ClientID != name || !m.Missing.IsZero() {
			continue
		}
		if id != "" {
			return ""
		}
		id = m.ID
	}
	if id == "" || !at.After(known.at) {
		return known.id
	}

	if t.reporters == nil {
		t.reporters = map[string]reporter{}
	}
	t.reporters[name] = reporter{id, at}
	return id
}
