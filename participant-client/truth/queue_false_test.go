package truth

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/worker"
)

// Every kind of event of a worker has a rule, and so will a new kind.
func TestEveryKindOfAWorkerHasARule(t *testing.T) {
	holdKinds(t, "../worker/event.go", len(queueRules), func(kind string) bool { return queueRules[worker.Kind(kind)] != nil })
	if err := new(queueFacts).check(&crew{said: []worker.Event{{Kind: "tomorrow"}}}, 0); err == nil {
		t.Error("a sentence of a new kind passes")
	}
}

// after returns a moment of the scene.
func after(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }

// queueScene returns a group with one partition of ten jobs, of which the fourth is poison. Ann has two workers, one of
// which leaves in the end, and bob has one, which crashes.
func queueScene() (f *queueFacts, ann, bob *crew) {
	const lock = 15 * time.Second
	ann = &crew{name: "ann", clientID: "g-ann", onPoison: worker.Reject, lock: time.Minute}
	bob = &crew{name: "bob", clientID: "g-bob", onPoison: worker.Reject, lock: lock}
	f = &queueFacts{
		jobs: map[spot]workshop.Job{}, lock: lock, session: 10 * time.Second, crews: []*crew{ann, bob},
		crashes: []mark{{after(7), "g-bob-1"}}, leaves: []mark{{after(31), "g-ann-1"}}, keys: []mark{{after(3), "g-ann-1 released"}},
	}
	for i := range int64(10) {
		f.jobs[spot{0, i}] = workshop.Job{ID: strconv.FormatInt(i, 10), Kind: "k", WorkMS: 400, Poison: i == 3}
	}
	f.jobs[spot{0, 5}] = workshop.Job{ID: "5", Kind: "k", WorkMS: 16_000}

	say := func(c *crew, at float64, number int, kind worker.Kind, offset int64, delivery int32, more worker.Event) {
		more.Kind, more.At, more.Worker = kind, after(at), number
		if delivery > 0 {
			more.Record = worker.Record{Topic: "jobs", Offset: offset, Delivery: delivery, Job: f.jobs[spot{0, offset}]}
		}
		c.said = append(c.said, more)
	}
	take := worker.Event{Lock: lock}
	done := func(took, later int64) worker.Event {
		return worker.Event{Took: time.Duration(took) * time.Millisecond, After: later}
	}
	member := func(client string, gone bool) worker.Event {
		return worker.Event{Member: group.Member{ID: client, ClientID: client}, Gone: gone}
	}
	say(ann, 1, 1, worker.Acquired, 0, 1, take)
	say(ann, 1, 0, worker.LockDiffers, 0, 0, worker.Event{Lock: lock, Reason: "1m0s"})
	say(ann, 1.1, 2, worker.Acquired, 1, 1, take)
	say(ann, 1.5, 2, worker.Accepted, 1, 1, done(400, -1))
	say(ann, 1.6, 1, worker.Accepted, 0, 1, done(500, 1))
	say(ann, 1.6, 1, worker.Lesson, 0, 0, worker.Event{Text: "Order is lost: workers share a partition."})
	say(ann, 2, 1, worker.Acquired, 2, 1, take)
	say(ann, 2, 2, worker.Acquired, 3, 1, take)
	say(ann, 2.4, 2, worker.Rejected, 3, 1, worker.Event{Reason: worker.OfPoison})
	say(ann, 3.1, 1, worker.Released, 2, 1, worker.Event{Reason: worker.OnKey})
	say(ann, 3.5, 2, worker.Redelivered, 2, 2, take)
	say(ann, 3.9, 2, worker.Accepted, 2, 2, done(400, -1))
	say(ann, 5.5, 0, worker.Member, 0, 0, member("g-bob-1", false))
	say(bob, 6, 1, worker.Acquired, 4, 1, take)
	say(bob, 7.1, 1, worker.Closed, 0, 0, worker.Event{Reason: worker.Crashed, Last: &worker.Counts{}})
	say(ann, 8, 1, worker.Redelivered, 4, 2, take)
	say(ann, 8.4, 1, worker.Accepted, 4, 2, done(400, -1))
	say(ann, 9, 2, worker.Acquired, 5, 1, take)
	say(ann, 17.5, 0, worker.Member, 0, 0, member("g-bob-1", true))
	say(ann, 19, 2, worker.Renewed, 5, 1, take)
	say(ann, 25, 2, worker.Accepted, 5, 1, done(16_000, -1))
	say(ann, 30, 1, worker.Acquired, 6, 1, take)
	say(ann, 31.1, 1, worker.Released, 6, 1, worker.Event{Reason: worker.OnLeaving})
	say(ann, 31.2, 1, worker.Closed, 0, 0, worker.Event{Reason: worker.Left, Last: &worker.Counts{Processed: 2, Redelivered: 1, Released: 2}})
	say(ann, 40, 2, worker.Acquired, 7, 1, take)
	say(ann, 56, 2, worker.Lost, 7, 1, worker.Event{Reason: worker.OfLock})
	say(ann, 57, 2, worker.Acquired, 8, 1, take)
	say(ann, 71.9, 2, worker.Released, 8, 1, worker.Event{Reason: worker.OfLock})
	say(ann, 73, 0, worker.Fault, 0, 0, worker.Event{Text: "Nothing listens."})
	say(ann, 73, 0, worker.Waiting, 0, 0, worker.Event{Text: "No coordinator."})

	for at := noon; at.Before(after(80)); at = at.Add(lookEvery) {
		l := queueLook{
			began: at, ended: at.Add(5 * time.Millisecond), start: map[int32]int64{0: 0}, ends: map[int32]int64{0: 10}, endsAfter: map[int32]int64{0: 10},
			lag: map[int32]int64{0: 10 - f.settled(0, at)}, members: map[string][]int32{"g-ann-1": {0}, "g-ann-2": {0}},
		}
		if !at.Before(after(5)) && at.Before(after(17)) {
			l.members["g-bob-1"] = []int32{0}
		}
		if !at.Before(after(31)) {
			delete(l.members, "g-ann-1")
		}
		f.looks = append(f.looks, l)
	}
	return f, ann, bob
}

// Each rule accepts the true sentence, and none of the false ones, which differ from it in one fact.
func TestFalseSentencesOfWorkersAreFound(t *testing.T) {
	at := func(seconds float64) func(*worker.Event) { return func(e *worker.Event) { e.At = after(seconds) } }
	by := func(number int) func(*worker.Event) { return func(e *worker.Event) { e.Worker = number } }
	offset := func(o int64) func(*worker.Event) { return func(e *worker.Event) { e.Record.Offset = o } }
	delivery := func(n int32) func(*worker.Event) { return func(e *worker.Event) { e.Record.Delivery = n } }
	reason := func(r string) func(*worker.Event) { return func(e *worker.Event) { e.Reason = r } }
	lock := func(d time.Duration) func(*worker.Event) { return func(e *worker.Event) { e.Lock = d } }
	took := func(d time.Duration) func(*worker.Event) { return func(e *worker.Event) { e.Took = d } }
	later := func(o int64) func(*worker.Event) { return func(e *worker.Event) { e.After = o } }
	kind := func(k worker.Kind) func(*worker.Event) { return func(e *worker.Event) { e.Kind = k } }
	job := func(id string) func(*worker.Event) { return func(e *worker.Event) { e.Record.Job.ID = id } }
	who := func(client string) func(*worker.Event) { return func(e *worker.Event) { e.Member.ClientID = client } }
	gone := func(is bool) func(*worker.Event) { return func(e *worker.Event) { e.Gone = is } }
	counts := func(c worker.Counts) func(*worker.Event) { return func(e *worker.Event) { e.Last = &c } }

	for _, test := range []struct {
		kind  worker.Kind
		at    float64
		false []func(*worker.Event)
	}{
		{worker.Acquired, 1, []func(*worker.Event){
			offset(4), offset(99), delivery(2), lock(time.Minute), kind(worker.Redelivered), by(3), job("another"),
		}},
		{worker.Redelivered, 3.5, []func(*worker.Event){delivery(1), delivery(3), offset(1), kind(worker.Acquired), at(2.05)}},
		{worker.LockDiffers, 1, []func(*worker.Event){lock(time.Minute), reason("30s"), reason("15s"), reason("")}},
		{worker.Accepted, 1.6, []func(*worker.Event){
			offset(1), offset(2), by(2), later(-1), later(7), took(100 * time.Millisecond), took(9 * time.Second), at(0.5), job("another"),
		}},
		{worker.Lesson, 1.6, []func(*worker.Event){
			func(e *worker.Event) { e.Text = "A rejected record is never delivered again." }, func(e *worker.Event) { e.Text = "Something else." },
		}},
		{worker.Rejected, 2.4, []func(*worker.Event){offset(2), by(1), reason(worker.OnKey), reason("?"), at(1.9)}},
		{worker.Released, 3.1, []func(*worker.Event){by(2), offset(3), delivery(2), reason(worker.OnLeaving), reason(worker.OfPoison), reason(worker.OfLock), reason("?")}},
		{worker.Released, 31.1, []func(*worker.Event){reason(worker.OnKey), at(30.5)}},
		{worker.Released, 71.9, []func(*worker.Event){at(60), reason(worker.OnLeaving)}},
		{worker.Member, 5.5, []func(*worker.Event){who("g-eve-1"), who("g-ann-1"), gone(true), by(1), at(15)}},
		{worker.Member, 17.5, []func(*worker.Event){who("g-ann-2"), gone(false), at(10), at(30)}},
		{worker.Renewed, 19, []func(*worker.Event){by(1), offset(4), lock(time.Minute), at(26)}},
		{worker.Lost, 56, []func(*worker.Event){at(45), reason(worker.OfSession), offset(9), by(1)}},
		{worker.Closed, 7.1, []func(*worker.Event){reason(worker.Left), reason(worker.Failed), at(6.5), counts(worker.Counts{Processed: 1}), func(e *worker.Event) { e.Poison = true }}},
		{worker.Closed, 31.2, []func(*worker.Event){reason(worker.Crashed), reason(worker.Failed), at(20), counts(worker.Counts{Processed: 2, Released: 2}), by(2)}},
		{worker.Fault, 73, []func(*worker.Event){kind("tomorrow")}},
		{worker.Waiting, 73, []func(*worker.Event){kind("tomorrow")}},
	} {
		t.Run(string(test.kind)+strconv.FormatFloat(test.at, 'g', -1, 64), func(t *testing.T) {
			f, ann, bob := queueScene()
			f.faults = test.kind == worker.Fault || test.kind == worker.Waiting
			c := ann
			find := func(c *crew) int {
				return slices.IndexFunc(c.said, func(e worker.Event) bool { return e.Kind == test.kind && e.At.Equal(after(test.at)) })
			}
			if find(c) < 0 {
				c = bob
			}
			i := find(c)
			truth := c.said[i]
			if err := f.check(c, i); err != nil {
				t.Errorf("the true sentence is not believed: %v", err)
			}
			for n, change := range test.false {
				lie := truth
				change(&lie)
				c.said[i] = lie
				if f.check(c, i) == nil {
					t.Errorf("false sentence %d is believed: %s, %+v", n, lie, lie)
				}
			}
		})
	}
}

// A sentence about a fault is rejected while nothing is wrong, and a record that is done without an event is noticed.
func TestUntoldRecordsAreFound(t *testing.T) {
	f, ann, _ := queueScene()
	for i, e := range ann.said {
		if (e.Kind == worker.Fault || e.Kind == worker.Waiting) && f.check(ann, i) == nil {
			t.Errorf("believes %s", e)
		}
	}
	if untold := f.untold(); len(untold) > 0 {
		t.Errorf("all is told, and it misses %v", untold)
	}
	for i, e := range slices.Clone(ann.said) {
		if !settles(e) {
			continue
		}
		f, ann, _ := queueScene()
		ann.said = slices.Delete(ann.said, i, i+1)
		if len(f.untold()) == 0 {
			t.Errorf("does not miss %s", e)
		}
	}
}
