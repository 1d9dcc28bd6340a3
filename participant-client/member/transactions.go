package member

import (
	"context"
	"errors"
	"time"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// consumeInTransactions reads with exactly once, until the member is to leave: the records published for a batch and its
// offsets are committed in one transaction, or not at all.
func (m *member) consumeInTransactions() {
	for m.active.Err() == nil {
		fetches := m.poll()
		m.report(fetches)
		if fetches.NumRecords() == 0 {
			continue
		}

		enough, err := m.processTransaction(fetches)
		if errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.UnknownTopicID) {
			m.group.expectRecreation(m.incarnation)
			m.retire() // another member waits for the new topic
			return
		}
		if err != nil && m.ctx.Err() == nil {
			f := faultOf(err, "commit a transaction", m.cfg)
			f.Fatal = true // the library cannot continue with this transactional id
			m.group.reportFault(m.instance, f)
			return
		}
		if enough {
			m.group.roster.End(errEnough)
			return
		}
	}
}

// processTransaction processes a batch in one transaction. An abort because of a rebalance is no error: the records are
// read again.
func (m *member) processTransaction(fetches kgo.Fetches) (enough bool, err error) {
	if !m.restore(fetches) {
		return false, m.ctx.Err()
	}
	if err := m.session.Begin(); err != nil {
		return false, err
	}

	var failed error
	complete := true
	var done []int32
	publish := func(records []*kgo.Record) {
		for _, r := range records {
			m.session.Produce(m.ctx, r, func(_ *kgo.Record, err error) {
				if err != nil && !errors.Is(err, context.Canceled) {
					failed = err // promises are called one at a time, and End waits for them
				}
			})
		}
	}
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		if len(p.Records) == 0 { // polls return these, too
			return
		}

		granted, last := m.group.budget.take(len(p.Records))
		enough = enough || last
		if granted == 0 || !m.waitSlow(granted) {
			complete = false
			return
		}

		complete = complete && granted == len(p.Records)
		publish(m.deliver(p.Records[:granted]))
		m.done(p.Records[granted-1])
		done = append(done, p.Partition)
	})
	publish(m.stateRecords(done))
	if err := m.cl.Flush(m.ctx); err != nil {
		return false, err
	}

	complete = complete && !m.isRetired() && m.group.sink.Flush() == nil

	// The library commits whole batches: one cut short by --max-records or by leaving is not committed.
	committed, err := m.session.End(m.ctx, kgo.TransactionEndTry(complete && failed == nil))
	if committed {
		m.committed(m.uncommitted(nil))
	} else {
		m.resetToCommitted()
	}
	if failed != nil && m.ctx.Err() == nil {
		m.group.reportFault(m.instance, faultOf(failed, "publish", m.cfg))
		kafka.Sleep(m.active, time.Second)
	}
	return enough, err
}

// waitSlow waits for each of n records if the member is slow. It returns false if the member is to leave.
func (m *member) waitSlow(n int) bool {
	for range n {
		if slow := m.slowness(); slow > 0 && !kafka.Sleep(m.active, slow) {
			return false
		}
	}
	return m.ctx.Err() == nil
}

// resetToCommitted discards what an aborted transaction had processed.
func (m *member) resetToCommitted() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for p, l := range m.owned {
		if l.read > l.committed {
			m.group.seen.addCause(Aborted, p, l.read)
		}
		l.processed, l.read = l.committed, l.committed
	}
}
