package member

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// commitReportInterval is the shortest time between two reports of a member's commits.
const commitReportInterval = 100 * time.Millisecond

// commitPeriodically commits every CommitInterval until the member is to leave.
func (m *member) commitPeriodically() {
	tick := time.NewTicker(m.cfg.CommitInterval)
	defer tick.Stop()
	for {
		select {
		case <-m.active.Done():
			return
		case <-tick.C:
			_ = m.commit(m.ctx, nil) // reported by commit itself
		}
	}
}

// commit commits what is processed, of these partitions or of all, and waits for the answer. With exactly once it does nothing:
// transactions commit.
func (m *member) commit(ctx context.Context, only []int32) error {
	if m.session != nil {
		return nil
	}
	return m.commitProcessed(ctx, only)
}

func (m *member) commitProcessed(ctx context.Context, only []int32) error {
	if m.isExpelled() {
		return nil
	}
	m.committing.Lock()
	defer m.committing.Unlock()
	return m.send(ctx, m.uncommitted(only))
}

// commitLast commits partitions that the member gives up, and returns the Event's Commit. It also sends offsets that
// are committed already: only a new response proves that the topic still exists and that the group still has this
// member.
func (m *member) commitLast(ctx context.Context, partitions []int32) (result string, err error) {
	if m.session != nil || len(partitions) == 0 {
		return CommitNone, nil
	}
	if m.isRetired() || m.isExpelled() {
		return CommitFailed, nil
	}

	m.committing.Lock()
	defer m.committing.Unlock()
	offsets := m.processed(partitions)
	if len(offsets) == 0 {
		return CommitNone, nil
	}
	if err := m.send(ctx, offsets); err != nil {
		return CommitFailed, err
	}
	return CommitTaken, nil
}

// send commits offsets whose records are written; the caller holds committing.
func (m *member) send(ctx context.Context, offsets map[int32]kgo.EpochOffset) error {
	if len(offsets) == 0 {
		return nil
	}
	if err := m.group.sink.Flush(); err != nil {
		return fmt.Errorf("not committed: %w", err)
	}
	if !m.publish(ctx, m.stateRecords(sorted(offsets))) {
		return errors.New("not committed: the state cannot be published")
	}

	taken, err := m.request(ctx, offsets)
	m.committed(taken)
	switch {
	case err == nil, rebalances(err):
		return err
	case isKafka(err): // otherwise there was no answer, and the watch reports why
		m.group.reportFault(m.instance, faultOf(err, "commit", m.cfg))
	}
	return fmt.Errorf("commit: %w", err)
}

// request sends a commit and returns the offsets that the broker accepted, with the last error of the others.
func (m *member) request(ctx context.Context, offsets map[int32]kgo.EpochOffset) (taken map[int32]kgo.EpochOffset, failed error) {
	taken = map[int32]kgo.EpochOffset{}
	m.cl.CommitOffsetsSync(ctx, map[string]map[int32]kgo.EpochOffset{m.cfg.Topic: offsets},
		func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, resp *kmsg.OffsetCommitResponse, err error) {
			if err != nil {
				failed = err
				return
			}
			for _, t := range resp.Topics {
				for _, p := range t.Partitions {
					if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
						failed = err
					} else {
						taken[p.Partition] = offsets[p.Partition]
					}
				}
			}
		})
	return taken, failed
}

// processed returns what was processed of these partitions, whether it is committed or not.
func (m *member) processed(partitions []int32) map[int32]kgo.EpochOffset {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[int32]kgo.EpochOffset{}
	for _, p := range partitions {
		if l := m.owned[p]; l != nil && l.processed >= 0 {
			out[p] = kgo.EpochOffset{Epoch: l.epoch, Offset: l.processed}
		}
	}
	return out
}

// uncommitted returns what was processed beyond the commits, of these partitions or of all.
func (m *member) uncommitted(only []int32) map[int32]kgo.EpochOffset {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[int32]kgo.EpochOffset{}
	if m.retired {
		return out // the current topic never had these offsets
	}
	for p, l := range m.owned {
		if l.processed >= 0 && l.processed != l.committed && (only == nil || slices.Contains(only, p)) {
			out[p] = kgo.EpochOffset{Epoch: l.epoch, Offset: l.processed}
		}
	}
	return out
}

// committed records commits that the broker accepted.
func (m *member) committed(offsets map[int32]kgo.EpochOffset) {
	for p, o := range offsets {
		m.group.recordCommit(m.incarnation, p, o.Offset)
	}
	m.mu.Lock()
	for p, o := range offsets {
		if l := m.owned[p]; l != nil {
			l.committed = o.Offset
		}
		m.unreportedCommits[p] = o.Offset
		m.group.seen.commit(p, o.Offset)
	}
	due := time.Since(m.reportedAt) >= commitReportInterval
	m.mu.Unlock()

	if due {
		m.flush()
	}
}

// rewind sets all partitions of the member to their earliest or latest offset and commits that.
func (m *member) rewind(ctx context.Context, to string) error {
	listed, err := m.listOffsets(ctx, to)
	if err != nil {
		return fmt.Errorf("rewind to %s: %w", to, err)
	}

	done := make(chan error, 1)
	m.runBetweenBatches(func() { done <- m.seek(ctx, listed) })
	select {
	case err := <-done:
		return err
	case <-m.active.Done():
		return errors.New("the member left before it could rewind")
	}
}

// listOffsets lists the earliest or latest offset of each partition.
func (m *member) listOffsets(ctx context.Context, which string) (kadm.ListedOffsets, error) {
	adm := kadm.NewClient(m.cl)
	if which == "earliest" {
		return adm.ListStartOffsets(ctx, m.cfg.Topic)
	}
	return adm.ListEndOffsets(ctx, m.cfg.Topic)
}

// seek sets the offsets to read next and commits them. It runs between two batches, so outside of any transaction.
func (m *member) seek(ctx context.Context, to kadm.ListedOffsets) error {
	offsets := map[int32]kgo.EpochOffset{}
	known := m.cl.CommittedOffsets()[m.cfg.Topic]
	unread := false

	m.mu.Lock()
	for p, l := range m.owned {
		if o, ok := to.Lookup(m.cfg.Topic, p); ok && o.Err == nil {
			if o.Offset < l.read {
				m.group.seen.addRewind(p)
			}
			l.read = o.Offset
			l.processed = o.Offset
			l.epoch = -1
			offsets[p] = kgo.EpochOffset{Epoch: -1, Offset: o.Offset}
			if _, ok := known[p]; !ok {
				unread = true
			}
		}
	}
	m.mu.Unlock()
	m.cl.SetOffsets(map[string]map[int32]kgo.EpochOffset{m.cfg.Topic: offsets})
	err := m.commitProcessed(ctx, nil)
	if unread {
		m.cl.ForceRebalance() // the library moves only partitions that it has read or fetched a commit of
	}
	return err
}

// runBetweenBatches runs a function before the next poll, and wakes a waiting poll.
func (m *member) runBetweenBatches(do func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.betweenBatches = append(m.betweenBatches, do)
	if m.wakePoll != nil {
		m.wakePoll()
	}
}

func isKafka(err error) bool { return fault.IsKafka(err) }

// rebalances reports whether an error of a commit only means that the group has moved on; Lost or Revoked events follow.
func rebalances(err error) bool {
	return errors.Is(err, kerr.RebalanceInProgress) || errors.Is(err, kerr.IllegalGeneration) ||
		errors.Is(err, kerr.UnknownMemberID) || errors.Is(err, kerr.StaleMemberEpoch)
}
