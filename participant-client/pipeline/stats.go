package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Crew is what stats are of, and the connection that they go over.
type Crew interface {
	Snapshot() member.Snapshot
	Client() *kgo.Client
	ReportFault(text string)
}

// Stats publishes each member's counts once a second, as a member.Sink before another one.
type Stats struct {
	member.Sink
	Team     string
	Topic    string
	Instance func(instance int) string // the client's instance id, the records' key

	mu      sync.Mutex
	pauses  map[int]time.Duration // of rebalances that no record told of yet
	written map[int]counts        // by instance: the last whose records were all written
	crew    Crew
}

type counts struct{ processed, flagged int64 }

// Run publishes until ctx ends.
func (s *Stats) Run(ctx context.Context, crew Crew) {
	s.mu.Lock()
	s.crew = crew
	s.mu.Unlock()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			for _, m := range crew.Snapshot().Members {
				if m.State == member.Reading || m.State == member.Rebalancing {
					s.publish(m, false)
				}
			}
		}
	}
}

// Event notes pauses and goodbyes on their way to the sink.
func (s *Stats) Event(e member.Event) {
	switch {
	case e.Kind == member.Assigned && !e.First && e.Pause > 0:
		s.mu.Lock()
		if s.pauses == nil {
			s.pauses = map[int]time.Duration{}
		}
		s.pauses[e.Instance] = e.Pause
		s.mu.Unlock()
	case e.Kind == member.Closed && e.Reason == member.Left && e.Last != nil:
		s.publish(*e.Last, true)
	}
	s.Sink.Event(e)
}

func (s *Stats) publish(m member.Status, leaving bool) {
	flushed := s.Flush()
	s.mu.Lock()
	crew := s.crew
	pause, paused := s.pauses[m.Instance]
	delete(s.pauses, m.Instance)
	if s.written == nil {
		s.written = map[int]counts{}
	}
	if flushed == nil {
		s.written[m.Instance] = counts{m.Records, m.Flagged}
	}
	count := s.written[m.Instance]
	s.mu.Unlock()
	if crew == nil || crew.Client() == nil {
		return
	}
	value, err := json.Marshal(workshop.Stats{Team: s.Team, Processed: count.processed, Flagged: count.flagged})
	if err != nil {
		return // plain values: it cannot happen
	}
	id := s.Instance(m.Instance)
	r := &kgo.Record{Topic: s.Topic, Key: []byte(id), Value: value, Headers: []kgo.RecordHeader{
		{Key: workshop.HeaderInstance, Value: []byte(id)}, {Key: workshop.HeaderMemberID, Value: []byte(m.MemberID)},
	}}
	if paused {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: workshop.HeaderPause, Value: strconv.AppendInt(nil, pause.Milliseconds(), 10)})
	}
	if leaving {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: workshop.HeaderLeaving, Value: []byte("true")})
	}
	crew.Client().TryProduce(context.Background(), r, func(_ *kgo.Record, err error) {
		if err != nil && !errors.Is(err, kgo.ErrClientClosed) {
			crew.ReportFault("Cannot publish stats to " + s.Topic + ": " + err.Error())
		}
	})
}
