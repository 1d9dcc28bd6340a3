package worker

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kgo"
)

// statsEvery is how often each worker's counts are published.
const statsEvery = time.Second

// publishStats publishes the counts of all workers regularly until ctx ends. A worker that leaves publishes its last ones
// itself, and one that crashed publishes no more.
func (g *Group) publishStats(ctx context.Context) {
	if g.cfg.Stats == "" {
		return
	}
	for kafka.Sleep(ctx, statsEvery) {
		for _, w := range g.roster.All() {
			if w.active.Err() == nil {
				g.publish(w, false)
			}
		}
	}
}

func (g *Group) publish(w *worker, leaving bool) {
	client := g.Client()
	if g.cfg.Stats == "" || client == nil {
		return
	}
	counts := w.countsNow()
	value, err := json.Marshal(workshop.WorkerStats{
		Team: g.cfg.Team, Processed: counts.Processed, Redelivered: counts.Redelivered, Rejected: counts.Rejected,
	})
	if err != nil {
		return // strings and numbers always encode
	}

	id := g.cfg.Instance(w.number)
	r := &kgo.Record{Topic: g.cfg.Stats, Key: []byte(id), Value: value}
	header := func(key, value string) {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: key, Value: []byte(value)})
	}
	header(workshop.HeaderInstance, id)
	header(workshop.HeaderMemberID, g.memberID(w))
	if leaving {
		header(workshop.HeaderLeaving, "true")
	}
	client.TryProduce(context.Background(), r, func(_ *kgo.Record, err error) {
		if err != nil && !errors.Is(err, kgo.ErrClientClosed) {
			g.reportFault(0, fault.Fault{Text: "Cannot publish stats to " + g.cfg.Stats + ": " + err.Error()})
		}
	})
}

// memberID returns a worker's member ID as the group has it, empty before the watch has seen it.
func (g *Group) memberID(w *worker) string {
	g.mu.Lock()
	watch := g.watch
	g.mu.Unlock()
	watch.mu.Lock()
	defer watch.mu.Unlock()
	for id, number := range watch.numbers {
		if number == w.number {
			return id
		}
	}
	return ""
}
