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

// headerLesson says for which lesson a load was set: another lesson starts with its own.
const headerLesson = "lesson"

// kept is what workshop.control says.
type kept struct {
	load   *workshop.Load // nil for none of this lesson
	status workshop.LoadStatus
	seen   time.Time // when the status last changed, by this machine's clock
}

// reader follows workshop.control, whoever holds the load.
type reader struct {
	client *kgo.Client
	topic  string
	lesson string
	log    *slog.Logger

	mu   sync.Mutex
	kept kept
	next int64         // the offset that comes next
	news chan struct{} // closed and replaced when next moves
}

func newReader(opts []kgo.Opt, topic, lesson string, log *slog.Logger) (*reader, error) {
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, err
	}
	return &reader{client: client, topic: topic, lesson: lesson, log: log, news: make(chan struct{})}, nil
}

// Run follows until ctx ends.
func (r *reader) Run(ctx context.Context) {
	defer r.client.Close()
	kafka.Follower{Topic: r.topic, Log: r.log, Record: r.take, Reached: r.reached}.Follow(ctx, r.client)
}

// reached moves on, also past what is not a record that can be read.
func (r *reader) reached(next int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = next
	close(r.news)
	r.news = make(chan struct{})
}

func (r *reader) take(rec kafka.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch string(rec.Key) {
	case workshop.ControlKeyLoad:
		var l workshop.Load
		if !r.mine(rec) || json.Unmarshal(rec.Value, &l) != nil {
			return
		}
		r.kept.load = &l
	case workshop.ControlKeyStatus:
		var s workshop.LoadStatus
		if json.Unmarshal(rec.Value, &s) == nil {
			s.Holder = workshop.CleanText(s.Holder, workshop.MaxText)
			r.kept.status, r.kept.seen = s, earlier(rec.Timestamp, time.Now())
		}
	}
}

// earlier bounds a record's timestamp, which says whatever its writer says.
func earlier(at, now time.Time) time.Time {
	if at.After(now) {
		return now
	}
	return at
}

func (r *reader) mine(rec kafka.Record) bool {
	lesson, set := rec.Header(headerLesson)
	return !set || lesson == r.lesson
}

// Kept is what was read so far.
func (r *reader) Kept() kept {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kept
}

// UpToDate waits until everything was read that stands in the topic now, and returns it.
func (r *reader) UpToDate(ctx context.Context, adm *kadm.Client) (kept, error) {
	start, err := offset(adm.ListStartOffsets(ctx, r.topic))
	if err != nil {
		return kept{}, fmt.Errorf("find the start of %s: %w", r.topic, err)
	}
	end, err := offset(adm.ListEndOffsets(ctx, r.topic))
	if err != nil {
		return kept{}, fmt.Errorf("find the end of %s: %w", r.topic, err)
	}
	for {
		r.mu.Lock()
		k, next, news := r.kept, r.next, r.news
		r.mu.Unlock()
		if next >= end || start == end {
			return k, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return kept{}, fmt.Errorf("read %s: %w", r.topic, ctx.Err())
		}
	}
}

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

// record makes a record for workshop.control.
func record(topic, lesson, key string, value any) *kgo.Record {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("control: %T does not marshal: %v", value, err)) // our own structs of plain fields
	}
	return &kgo.Record{
		Topic: topic, Key: []byte(key), Value: text,
		Headers: []kgo.RecordHeader{{Key: headerLesson, Value: []byte(lesson)}},
	}
}
