package truth

import (
	"errors"
	"fmt"
	"time"

	"kafka-workshop/participant-client/worker"
)

// A queueRule returns what contradicts an event of a worker.
type queueRule func(f *queueFacts, c *crew, i int) error

// queueRules has a rule for each kind of event of a worker.
var queueRules = map[worker.Kind]queueRule{
	worker.Acquired:    taken,
	worker.Redelivered: taken,
	worker.Accepted:    accepted,
	worker.Rejected:    rejected,
	worker.Released:    released,
	worker.Renewed:     renewed,
	worker.Lost:        lostRecord,
	worker.LockDiffers: lockDiffers,
	worker.Lesson:      lesson,
	worker.Member:      memberSeen,
	worker.Waiting:     queueFaulty,
	worker.Fault:       queueFaulty,
	worker.Closed:      workerClosed,
}

// check returns what contradicts the i-th event of a crew. One of a kind without a rule is rejected.
func (f *queueFacts) check(c *crew, i int) error {
	rule, ok := queueRules[c.said[i].Kind]
	if !ok {
		return errors.New("no rule for this sentence")
	}
	return rule(f, c, i)
}

// recorded returns what contradicts that the log has this record.
func (f *queueFacts) recorded(e worker.Event) error {
	if job, ok := f.jobs[spotOf(e)]; !ok || job != e.Record.Job {
		return fmt.Errorf("the log has %+v there, not %+v", job, e.Record.Job)
	}
	return nil
}

func taken(f *queueFacts, c *crew, i int) error {
	e := c.said[i]
	client, at := c.client(e.Worker), spotOf(e)
	wrong := []error{f.recorded(e)}
	if !f.ever(e.At.Add(-slack), e.At.Add(sweep), in(client)) {
		wrong = append(wrong, fmt.Errorf("%s is not in the group", client))
	}
	for _, l := range f.looks {
		if start, ok := l.start[at.partition]; ok && l.ended.Before(e.At.Add(-slack)) && at.offset < start {
			wrong = append(wrong, fmt.Errorf("nothing before %d was waited for", start))
			break
		}
	}

	if want := f.deliveries(at, e.At) + 1; e.Record.Delivery != want || (e.Kind == worker.Redelivered) != (want > 1) {
		wrong = append(wrong, fmt.Errorf("it is delivery %d", want))
	}
	if e.Lock <= 0 || e.Lock.Round(time.Second) > f.lock { // some of it may be over
		wrong = append(wrong, fmt.Errorf("the group's lock is %v", f.lock))
	}
	for _, h := range f.holds() {
		if h.at == at && h.from.Before(e.At) && h.to.Add(-slack).After(e.At) {
			wrong = append(wrong, fmt.Errorf("%s holds it", h.client))
		}
	}
	return errors.Join(wrong...)
}

func accepted(f *queueFacts, c *crew, i int) error {
	e := c.said[i]
	job := f.jobs[spotOf(e)]
	wrong := []error{f.recorded(e), f.held(c.client(e.Worker), spotOf(e), e.At), f.counted(e.Record.Partition, e.At)}
	if job.Poison {
		wrong = append(wrong, errors.New("it cannot be done"))
	}
	work := time.Duration(job.WorkMS) * time.Millisecond
	if e.Took < work || e.Took > work+slack+f.lag(e.At) {
		wrong = append(wrong, fmt.Errorf("the job takes %v", work))
	}

	latest := int64(-1)
	for _, before := range c.said[:i] {
		if before.Kind == worker.Accepted && before.Record.Partition == e.Record.Partition {
			latest = max(latest, before.Record.Offset)
		}
	}
	if latest < e.Record.Offset {
		latest = -1
	}
	if e.After != latest {
		wrong = append(wrong, fmt.Errorf("the latest offset before it was %d", latest))
	}
	return errors.Join(wrong...)
}

// lag returns the longest time without a look at about that moment: the machine was busy.
func (f *queueFacts) lag(at time.Time) (longest time.Duration) {
	for i := 1; i < len(f.looks); i++ {
		if f.looks[i].ended.After(at.Add(-sweep)) && f.looks[i-1].ended.Before(at) {
			longest = max(longest, f.looks[i].ended.Sub(f.looks[i-1].ended))
		}
	}
	return longest
}

func rejected(f *queueFacts, c *crew, i int) error {
	e := c.said[i]
	client := c.client(e.Worker)
	wrong := []error{f.recorded(e), f.held(client, spotOf(e), e.At), f.counted(e.Record.Partition, e.At)}
	switch e.Reason {
	case worker.OfPoison:
		if !f.jobs[spotOf(e)].Poison || c.onPoison != worker.Reject {
			wrong = append(wrong, errors.New("it can be done"))
		}
	case worker.OnKey:
		wrong = append(wrong, f.pressed(client, e.Kind, e.At))
	default:
		wrong = append(wrong, fmt.Errorf("no reason is called %q", e.Reason))
	}
	return errors.Join(wrong...)
}

func released(f *queueFacts, c *crew, i int) error {
	e := c.said[i]
	client, at := c.client(e.Worker), spotOf(e)
	wrong := []error{f.held(client, at, e.At)}
	if e.Record.Delivery != f.deliveries(at, e.At) {
		wrong = append(wrong, fmt.Errorf("it was delivered %d times", f.deliveries(at, e.At)))
	}
	switch e.Reason {
	case worker.OfPoison:
		if !f.jobs[at].Poison || c.onPoison != worker.Release {
			wrong = append(wrong, errors.New("it can be done"))
		}
	case worker.OnKey:
		wrong = append(wrong, f.pressed(client, e.Kind, e.At))
	case worker.OnLeaving:
		if _, ok := marked(f.leaves, client, e.At); !ok {
			wrong = append(wrong, fmt.Errorf("%s does not leave", client))
		}
	case worker.OfLock:
		if held := f.heldFor(client, at, e.At); held < min(c.lock, f.lock)-slack {
			wrong = append(wrong, fmt.Errorf("it was held for %v", held))
		}
	default:
		wrong = append(wrong, fmt.Errorf("no reason is called %q", e.Reason))
	}
	return errors.Join(wrong...)
}

// heldFor returns how long a worker has held a record.
func (f *queueFacts) heldFor(client string, at spot, until time.Time) time.Duration {
	for _, h := range f.holds() {
		if h.client == client && h.at == at && !h.from.After(until) && !h.to.Before(until) {
			return until.Sub(h.from)
		}
	}
	return 0
}

func renewed(f *queueFacts, c *crew, i int) error {
	e := c.said[i]
	client := c.client(e.Worker)
	wrong := []error{f.held(client, spotOf(e), e.At)}
	if e.Lock != f.lock || c.lock <= f.lock {
		wrong = append(wrong, fmt.Errorf("the group locks for %v, and the worker may hold a record for %v", f.lock, c.lock))
	}
	if held := f.heldFor(client, spotOf(e), e.At); held > c.lock {
		wrong = append(wrong, fmt.Errorf("it holds the record for %v", held))
	}
	return errors.Join(wrong...)
}
