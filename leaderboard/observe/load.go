package observe

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// controlTail is how many records of workshop.control are read at the start. The producer writes its status once a second, so
// the newest is among them.
const controlTail = 100

// A load is the latest state of workshop.control.
type load struct {
	mu      sync.Mutex // guards what follows
	fact    *game.LoadFact
	status  workshop.LoadStatus
	changed chan struct{} // closed and replaced when status changes
}

// last returns nil if there has been no record yet.
func (l *load) last() *game.LoadFact {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fact == nil {
		return nil
	}
	fact := *l.fact
	return &fact
}

// update applies a record. A change by the instructor counts at once; the producer's status follows within a second. A record
// that does not parse is skipped.
func (l *load) update(r kafka.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()

	switch string(r.Key) {
	case workshop.ControlKeyStatus:
		var s workshop.LoadStatus
		if json.Unmarshal(r.Value, &s) != nil {
			return
		}
		at, err := time.Parse(time.RFC3339, s.At)
		if err != nil {
			at = r.Timestamp
		}
		l.status = s
		close(l.changed)
		l.changed = make(chan struct{})
		l.fact = &game.LoadFact{Rate: s.Rate, Achieved: s.Achieved, Paused: s.Paused, Keys: s.Keys, FixedKeys: s.FixedKeys, At: clampFuture(at, time.Now())}

	case workshop.ControlKeyLoad:
		var set workshop.Load
		if json.Unmarshal(r.Value, &set) != nil {
			return
		}
		next := game.LoadFact{Keys: set.Keys, FixedKeys: set.FixedKeys, Rate: set.Rate, Paused: set.Paused, At: clampFuture(r.Timestamp, time.Now())}
		if l.fact != nil {
			next.Achieved = l.fact.Achieved
		}
		l.fact = &next
	}
}

// clampFuture moves a timestamp after now back to now: writers choose their timestamps.
func clampFuture(at, now time.Time) time.Time {
	if at.After(now) {
		return now.UTC()
	}
	return at.UTC()
}

// followLoad reads workshop.control until the context ends. It has its own client: on a shared connection, a sweep's requests
// would wait behind its fetches.
func (o *Observer) followLoad(ctx context.Context) {
	opts, err := o.cfg.Kafka.Opts("leaderboard-load", o.cfg.Log)
	if err != nil {
		o.log.Warn("cannot read the load from workshop.control", "error", err)
		return
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		o.log.Warn("cannot read the load from workshop.control", "error", err)
		return
	}
	defer client.Close()

	follower := kafka.Follower{
		Topic:  o.cfg.ControlTopic(),
		Tail:   controlTail,
		Log:    o.log,
		Record: o.load.update,
	}
	follower.Follow(ctx, client)
}
