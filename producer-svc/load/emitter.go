package load

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	tick = 2 * time.Millisecond

	// Nothing is sent while the broker is silent for longer than silenceLimit. Before its first answer the
	// limit is firstAnswerLimit: a new client looks up the topic, its leaders and a producer id first.
	silenceLimit     = 250 * time.Millisecond
	firstAnswerLimit = 2 * time.Second

	// The window limits unacknowledged records to what the broker acknowledges in maxWait: more of them no
	// longer fit the CPU's caches. A record takes 1.1 KB of memory.
	maxWait   = 50 * time.Millisecond
	minWindow = 10_000
	maxWindow = 25_000
)

// A Client sends records without blocking. *kgo.Client implements it.
type Client interface {
	TryProduce(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error))
}

// ErrTopicGone is returned by Run when the topic was deleted.
var ErrTopicGone = errors.New("the topic was deleted")

// An Emitter sends records to a Client at the rate of a Dial, and counts the outcome in a Meter.
// Acknowledged records return to a pool with their buffers. Those that failed do not: the client may
// still refer to them.
type Emitter struct {
	topic  string
	client Client
	dial   *Dial
	meter  *Meter
	maker  Maker
	lines  *Lines // nil prints nothing
	spread *Spread
	random *rng

	base time.Time // durations below count from here

	// Only for the goroutine in Run.
	free       []*pooledRecord
	sent       int64         // records sent
	completed  int64         // records acknowledged or failed, at measuredAt
	measuredAt time.Duration // when speed was measured
	speed      float64       // records completed per second, smoothed

	// Padding keeps what callbacks write away from what Run writes: a cache line that two cores write costs more than
	// making a user.
	_    [64]byte
	mu   sync.Mutex // guards acks
	acks acks
}

// acks is what callbacks report about the records that were sent.
type acks struct {
	done     int64           // acknowledged or failed
	last     time.Duration   // when a record was acknowledged last, or the last step with nothing pending
	answered bool            // the broker has acknowledged a record
	gone     bool            // the topic was deleted
	returned []*pooledRecord // acknowledged, to become free
}

// A pooledRecord is a record with its buffers and its callback, so that sending allocates nothing.
type pooledRecord struct {
	record  kgo.Record
	value   []byte
	key     []byte
	sentAt  time.Duration // since base
	promise func(*kgo.Record, error)
}

// NewEmitter returns an Emitter that sends nothing until Run. The spread is its client's partitioner.
func NewEmitter(topic string, client Client, dial *Dial, meter *Meter, maker Maker, lines *Lines, spread *Spread) *Emitter {
	return &Emitter{
		topic:  topic,
		client: client,
		dial:   dial,
		meter:  meter,
		maker:  maker,
		lines:  lines,
		spread: spread,
		random: newRNG(rand.Uint64(), rand.Uint64()),
		base:   time.Now(),
	}
}

// Run sends records until ctx ends, held returns false or the topic is deleted.
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
		if e.topicGone() {
			return ErrTopicGone
		}
		e.step(now)
	}
}

// step sends the records that are due.
func (e *Emitter) step(now time.Time) {
	order := e.dial.Due(now, e.room(now))
	if order.Dropped > 0 {
		e.meter.Dropped(now, order.Dropped, true)
	}

	e.spread.due.Store(int64(order.Records))
	for i := range order.Records {
		if i&63 == 63 { // a step may take milliseconds: keep timestamps close
			now = time.Now()
		}
		e.send(now, &order)
	}
	if e.lines != nil {
		e.lines.Flush()
	}
}

// room returns how many records may be sent now: none while the broker is silent.
func (e *Emitter) room(now time.Time) int {
	at := now.Sub(e.base)
	e.mu.Lock()
	pending := e.sent - e.acks.done
	if pending == 0 {
		e.acks.last = at
	}
	limit := firstAnswerLimit
	if e.acks.answered {
		limit = silenceLimit
	}
	silent := at - e.acks.last
	e.mu.Unlock()

	if silent >= limit {
		return 0
	}
	return e.window(at, pending) - int(pending)
}

func (e *Emitter) topicGone() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.acks.gone
}

// window returns how many records may be pending: as many as the broker completes in maxWait, by its
// recent speed. With a fast broker it grows until it no longer limits; with a slow one no record waits
// longer than maxWait. It shrinks faster than it grows, because what a broker completes after a stall is
// not its speed.
func (e *Emitter) window(at time.Duration, pending int64) int {
	if since := at - e.measuredAt; since >= 100*time.Millisecond {
		completed := e.sent - pending
		change := float64(completed-e.completed)/since.Seconds() - e.speed
		if change > 0 {
			change /= 4
		}

		e.speed += change / 2
		e.measuredAt = at
		e.completed = completed
	}
	return min(max(minWindow, int(e.speed*maxWait.Seconds())), maxWindow)
}

// send makes one record and passes it to the client. The end of Run does not cancel it: the client's
// owner flushes or closes the client.
func (e *Emitter) send(now time.Time, o *Order) {
	p := e.acquire()
	p.value = e.maker.Append(p.value[:0], now)
	key, ok := appendKey(p.key[:0], &o.Load, e.maker.User(), e.random)
	p.key = key
	if !ok {
		key = nil
	}
	if e.lines != nil {
		e.lines.Add(p.value, key)
	}

	p.sentAt = now.Sub(e.base)
	p.record = kgo.Record{Topic: e.topic, Key: key, Value: p.value, Timestamp: now}
	e.sent++
	e.client.TryProduce(context.Background(), &p.record, p.promise)
}

// acquire returns a record from the pool, or a new one.
func (e *Emitter) acquire() *pooledRecord {
	if len(e.free) == 0 {
		e.mu.Lock()
		e.free, e.acks.returned = e.acks.returned, e.free
		e.mu.Unlock()
	}

	if n := len(e.free); n > 0 {
		p := e.free[n-1]
		e.free = e.free[:n-1]
		return p
	}

	p := &pooledRecord{value: make([]byte, 0, 640), key: make([]byte, 0, 64)}
	p.promise = func(r *kgo.Record, err error) { e.complete(p, r, err) }
	return p
}

// complete counts the outcome of a record. The client calls it on its own goroutine.
func (e *Emitter) complete(p *pooledRecord, r *kgo.Record, err error) {
	if err != nil {
		gone := e.countFailure(err)
		e.mu.Lock()
		e.acks.done++
		e.acks.gone = e.acks.gone || gone
		e.mu.Unlock()
		return
	}

	at := time.Since(e.base)
	e.meter.Acked(r.Partition, len(r.Key)+len(r.Value), at-p.sentAt)

	e.mu.Lock()
	e.acks.done++
	e.acks.last, e.acks.answered = at, true
	e.acks.returned = append(e.acks.returned, p)
	e.mu.Unlock()
}

// countFailure counts a failed record and reports whether it failed because the topic is gone.
func (e *Emitter) countFailure(err error) (gone bool) {
	now := time.Now()
	switch {
	case errors.Is(err, kgo.ErrMaxBuffered):
		e.meter.Dropped(now, 1, true)
	case errors.Is(err, kgo.ErrClientClosed), errors.Is(err, kgo.ErrAborting), errors.Is(err, context.Canceled):
		e.meter.Dropped(now, 1, false)
	default:
		if errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.UnknownTopicID) {
			gone = true
		}
		e.meter.Failed(now, Reason(e.topic, err))
	}
	return gone
}
