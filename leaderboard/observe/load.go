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
func (l *load) hear(r *kgo.Record) {
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
		l.fact = &game.LoadFact{Rate: s.Rate, Achieved: s.Achieved, Paused: s.Paused, At: at.UTC()}
	case workshop.ControlKeyLoad:
		var set workshop.Load
		if json.Unmarshal(r.Value, &set) != nil {
			return
		}
		next := game.LoadFact{Rate: set.Rate, Paused: set.Paused, At: r.Timestamp.UTC()}
		if l.fact != nil {
			next.Achieved = l.fact.Achieved
		}
		l.fact = &next
	}
}

// followLoad reads workshop.control until the context ends. The topic may not be there yet, and the
// cluster may go: both are waited for.
func (o *Observer) followLoad(ctx context.Context) {
	backoff := kafka.Backoff(time.Second, 5*time.Second)
	for failed := 1; ctx.Err() == nil; failed++ {
		if o.readLoad(ctx) {
			failed = 0
		}
		select {
		case <-ctx.Done():
		case <-time.After(backoff(failed)):
		}
	}
}

// readLoad reads until an error, and says whether anything was read. A client of its own keeps the
// fetches out of the sweep's connection.
func (o *Observer) readLoad(ctx context.Context) (read bool) {
	topic := o.cfg.Namespace.Name(workshop.ControlTopic)
	opts, err := o.cfg.Kafka.Opts("leaderboard-load", o.cfg.Log)
	if err == nil {
		opts = append(opts, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
			topic: {0: kgo.NewOffset().AtEnd().Relative(-controlTail)},
		}))
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		o.log.Warn("the load on workshop.control is not read", "error", err)
		return false
	}
	defer client.Close()
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return read
		}
		fetches.EachRecord(func(r *kgo.Record) { o.load.hear(r); read = true })
		if err := fetches.Err0(); err != nil {
			return read
		}
		for _, e := range fetches.Errors() {
			o.log.Debug("reading workshop.control", "error", e.Err)
			return read
		}
	}
}
