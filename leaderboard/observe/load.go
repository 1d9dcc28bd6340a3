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

// Records of workshop.control that are read back at a start: the holder says its status once a
// second, so the last of them hold the newest.
const controlTail = 100

// A load is what was last said on workshop.control.
type load struct {
	mu   sync.Mutex
	fact *game.LoadFact
}

// last is nil when nothing was ever said.
func (l *load) last() *game.LoadFact {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fact == nil {
		return nil
	}
	fact := *l.fact
	return &fact
}

// hear takes in a record. What the instructor set counts at once; the holder's status follows
// within a second. A record that does not parse says nothing.
func (l *load) hear(r kafka.Record) {
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
		l.fact = &game.LoadFact{Rate: s.Rate, Achieved: s.Achieved, Paused: s.Paused, At: notAfter(at, time.Now())}
	case workshop.ControlKeyLoad:
		var set workshop.Load
		if json.Unmarshal(r.Value, &set) != nil {
			return
		}
		next := game.LoadFact{Rate: set.Rate, Paused: set.Paused, At: notAfter(r.Timestamp, time.Now())}
		if l.fact != nil {
			next.Achieved = l.fact.Achieved
		}
		l.fact = &next
	}
}

// notAfter bounds a time that its writer chose.
func notAfter(at, now time.Time) time.Time {
	if at.After(now) {
		return now.UTC()
	}
	return at.UTC()
}

// followLoad reads workshop.control until the context ends. A client of its own keeps the fetches out
// of the sweep's connection.
func (o *Observer) followLoad(ctx context.Context) {
	opts, err := o.cfg.Kafka.Opts("leaderboard-load", o.cfg.Log)
	if err != nil {
		o.log.Warn("the load on workshop.control is not read", "error", err)
		return
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		o.log.Warn("the load on workshop.control is not read", "error", err)
		return
	}
	defer client.Close()

	kafka.Follower{
		Topic: o.cfg.ControlTopic(), Tail: controlTail, Log: o.log, Record: o.load.hear,
	}.Follow(ctx, client)
}
