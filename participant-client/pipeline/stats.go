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

// A Group holds the members that the stats are about, and the client that publishes them.
type Group interface {
	Snapshot() member.Snapshot
	Client() *kgo.Client
	ReportFault(text string)
}

// Stats publishes each member's counts once a second. It is a member.Sink that passes everything on to another one.
type Stats struct {
	member.Sink
	Team     string
	Topic    string
	Instance func(instance int) string // the client's instance ID, which is the records' key

	mu      sync.Mutex            // guards what follows
	pauses  map[int]time.Duration // by instance: of the last rebalance, until it is published
	written map[int]counts        // by instance: the latest counts of which every line was written
	group   Group
}

type counts struct{ processed, flagged int64 }

// Run publishes until ctx ends.
func (s *Stats) Run(ctx context.Context, group Group) {
	s.mu.Lock()
	s.group = group
	s.mu.Unlock()

	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			for _, m := range group.Snapshot().Members {
				if m.State == member.Reading || m.State == member.Rebalancing {
					s.publish(m, false)
				}
			}
		}
	}
}

// Event records pauses and publishes the last counts of a member that leaves, before the sink gets the event.
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
	group, now, pause := s.take(m, s.Flush() == nil)
	if group == nil || group.Client() == nil {
		return
	}

	value, err := json.Marshal(workshop.Stats{Team: s.Team, Processed: now.processed, Flagged: now.flagged})
	if err != nil {
		return // strings and numbers always encode
	}
	id := s.Instance(m.Instance)
	r := &kgo.Record{Topic: s.Topic, Key: []byte(id), Value: value}
	header := func(key, value string) {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: key, Value: []byte(value)})
	}
	header(workshop.HeaderInstance, id)
	header(workshop.HeaderMemberID, m.MemberID)
	if pause > 0 {
		header(workshop.HeaderPause, strconv.FormatInt(pause.Milliseconds(), 10))
	}
	if leaving {
		header(workshop.HeaderLeaving, "true")
	}

	group.Client().TryProduce(context.Background(), r, func(_ *kgo.Record, err error) {
		if err != nil && !errors.Is(err, kgo.ErrClientClosed) {
			group.ReportFault("Cannot publish stats to " + s.Topic + ": " + err.Error())
		}
	})
}

// take returns what to publish about a member: the counts of written lines, and the pause if it is not published yet.
func (s *Stats) take(m member.Status, written bool) (Group, counts, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written == nil {
		s.written = map[int]counts{}
	}
	if written {
		s.written[m.Instance] = counts{m.Records, m.Flagged}
	}

	pause := s.pauses[m.Instance]
	delete(s.pauses, m.Instance)
	return s.group, s.written[m.Instance], pause
}
