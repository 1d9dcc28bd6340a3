package truth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/worker"
)

// queueFacts are what is known of a run of workers independently of the product.
type queueFacts struct {
	looks   []queueLook
	jobs    map[spot]workshop.Job
	lock    time.Duration // of the group, according to its settings
	session time.Duration
	crews   []*crew
	crashes []mark
	leaves  []mark
	keys    []mark // records that the user released or rejected: the client ID and the kind, as in g-ann-1 released
	faults  bool   // the script makes Kafka answer with errors
}

// A crew is a process with workers, whose events are compared with the facts.
type crew struct {
	name     string
	clientID string // of its workers, without their numbers
	onPoison string
	lock     time.Duration
	said     []worker.Event
}

func (c *crew) client(number int) string { return fmt.Sprintf("%s-%d", c.clientID, number) }

func spotOf(e worker.Event) spot { return spot{e.Record.Partition, e.Record.Offset} }

func takes(e worker.Event) bool { return e.Kind == worker.Acquired || e.Kind == worker.Redelivered }

// settles reports whether the broker no longer delivers the record after the event.
func settles(e worker.Event) bool { return e.Kind == worker.Accepted || e.Kind == worker.Rejected }

// ends reports whether the worker no longer holds the record after the event.
func ends(e worker.Event) bool {
	return settles(e) || e.Kind == worker.Released || e.Kind == worker.Lost
}

// A hold is the time in which a worker held a record.
type hold struct {
	client   string
	at       spot
	from, to time.Time
}

// holds returns the holds that events report. One that never ended ends with the worker, or with its lock, which every
// renewal starts again.
func (f *queueFacts) holds() (out []hold) {
	for _, c := range f.crews {
		for i, e := range c.said {
			if !takes(e) {
				continue
			}
			h := hold{c.client(e.Worker), spotOf(e), e.At, e.At.Add(f.lock)}
			for _, later := range c.said[i+1:] {
				if later.Worker != e.Worker {
					continue
				}
				if later.Kind == worker.Renewed {
					h.to = later.At.Add(f.lock)
				}
				if later.Kind == worker.Closed || ends(later) && spotOf(later) == h.at {
					h.to = later.At
					break
				}
			}
			out = append(out, h)
		}
	}
	return out
}

// held returns what contradicts that a worker held a record until a moment.
func (f *queueFacts) held(client string, at spot, until time.Time) error {
	for _, h := range f.holds() {
		if h.client == client && h.at == at && !h.from.After(until) && !h.to.Before(until) {
			return nil
		}
	}
	return fmt.Errorf("%s does not hold %v then", client, at)
}

// deliveries returns how often a record was taken before a moment.
func (f *queueFacts) deliveries(at spot, before time.Time) (n int32) {
	for _, c := range f.crews {
		for _, e := range c.said {
			if takes(e) && spotOf(e) == at && e.At.Before(before) {
				n++
			}
		}
	}
	return n
}

// settled returns how many records of a partition were reported as accepted or rejected up to a moment.
func (f *queueFacts) settled(p int32, until time.Time) (n int64) {
	for _, c := range f.crews {
		for _, e := range c.said {
			if settles(e) && e.Record.Partition == p && !e.At.After(until) {
				n++
			}
		}
	}
	return n
}

// given returns how many records of a partition the broker gave up: delivered as often as allowed, and not settled.
func (f *queueFacts) given(p int32) (n int64) {
	for at := range f.jobs {
		if at.partition == p && f.deliveries(at, forever) >= deliveryLimit {
			n++
		}
	}
	return n
}

const deliveryLimit = 5 // group.share.delivery.count.limit

var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// counted returns what contradicts that the broker counted what was reported as settled. Apache Kafka's count is up to
// date a moment later.
func (f *queueFacts) counted(p int32, at time.Time) error {
	want := f.settled(p, at)
	wrong := errors.New("nobody looked after that")
	for _, l := range f.looks {
		_, most, ok := l.done(p)
		if !ok || l.began.Before(at) {
			continue
		}
		if most >= want {
			return nil
		}
		wrong = fmt.Errorf("Kafka counts at most %d records of P%d that are done, and %d are said to be: %v", most, p, want, l)
		if l.began.After(at.Add(slack + f.lag(at))) {
			break
		}
	}
	return wrong
}

// untold returns records that Kafka counts as done although no event says so.
func (f *queueFacts) untold() (out []string) {
	for _, l := range f.looks {
		for p := range l.lag {
			least, _, ok := l.done(p)
			if told := f.settled(p, l.ended.Add(slack)) + f.given(p); ok && least > told {
				out = append(out, fmt.Sprintf("Kafka counts %d records of P%d that are done, and %d are told of: %v", least, p, told, l))
			}
		}
	}
	return out
}

// ever reports whether a look of a time fits; the next ones on both sides count as well.
func (f *queueFacts) ever(from, to time.Time, fits func(queueLook) bool) bool {
	first, last := 0, len(f.looks)
	for i, l := range f.looks {
		if !l.ended.After(from) {
			first = i
		}
	}
	for i := len(f.looks) - 1; i >= 0 && !f.looks[i].began.Before(to); i-- {
		last = i + 1
	}
	return slices.ContainsFunc(f.looks[first:max(first, last)], fits)
}

// in fits a look that shows a client as a member.
func in(client string) func(queueLook) bool {
	return func(l queueLook) bool { _, ok := l.members[client]; return ok }
}

func notIn(client string) func(queueLook) bool {
	return func(l queueLook) bool { return !in(client)(l) }
}

// pressed returns what contradicts that a key was pressed.
func (f *queueFacts) pressed(client string, kind worker.Kind, at time.Time) error {
	m, ok := marked(f.keys, client+" "+string(kind), at)
	if !ok || at.Sub(m.at) > sweep {
		return fmt.Errorf("no key was pressed for %s", client)
	}
	return nil
}

// show returns what was seen and said, in order.
func (f *queueFacts) show() string {
	type line struct {
		at   time.Time
		text string
	}
	var lines []line
	for i, l := range f.looks {
		if i == 0 || l.String() != f.looks[i-1].String() {
			lines = append(lines, line{l.began, "seen  " + l.String()})
		}
	}
	for _, c := range f.crews {
		for _, e := range c.said {
			lines = append(lines, line{e.At, fmt.Sprintf("%-5s %s: %s", c.name, e.Kind, e)})
		}
	}
	for _, m := range slices.Concat(f.crashes, f.leaves, f.keys) {
		lines = append(lines, line{m.at, "mark  " + m.client})
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	var out strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&out, "%s %s\n", l.at.Format("05.000"), l.text)
	}
	return out.String()
}
