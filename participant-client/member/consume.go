package member

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	maxBatch = 10_000

	// While records trickle in, a poll waits this long after the previous one: a few fetches then return as much as
	// hundreds would, each of which costs more than the records in it. A batch of fewBatch records or more is followed
	// by the next one at once.
	pollEvery = 20 * time.Millisecond
	fewBatch  = 1000
)

// maxPollRecords limits the next batch. A slow member takes so few records that a rebalance never waits long for it.
func (m *member) maxPollRecords() int {
	most := min(maxBatch, max(m.group.budget.left.Load(), 1))
	if slow := m.slowness(); slow > 0 {
		most = min(most, max(int64(500*time.Millisecond/slow), 1))
	}
	return int(most)
}

// poll runs the functions that wait for the time between two batches, and polls the next batch.
func (m *member) poll() kgo.Fetches {
	ctx, wake := context.WithCancel(m.active)
	defer wake()
	m.mu.Lock()
	due := m.betweenBatches
	m.betweenBatches = nil
	m.wakePoll = wake
	m.mu.Unlock()

	for _, do := range due {
		do()
	}
	if wait := pollEvery - time.Since(m.polledAt); m.polled > 0 && m.polled < fewBatch && wait > 0 {
		kafka.Sleep(ctx, wait)
	}
	fetches := m.cl.PollRecords(ctx, m.maxPollRecords())
	m.polledAt, m.polled = time.Now(), fetches.NumRecords()
	return fetches
}

// consumeAndCommit reads until the member is to leave. A rebalance waits until a batch is processed.
func (m *member) consumeAndCommit() {
	var committer sync.WaitGroup
	defer func() {
		m.deactivate()
		committer.Wait()
	}()
	if !m.cfg.Manual {
		committer.Go(m.commitPeriodically)
	}
	for m.active.Err() == nil {
		fetches := m.poll()
		m.report(fetches)
		enough := m.process(fetches)
		if m.cfg.Manual && fetches.NumRecords() > 0 {
			_ = m.commit(m.ctx, nil) // reported by commit itself
		}
		m.cl.AllowRebalance()
		if enough {
			m.group.roster.End(errEnough)
			return
		}
	}
}

// process processes a polled batch, partition by partition, and marks what may be committed. It reports whether MaxRecords is
// reached.
func (m *member) process(fetches kgo.Fetches) (enough bool) {
	if !m.restore(fetches) {
		return false
	}
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		for rest := p.Records; len(rest) > 0 && !enough && m.active.Err() == nil; {
			chunk := rest
			if slow := m.slowness(); slow > 0 {
				if chunk = rest[:1]; !kafka.Sleep(m.active, slow) {
					return
				}
			}

			granted, last := m.group.budget.take(len(chunk))
			chunk, enough = chunk[:granted], last
			rest = rest[len(chunk):]
			if len(chunk) == 0 {
				return
			}

			actions := m.deliver(chunk)
			if len(actions) > 0 && m.group.sink.Flush() != nil {
				return // the sink ends the run
			}
			if m.publish(m.ctx, actions) {
				m.done(chunk[len(chunk)-1])
			}
		}
	})
	return enough
}

// deliver passes a batch of one partition to the sink, counts it, and returns what the handler makes of it.
func (m *member) deliver(chunk []*kgo.Record) []*kgo.Record {
	first, last := chunk[0], chunk[len(chunk)-1]
	m.group.sink.Records(m.instance, chunk)

	// Count after the sink has them: a caller that reads a count and then flushes knows that this many are written.
	again := m.group.seen.add(first.Partition, first.Offset, last.Offset+1)
	bytes := 0
	for _, r := range chunk {
		bytes += len(r.Key) + len(r.Value)
	}
	m.records.Add(int64(len(chunk)))
	m.bytes.Add(int64(bytes))
	m.mu.Lock()
	m.countRepeated(again)
	m.last = appendLast(m.last, chunk)
	if l := m.owned[first.Partition]; l != nil {
		l.read = last.Offset + 1
		l.records += int64(len(chunk))
	}
	m.mu.Unlock()

	if m.cfg.Handler == nil {
		return nil
	}
	return m.handle(chunk)
}

// handle returns the handler's results for a batch of one partition, and marks the records that have any.
func (m *member) handle(chunk []*kgo.Record) (actions []*kgo.Record) {
	var flagged []int64
	for _, r := range chunk {
		made := m.cfg.Handler.Handle(m.instance, r)
		if len(made) > 0 {
			actions = append(actions, made...)
			flagged = append(flagged, r.Offset)
		}
	}

	m.flagged.Add(int64(len(flagged)))
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, shown := range m.last {
		if _, ok := slices.BinarySearch(flagged, shown.Offset); ok && shown.Partition == chunk[0].Partition {
			m.last[i].Flagged = true
		}
	}
	return actions
}

// countRepeated adds duplicates to those that are not reported yet; the caller holds the lock. With exactly once, a record that
// was read and not committed belongs to an aborted transaction, whatever aborted it.
func (m *member) countRepeated(again map[string]int64) {
	for why, n := range again {
		if m.session != nil && why != Rewound {
			why = Aborted
		}
		if m.unreportedDuplicates == nil {
			m.unreportedDuplicates = map[string]int64{}
		}
		m.unreportedDuplicates[why] += n
		m.duplicates.Add(n)
	}
}

// publish returns true once all records are acknowledged. It retries through faults that may heal, and returns false if ctx or
// the member ends first.
func (m *member) publish(ctx context.Context, records []*kgo.Record) bool {
	for try := 1; len(records) > 0; try++ {
		failed, err := m.produce(ctx, records)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return false
		}

		f := faultOf(err, "publish to "+failed[0].Topic, m.cfg)
		m.group.reportFault(m.instance, f)
		if f.Fatal || !kafka.Sleep(m.active, min(time.Duration(try)*200*time.Millisecond, 2*time.Second)) {
			return false
		}
		records = failed
	}
	return true
}

// produce waits for the broker's responses, and returns the records that it did not accept. It stops waiting when ctx
// ends: the library keeps records that may be in flight until the client is closed, which comes next.
func (m *member) produce(ctx context.Context, records []*kgo.Record) ([]*kgo.Record, error) {
	var (
		mu       sync.Mutex // guards what follows until answered
		left     = len(records)
		failed   []*kgo.Record
		last     error
		answered = make(chan struct{})
	)
	for _, r := range records {
		m.cl.Produce(ctx, r, func(r *kgo.Record, err error) {
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed, last = append(failed, r), err
			}
			if left--; left == 0 {
				close(answered)
			}
		})
	}
	select {
	case <-answered:
		return failed, last
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// done marks that all records up to and including this one may be committed.
func (m *member) done(r *kgo.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l := m.owned[r.Partition]; l != nil {
		l.processed, l.epoch = r.Offset+1, r.LeaderEpoch
	}
}

// report reports the errors of a poll, except for those that the watch explains better.
func (m *member) report(fetches kgo.Fetches) {
	fetches.EachError(func(topic string, partition int32, err error) {
		var session *kgo.ErrGroupSession
		switch {
		case errors.Is(err, kgo.ErrClientClosed), errors.Is(err, context.Canceled), errors.As(err, &session):
			return
		case errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
			return
		}
		if bad := kafka.SkipBadBatch(m.active, m.cl, topic, partition, m.next(partition), err); bad != nil {
			text := fmt.Sprintf("%s, partition %d: %v. Skipping it.", topic, partition, bad)
			m.group.reportFault(m.instance, fault.Fault{Text: text}, partition)
			return
		}
		m.group.reportFault(m.instance, faultOf(err, "read "+topic, m.cfg), partition)
	})
}

// next returns the offset that the library reads next in a partition, or -1 if it does not know one. Unlike a lane's read, it
// is past the batches that were skipped.
func (m *member) next(partition int32) int64 {
	if o, ok := m.cl.UncommittedOffsets()[m.cfg.Topic][partition]; ok {
		return o.Offset
	}
	if o, ok := m.cl.CommittedOffsets()[m.cfg.Topic][partition]; ok {
		return o.Offset
	}
	return -1
}

const (
	lastKept  = 24
	valueKept = 256
)

// appendLast appends the end of a batch to the last records, copied and cut: a screen shows a few.
func appendLast(last []Record, chunk []*kgo.Record) []Record {
	if len(chunk) > lastKept {
		chunk = chunk[len(chunk)-lastKept:]
	}
	if over := len(last) + len(chunk) - lastKept; over > 0 {
		last = append(last[:0], last[over:]...)
	}
	now := time.Now()
	for _, r := range chunk {
		key := "-"
		if r.Key != nil {
			key = string(r.Key[:min(len(r.Key), valueKept)])
		}
		last = append(last, Record{
			Partition: r.Partition, Offset: r.Offset, Key: key, Value: string(r.Value[:min(len(r.Value), valueKept)]), At: now,
		})
	}
	return last
}
