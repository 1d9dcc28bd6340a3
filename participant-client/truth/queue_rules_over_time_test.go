package truth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/participant-client/worker"
)

// lostRecord requires a reason: the lock was over, or others had the record meanwhile.
func lostRecord(f *queueFacts, c *crew, i int) error {
	e := c.said[i]
	client, at := c.client(e.Worker), spotOf(e)
	if e.Reason != worker.OfLock {
		if f.faults {
			return nil
		}
		return errors.New("no share session ended")
	}
	var since time.Time
	for _, before := range c.said[:i] {
		took := takes(before) && spotOf(before) == at
		if before.Worker == e.Worker && (took || !since.IsZero() && before.Kind == worker.Renewed) {
			since = before.At
		}
	}
	if held := e.At.Sub(since); since.IsZero() || held < f.lock-slack {
		return fmt.Errorf("%s held it for %v", client, held)
	}
	return nil
}

func lockDiffers(f *queueFacts, c *crew, i int) error {
	e := c.said[i]
	own, err := time.ParseDuration(e.Reason)
	if err != nil || own != c.lock || e.Lock.Round(time.Second) != f.lock || own == f.lock {
		return fmt.Errorf("the group's lock is %v, and --lock is %v", f.lock, c.lock)
	}
	return nil
}

// lessons name the event that must have come just before: its own rule checks that.
var lessons = map[string]func(worker.Event) bool{
	"Order is lost":                   func(e worker.Event) bool { return e.Kind == worker.Accepted && e.After >= 0 },
	"A record that nobody accepted":   func(e worker.Event) bool { return e.Kind == worker.Redelivered },
	"All that the worker held counts": func(e worker.Event) bool { return e.Kind == worker.Closed && e.Poison },
	"The connection broke":            func(e worker.Event) bool { return e.Kind == worker.Closed && e.Reason == worker.Crashed },
	"A poison job that is given back": func(e worker.Event) bool { return e.Kind == worker.Released && e.Reason == worker.OfPoison },
	"A rejected record":               func(e worker.Event) bool { return e.Kind == worker.Rejected },
	"The broker takes a record back":  func(e worker.Event) bool { return e.Kind == worker.Lost && e.Reason == worker.OfLock },
	"A worker may renew its lock":     func(e worker.Event) bool { return e.Kind == worker.Renewed },
}

func lesson(_ *queueFacts, c *crew, i int) error {
	for begin, follows := range lessons {
		if strings.HasPrefix(c.said[i].Text, begin) && i > 0 && follows(c.said[i-1]) {
			return nil
		}
	}
	return errors.New("it follows from nothing that was said")
}

func memberSeen(f *queueFacts, c *crew, i int) error {
	e := c.said[i]
	client := e.Member.ClientID
	if e.Worker > 0 && client != c.client(e.Worker) {
		return fmt.Errorf("worker %d is %s", e.Worker, c.client(e.Worker))
	}
	before, now := notIn(client), in(client)
	if e.Gone {
		before, now = now, before
	}
	was := false
	for _, l := range f.looks {
		if l.ended.Before(e.At.Add(-2*sweep - f.lag(e.At))) {
			continue
		}
		if was && now(l) {
			return nil
		}
		was = was || before(l)
		if l.began.After(e.At.Add(slack / 10)) {
			break // the first look after it is the last that can show it, however late it came
		}
	}
	return fmt.Errorf("%s did not change like that", client)
}

func queueFaulty(f *queueFacts, _ *crew, _ int) error {
	if !f.faults {
		return errors.New("nothing is wrong with Kafka")
	}
	return nil
}

func workerClosed(f *queueFacts, c *crew, i int) error {
	e := c.said[i]
	var want worker.Counts
	for _, said := range c.said[:i] {
		if e.Worker > 0 && said.Worker != e.Worker {
			continue
		}
		switch said.Kind {
		case worker.Accepted:
			want.Processed++
			if said.Record.Delivery > 1 {
				want.Redelivered++
			}
		case worker.Rejected:
			want.Rejected++
		case worker.Released:
			want.Released++
		case worker.Lost:
			want.Lost++
		}
	}
	if e.Last == nil || *e.Last != want {
		return fmt.Errorf("it is %+v, as far as it was told", want)
	}
	if e.Worker == 0 {
		return nil
	}

	client := c.client(e.Worker)
	switch e.Reason {
	case worker.Left:
		if _, ok := marked(f.leaves, client, e.At); !ok || !f.ever(e.At, e.At.Add(sweep), notIn(client)) {
			return fmt.Errorf("%s did not leave, or is still in the group", client)
		}
		return nil
	case worker.Crashed:
		if e.Poison && c.onPoison == worker.Crash {
			return nil
		}
		m, ok := marked(f.crashes, client, e.At)
		if !ok || e.At.Sub(m.at) > sweep || e.Poison {
			return fmt.Errorf("%s did not crash", client)
		}
		return nil
	}
	return fmt.Errorf("%s was not made to end like that", client)
}

// neverSaid returns the kinds that a run was meant to show and did not.
func (f *queueFacts) neverSaid(kinds ...worker.Kind) (out []worker.Kind) {
	for _, k := range kinds {
		if !slices.ContainsFunc(f.crews, func(c *crew) bool {
			return slices.ContainsFunc(c.said, func(e worker.Event) bool { return e.Kind == k })
		}) {
			out = append(out, k)
		}
	}
	return out
}
