package control

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// controlState is the content of workshop.control.
type controlState struct {
	load   *workshop.Load // nil if none is stored for this lesson
	status workshop.LoadStatus
	seen   time.Time // when the status was written, never in the future
	wanted *wanted   // the last change that the leaderboard asked for; nil for none
}

// A wanted is a Wanted with its record's offset.
type wanted struct {
	workshop.Wanted
	offset int64
}

// A reader follows workshop.control, whichever instance holds the load.
type reader struct {
	client *kgo.Client
	topic  string
	lesson string
	log    *slog.Logger
	asked  chan struct{} // signals a new wanted record; holds at most one signal

	mu       sync.Mutex // guards the fields below
	state    controlState
	next     int64         // the offset to read next
	advanced chan struct{} // closed and replaced when next changes
}

func newReader(opts []kgo.Opt, topic, lesson string, log *slog.Logger) (*reader, error) {
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, err
	}

	return &reader{client: client, topic: topic, lesson: lesson, log: log, asked: make(chan struct{}, 1), advanced: make(chan struct{})}, nil
}

// Run follows the topic until ctx ends.
func (r *reader) Run(ctx context.Context) {
	defer r.client.Close()
	kafka.Follower{Topic: r.topic, Log: r.log, Record: r.handleRecord, Reached: r.advance}.Follow(ctx, r.client)
}

// advance moves to the next offset. It also skips batches that cannot be read.
func (r *reader) advance(next int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = next
	close(r.advanced)
	r.advanced = make(chan struct{})
}

// handleRecord updates the state. Records that do not parse are ignored.
func (r *reader) handleRecord(rec kafka.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()

	switch string(rec.Key) {
	case workshop.ControlKeyLoad:
		var l workshop.Load
		if !r.isForLesson(rec) || json.Unmarshal(rec.Value, &l) != nil {
			return
		}
		r.state.load = &l
	case workshop.ControlKeyStatus:
		var s workshop.LoadStatus
		if json.Unmarshal(rec.Value, &s) != nil {
			return
		}
		s.Holder = workshop.CleanText(s.Holder, workshop.MaxText)
		r.state.status = s
		r.state.seen = clampFuture(rec.Timestamp, time.Now())
	case workshop.ControlKeyWanted:
		var w workshop.Wanted
		if !r.isForLesson(rec) || json.Unmarshal(rec.Value, &w) != nil {
			return
		}
		w.Reason = workshop.CleanText(w.Reason, workshop.MaxText)
		r.state.wanted = &wanted{w, rec.Offset}
		select {
		case r.asked <- struct{}{}:
		default: // the pending signal covers this one
		}
	}
}

// clampFuture moves a timestamp after now back to now: a record carries its writer's clock.
func clampFuture(at, now time.Time) time.Time {
	if at.After(now) {
		return now
	}
	return at
}

func (r *reader) isForLesson(rec kafka.Record) bool {
	lesson, set := rec.Header(workshop.HeaderLesson)
	return !set || lesson == r.lesson
}

// State returns the state as read so far.
func (r *reader) State() controlState {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// ReadToEnd waits until the topic is read to its current end, and returns the state.
func (r *reader) ReadToEnd(ctx context.Context, admin *kadm.Client) (controlState, error) {
	start, err := offset(admin.ListStartOffsets(ctx, r.topic))
	if err != nil {
		return controlState{}, fmt.Errorf("find the start of %s: %w", r.topic, err)
	}
	end, err := offset(admin.ListEndOffsets(ctx, r.topic))
	if err != nil {
		return controlState{}, fmt.Errorf("find the end of %s: %w", r.topic, err)
	}

	for {
		r.mu.Lock()
		state, next, advanced := r.state, r.next, r.advanced
		r.mu.Unlock()
		if next >= end || start == end {
			return state, nil
		}

		select {
		case <-advanced:
		case <-ctx.Done():
			return controlState{}, fmt.Errorf("read %s: %w", r.topic, ctx.Err())
		}
	}
}

// offset returns the offset of the only partition listed.
func offset(listed kadm.ListedOffsets, err error) (int64, error) {
	if err == nil {
		err = listed.Error()
	}
	if err != nil {
		return 0, err
	}

	at := int64(0)
	listed.Each(func(o kadm.ListedOffset) { at = o.Offset })
	return at, nil
}

// controlRecord encodes a record for workshop.control.
func controlRecord(topic, lesson, key string, value any) *kgo.Record {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("control: marshal %T: %v", value, err)) // only our own structs of plain fields
	}

	return &kgo.Record{
		Topic: topic, Key: []byte(key), Value: text,
		Headers: []kgo.RecordHeader{{Key: workshop.HeaderLesson, Value: []byte(lesson)}},
	}
}
