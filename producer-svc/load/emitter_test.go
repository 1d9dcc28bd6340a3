package load

import (
	"context"
	"errors"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func record(key []byte) *kgo.Record { return &kgo.Record{Key: key} }

// answering is a fake Client. It completes records at once with err, or keeps them in held while silent.
type answering struct {
	err    error
	silent bool
	taken  int
	held   []func()
}

func (a *answering) TryProduce(_ context.Context, r *kgo.Record, promise func(*kgo.Record, error)) {
	a.taken++
	if a.silent {
		a.held = append(a.held, func() { promise(r, nil) })
		return
	}
	promise(r, a.err)
}

func emitterOf(client Client, rate float64, lesson workshop.Lesson) *Emitter {
	d := NewDial(workshop.Load{Rate: rate, Keys: workshop.KeysUser, FixedKeys: 4})
	return NewEmitter("t", client, d, &Meter{}, MakerFor(lesson, "aaaaaaaa", 1, 2), nil, &Spread{})
}

func TestMakingAndHandingOverAllocatesNothing(t *testing.T) {
	for _, lesson := range workshop.Lessons() {
		client := &answering{}
		e := emitterOf(client, 1e5, lesson)
		now := e.base
		step := func() {
			now = now.Add(10 * time.Millisecond)
			e.step(now)
		}
		step()
		step()
		if n := testing.AllocsPerRun(100, step); n > 0 {
			t.Errorf("%s: %v allocations for 1000 records", lesson.Name, n)
		}
		if client.taken < 100_000 {
			t.Errorf("%s: only %d records were handed over", lesson.Name, client.taken)
		}
	}
}

func TestABrokerThatDoesNotAnswerHoldsLittle(t *testing.T) {
	for _, rate := range []float64{10, 1000, 1e6} {
		client := &answering{silent: true}
		e := emitterOf(client, rate, workshop.RebalancingDemo)
		e.acks.answered = true
		now := e.base
		for range 6000 { // a minute
			now = now.Add(10 * time.Millisecond)
			e.step(now)
		}
		if most := int(rate*(silenceLimit+10*time.Millisecond).Seconds()) + 1; client.taken > most {
			t.Errorf("at %v/s %d records wait, want %d at most", rate, client.taken, most)
		}
		if client.taken > maxWindow {
			t.Errorf("at %v/s %d records wait, want %d at most", rate, client.taken, maxWindow)
		}
		r := e.meter.Read(now, rate, noon)
		if !r.Limited || float64(r.Dropped) < rate*59 {
			t.Errorf("at %v/s: limited %v, %d dropped", rate, r.Limited, r.Dropped)
		}
		// When it answers again, held records are reused, and no burst follows.
		client.silent = false
		for _, answer := range client.held {
			answer()
		}
		before := client.taken
		e.base = e.base.Add(-time.Minute) // the answers came in virtual time
		e.acks.last = now.Sub(e.base)
		now = now.Add(10 * time.Millisecond)
		e.step(now)
		if n := client.taken - before; float64(n) > max(1, rate*0.11) {
			t.Errorf("at %v/s: %d records at once when it answers again", rate, n)
		}
	}
}

// The window follows the broker's speed, and not what it catches up with after a stall: that would waste memory.
func TestTheWindowFollowsTheSpeed(t *testing.T) {
	const speed = 300_000.0
	inWindow := int(speed * maxWait.Seconds())
	e := emitterOf(&answering{}, 1e6, workshop.RebalancingDemo)
	at, window := time.Duration(0), 0
	answers := func(perSecond float64, tenths int, most int) {
		t.Helper()
		for range tenths {
			at += 100 * time.Millisecond
			e.sent += int64(perSecond / 10)
			if window = e.window(at, 0); window < minWindow || window > most {
				t.Errorf("at %v: %d records may wait, want %d to %d", at, window, minWindow, most)
			}
		}
	}
	answers(speed, 40, inWindow)
	if window < inWindow*95/100 {
		t.Errorf("after four seconds %d records may wait, want %d", window, inWindow)
	}
	answers(0, 3, inWindow)
	answers(2*speed, 3, inWindow)
	answers(speed, 40, inWindow)
	answers(1000, 40, inWindow)
	if window != minWindow {
		t.Errorf("for a slow broker %d records may wait, want %d", window, minWindow)
	}
	answers(2e6, 40, maxWindow)
	if window != maxWindow {
		t.Errorf("for a fast broker %d records may wait, want %d", window, maxWindow)
	}
}

// A new client's first response takes longer, above all on a topic that was just created: nothing is dropped for that.
func TestTheFirstAnswerTakesLonger(t *testing.T) {
	client := &answering{silent: true}
	e := emitterOf(client, 10, workshop.RebalancingDemo)
	now := e.base
	step := func(n int) {
		for range n {
			now = now.Add(10 * time.Millisecond)
			e.step(now)
		}
	}
	step(150)
	if got := e.meter.Totals(); client.taken < 14 || got.Dropped != 0 {
		t.Errorf("%d handed over and %d dropped before the first answer, want all of 1.5 s and 0", client.taken, got.Dropped)
	}
	step(450)
	if got := e.meter.Totals(); client.taken > 21 || got.Dropped < 38 {
		t.Errorf("%d handed over and %d dropped without any answer", client.taken, got.Dropped)
	}
}

func TestWhatBecomesOfRecords(t *testing.T) {
	for _, tt := range []struct {
		err             error
		errors, dropped int64
		says            string
		gone            bool
	}{
		{nil, 0, 0, "", false},
		{kgo.ErrMaxBuffered, 0, 1, "", false},
		{kgo.ErrClientClosed, 0, 1, "", false},
		{kerr.UnknownTopicOrPartition, 1, 0, "topic t does not exist", true},
		{kerr.UnknownTopicID, 1, 0, "topic t does not exist", true},
		{kerr.TopicAuthorizationFailed, 1, 0, "this user is not allowed to write to t", false},
		{kerr.MessageTooLarge, 1, 0, "a record is larger than t accepts", false},
		{kerr.NotEnoughReplicas, 1, 0, "too few replicas of t are in sync to accept records", false},
		{errors.New("odd"), 1, 0, "odd", false},
	} {
		e := emitterOf(&answering{err: tt.err}, 10, workshop.RebalancingDemo)
		e.step(e.base)
		e.step(e.base.Add(100 * time.Millisecond))
		got := e.meter.Totals()
		if got.Errors != tt.errors || got.Dropped != tt.dropped || got.Error != tt.says || e.acks.gone != tt.gone {
			t.Errorf("%v: %+v, topic gone %v", tt.err, got, e.acks.gone)
		}
		if produced := got.Produced == 1; produced != (tt.err == nil) {
			t.Errorf("%v: %d produced", tt.err, got.Produced)
		}
	}
}

func TestRunEndsWithTheLease(t *testing.T) {
	e := emitterOf(&answering{}, 1000, workshop.ScaleUp)
	asked := 0
	if err := e.Run(t.Context(), func(time.Time) bool { asked++; return asked < 5 }); err != nil || asked != 5 {
		t.Errorf("%v after %d questions", err, asked)
	}
	e.acks.gone = true
	if err := e.Run(t.Context(), func(time.Time) bool { return true }); !errors.Is(err, ErrTopicGone) {
		t.Errorf("%v, want that the topic is gone", err)
	}
}

func BenchmarkMake(b *testing.B) {
	for _, lesson := range workshop.Lessons() {
		b.Run(lesson.Name, func(b *testing.B) {
			maker := MakerFor(lesson, "aaaaaaaa", 1, 2)
			buf := make([]byte, 0, 1024)
			b.ReportAllocs()
			for b.Loop() {
				buf = maker.Append(buf[:0], noon)
			}
			b.SetBytes(int64(len(buf)))
		})
	}
}

// BenchmarkHandOver makes users and passes them to a client that acknowledges at once: all of the emitter's work for a
// record.
func BenchmarkHandOver(b *testing.B) {
	e := emitterOf(&answering{}, 10, workshop.ScaleUp)
	o := Order{Load: workshop.Load{Keys: workshop.KeysUser}}
	b.ReportAllocs()
	for b.Loop() {
		e.send(noon, &o)
	}
}
