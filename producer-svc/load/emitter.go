package load

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// How the emitter works.
const (
	tick     = 2 * time.Millisecond
	silence  = 250 * time.Millisecond // of the broker, after which nothing is handed over
	begin    = 2 * time.Second        // the same before the first answer: a new client finds the topic, its leaders and an id first
	waitMost = 50 * time.Millisecond  // of records that wait for a broker that answers: more only miss the CPU's cache
	waitFew  = 10_000                 // records may wait at any rate,
	waitMany = 25_000                 // and no more than these, for they are memory: 1.1 KB each
)

// A Client takes records without waiting. It is a kgo.Client.
type Client interface {
	TryProduce(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error))
}

// ErrTopicGone ends a Run whose topic was deleted under it.
var ErrTopicGone = errors.New("the topic is gone")

// An Emitter hands records to a client as a Dial says, and a Meter what became of them. Records and
// their buffers are used again once the broker has acknowledged them; whatever else becomes of a
// record, its buffers are not trusted again.
type Emitter struct {
	topic  string
	client Client
	dial   *Dial
	meter  *Meter
	maker  Maker
	lines  *Lines // nil prints nothing
	rng    *dice

	base    time.Time
	waiting atomic.Int64 // records handed over and not answered
	lastAck atomic.Int64 // nanoseconds since base of the last answer, or of the first record after rest
	met     atomic.Bool  // the broker has answered
	gone    atomic.Bool  // the topic

	// Of the goroutine in Run:
	free     []*letter
	handed   int64         // records handed over
	answered int64         // of them, when speed was last judged
	judged   time.Duration // when that was, since base
	speed    float64       // records answered per second

	mu   sync.Mutex
	back []*letter // from acknowledgements, for free
}

// A letter is a record with its buffers and what is to be done when it is answered.
type letter struct {
	record   kgo.Record
	value    []byte
	key      []byte
	at       time.Duration // since base
	answered func(*kgo.Record, error)
}

// NewEmitter prepares a Run; nothing is handed over before it.
func NewEmitter(topic string, client Client, dial *Dial, meter *Meter, maker Maker, lines *Lines) *Emitter {
	return &Emitter{topic: topic, client: client, dial: dial, meter: meter, maker: maker, lines: lines, rng: newDice(rand.Uint64(), rand.Uint64()), base: time.Now()}
}

// Run hands records over until ctx ends or held is false for the moment it is asked about.
func (e *Emitter) Run(ctx context.Context, held func(now time.Time) bool) error {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		now := time.Now()
		if !held(now) {
			return nil
		}
		if e.gone.Load() {
			return ErrTopicGone
		}
		e.step(now)
	}
}

// step hands over what is due.
func (e *Emitter) step(now time.Time) {
	at := now.Sub(e.base)
	waiting := e.waiting.Load()
	if waiting == 0 {
		e.lastAck.Store(int64(at))
	}
	patience := begin
	if e.met.Load() {
		patience = silence
	}
	room := 0
	if at-time.Duration(e.lastAck.Load()) < patience {
		room = e.window(at, waiting) - int(waiting)
	}
	order := e.dial.Due(now, room)
	if order.Dropped > 0 {
		e.meter.Dropped(now, order.Dropped, true)
	}
	for i := range order.Records {
		if i&63 == 63 {
			now = time.Now()
		}
		e.hand(now, &order)
	}
	if e.lines != nil {
		e.lines.Flush()
	}
}

// window is how many records may wait: so many as the broker takes in waitMost, going by the last
// tenths of a second. Where it answers sooner than that, the window grows until it no longer
// limits; where it is slow, what waits is old by no more than that. It shrinks faster than it grows,
// for what a broker catches up with after it stood still is not its speed.
func (e *Emitter) window(at time.Duration, waiting int64) int {
	if since := at - e.judged; since >= 100*time.Millisecond {
		answered := e.handed - waiting
		change := float64(answered-e.answered)/since.Seconds() - e.speed
		if change > 0 {
			change /= 4
		}
		e.speed += change / 2
		e.judged, e.answered = at, answered
	}
	return min(max(waitFew, int(e.speed*waitMost.Seconds())), waitMany)
}

// hand makes one record and gives it to the client. The end of Run does not take it back: whoever
// owns the client flushes or closes it.
func (e *Emitter) hand(now time.Time, o *Order) {
	l := e.take()
	l.value = e.maker.Append(l.value[:0], now)
	key, has := appendKey(l.key[:0], &o.Load, e.maker.User(), e.rng)
	l.key = key
	if !has {
		key = nil
	}
	l.at = now.Sub(e.base)
	l.record = kgo.Record{Topic: e.topic, Key: key, Value: l.value, Timestamp: now}
	if e.lines != nil {
		e.lines.Add(l.value, key)
	}
	e.handed++
	e.waiting.Add(1)
	e.client.TryProduce(context.Background(), &l.record, l.answered)
}

// take is a letter that nobody else uses.
func (e *Emitter) take() *letter {
	if len(e.free) == 0 {
		e.mu.Lock()
		e.free, e.back = e.back, e.free
		e.mu.Unlock()
	}
	if n := len(e.free); n > 0 {
		l := e.free[n-1]
		e.free = e.free[:n-1]
		return l
	}
	l := &letter{value: make([]byte, 0, 640), key: make([]byte, 0, 64)}
	l.answered = func(r *kgo.Record, err error) { e.answer(l, r, err) }
	return l
}

// answer counts what became of a record.
func (e *Emitter) answer(l *letter, r *kgo.Record, err error) {
	e.waiting.Add(-1)
	if err != nil {
		e.refused(err)
		return
	}
	at := time.Since(e.base)
	e.lastAck.Store(int64(at))
	e.met.Store(true)
	e.meter.Acked(r.Partition, len(r.Key)+len(r.Value), at-l.at)
	e.mu.Lock()
	e.back = append(e.back, l)
	e.mu.Unlock()
}

func (e *Emitter) refused(err error) {
	now := time.Now()
	switch {
	case errors.Is(err, kgo.ErrMaxBuffered):
		e.meter.Dropped(now, 1, true)
	case errors.Is(err, kgo.ErrClientClosed), errors.Is(err, kgo.ErrAborting), errors.Is(err, context.Canceled):
		e.meter.Dropped(now, 1, false)
	default:
		if errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.UnknownTopicID) {
			e.gone.Store(true)
		}
		e.meter.Failed(now, Reason(e.topic, err))
	}
}
