//go:build !windows

package main

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// ledger lists the records that the brokers acknowledged to a producer.
type ledger struct {
	mu     sync.Mutex
	stored []string
	failed []error
	stop   func()
}

// keepProducing writes 100 records a second to its own topic.
func keepProducing(t *testing.T, cfg kafka.Config) *ledger {
	t.Helper()
	l := &ledger{}
	// It may retry for as long as the outage lasts.
	p := client(t, cfg, kgo.DefaultProduceTopic("ledger"), kgo.RecordDeliveryTimeout(time.Minute))
	if _, err := kadm.NewClient(p).CreateTopic(t.Context(), 5, -1, nil, "ledger"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	l.stop = sync.OnceFunc(func() { cancel(); done.Wait() })
	t.Cleanup(l.stop)
	done.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				_ = p.Flush(context.Background()) // each record's outcome is in its promise
				return
			case <-tick.C:
				p.Produce(context.Background(), kgo.StringRecord(strconv.Itoa(n)), l.note)
			}
		}
	})
	return l
}

func (l *ledger) note(r *kgo.Record, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.failed = append(l.failed, err)
		return
	}
	l.stored = append(l.stored, string(r.Value))
}

func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.stored)
}

// check reads the topic and looks for every record that was acknowledged.
func (l *ledger) check(t *testing.T, cfg kafka.Config) {
	t.Helper()
	l.stop()
	if len(l.failed) > 0 {
		t.Errorf("%d records failed, the first with: %v", len(l.failed), l.failed[0])
	}
	missing := map[string]bool{}
	for _, v := range l.stored {
		missing[v] = true
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r := client(t, cfg, kgo.ConsumeTopics("ledger"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	for len(missing) > 0 && ctx.Err() == nil {
		r.PollFetches(ctx).EachRecord(func(rec *kgo.Record) { delete(missing, string(rec.Value)) })
	}
	if len(missing) > 0 {
		t.Errorf("of %d acknowledged records %d are lost", len(l.stored), len(missing))
	}
	t.Logf("%d acknowledged records, all there", len(l.stored))
}
