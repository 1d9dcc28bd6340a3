package member

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// transact is consume with exactly once: what a batch gives and the offsets that it came from are
// committed in one transaction, or not at all.
func (m *member) transact() {
	for m.run.Err() == nil {
		fetches := m.poll()
		m.report(fetches)
		if fetches.NumRecords() == 0 {
			continue
		}
		enough, err := m.batch(fetches)
		if errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.UnknownTopicID) {
			m.crew.await(m.era)
			m.outdate() // another member waits for the topic that is made anew
			return
		}
		if err != nil && m.life.Err() == nil {
			f := faultOf(err, "commit a transaction", m.cfg)
			f.Fatal = true // the library cannot go on with this transactional id
			m.crew.report(m.instance, f)
			return
		}
		if enough {
			m.crew.finish(errEnough)
			return
		}
	}
}

// batch is one transaction. An abort because of a rebalance is no error: the records come again.
func (m *member) batch(fetches kgo.Fetches) (enough bool, err error) {
	if err := m.session.Begin(); err != nil {
		return false, err
	}
	var failed error
	complete := true
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		if len(p.Records) == 0 { // polls give these too
			return
		}
		granted, last := m.crew.budget.take(len(p.Records))
		enough = enough || last
		if granted == 0 || !m.dawdle(granted) {
			complete = false
			return
		}
		complete = complete && granted == len(p.Records)
		for _, r := range m.show(p.Records[:granted]) {
			m.session.Produce(m.life, r, func(_ *kgo.Record, err error) {
				if err != nil && !errors.Is(err, context.Canceled) {
					failed = err // promises are called one at a time, and End waits for them
				}
			})
		}
		m.done(p.Records[granted-1])
	})
	if err := m.cl.Flush(m.life); err != nil {
		return false, err
	}
	complete = complete && !m.isOutdated() && m.crew.sink.Flush() == nil

	// The library commits whole batches: one cut short by --max-records or a goodbye is not committed.
	committed, err := m.session.End(m.life, kgo.TransactionEndTry(complete && failed == nil))
	if committed {
		m.committed(m.uncommitted(nil))
	} else {
		m.undo()
	}
	if failed != nil && m.life.Err() == nil {
		m.crew.report(m.instance, faultOf(failed, "publish", m.cfg))
		wait(m.run, time.Second)
	}
	return enough, err
}

// dawdle waits for each of n records when the member is slow; false means that it is to leave.
func (m *member) dawdle(n int) bool {
	for range n {
		if slow := m.slowness(); slow > 0 && !wait(m.run, slow) {
			return false
		}
	}
	return m.life.Err() == nil
}

// undo forgets what an aborted transaction had processed.
func (m *member) undo() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for p, l := range m.owned {
		if l.read > l.committed {
			m.crew.seen.because(Aborted, p, l.read)
		}
		l.processed, l.read = l.committed, l.committed
	}
}
