package member

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// onAssigned is called with a new assignment: with all partitions in eager groups, with the added ones in cooperative groups.
func (m *member) onAssigned(_ context.Context, _ *kgo.Client, topics map[string][]int32) {
	<-m.ready
	now := time.Now()
	m.mu.Lock()
	if m.state == Dead {
		m.mu.Unlock()
		return
	}

	m.ownedAs, _ = m.cl.GroupMetadata()
	added := topics[m.cfg.Topic]
	for _, p := range added {
		m.owned[p] = &lane{read: -1, processed: -1, committed: -1}
	}

	e := Event{
		Kind: Assigned, At: now, Instance: m.instance, Partitions: added, Owned: sorted(m.owned), Before: m.ownedBefore, First: !m.joined,
	}
	switch {
	case !m.joined:
		e.Pause = now.Sub(m.started)
	case !m.stoppedAt.IsZero():
		e.Pause = now.Sub(m.stoppedAt)
		m.lastPause = e.Pause
	}

	changed := !m.joined || m.changed || len(added) > 0
	cooperative := m.cfg.Assignor == CooperativeSticky || m.cfg.Assignor == Server
	waits := changed && len(m.owned) == 0 && cooperative // partitions may follow once others have given them up: see flushIdle
	switch {
	case !waits:
		m.settle()
	case m.emptySince.IsZero():
		m.emptySince = now
	}
	if m.state != Leaving {
		m.state = Reading
	}
	m.mu.Unlock()

	if changed && !waits {
		m.group.emit(e)
	}
}

// onRevoked is called when a rebalance takes partitions, while there is still time to commit.
func (m *member) onRevoked(_ context.Context, _ *kgo.Client, topics map[string][]int32) {
	<-m.ready
	gone := topics[m.cfg.Topic]
	if m.ctx.Err() != nil || len(gone) == 0 {
		return // a crash commits nothing and reports nothing
	}
	if m.isLeaving() {
		m.giveUp(Revoked, gone, CommitNone) // the last commit is made
		return
	}
	if m.isExpelled() {
		m.giveUp(Lost, gone, CommitFailed)
		return
	}

	ctx, cancel := context.WithTimeout(m.ctx, revokeWithin)
	result, err := m.commitLast(ctx, gone)
	cancel()

	if errors.Is(err, kerr.UnknownMemberID) || errors.Is(err, kerr.IllegalGeneration) || errors.Is(err, kerr.FencedMemberEpoch) {
		m.giveUp(Lost, gone, CommitFailed) // the group has expelled this member, and the library does not know yet
		return
	}
	m.giveUp(Revoked, gone, result)
}

// isExpelled reports whether the client has joined again under another member ID: the group has expelled the one that
// owned the partitions. Cooperative members learn of that only with their next assignment, and a commit under the new
// ID would set back what the new owners have committed.
func (m *member) isExpelled() bool {
	id, _ := m.cl.GroupMetadata()
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ownedAs != "" && id != "" && id != m.ownedAs
}

// revokeWithin limits the last commit before a rebalance continues.
const revokeWithin = 5 * time.Second

// onLost is called when partitions are already gone. In a KIP-848 group the broker has reported that. In a classic
// group the broker may just not have answered for too long: OnGroupManageError, which the library calls next, gets the
// reason.
func (m *member) onLost(_ context.Context, _ *kgo.Client, topics map[string][]int32) {
	<-m.ready
	gone := topics[m.cfg.Topic]
	if m.ctx.Err() != nil || len(gone) == 0 {
		return
	}

	e, ok := m.removeLanes(Lost, gone, CommitFailed)
	switch {
	case !ok:
	case m.cfg.Assignor == Server:
		m.group.emit(e)
	default:
		m.pendingLoss = &e
	}
}

// reportLoss reports the event that onLost has held back.
func (m *member) reportLoss(err error) {
	if m.pendingLoss == nil {
		return
	}
	if !isKafka(err) {
		m.pendingLoss.Reason = OutOfTouch
	}
	m.group.emit(*m.pendingLoss)
	m.pendingLoss = nil
}

// giveUp removes partitions and reports that.
func (m *member) giveUp(kind Kind, gone []int32, commit string) {
	if e, ok := m.removeLanes(kind, gone, commit); ok {
		m.group.emit(e)
	}
}

// removeLanes removes partitions that a rebalance takes, and returns the event. It returns false if none was owned.
func (m *member) removeLanes(kind Kind, gone []int32, commit string) (Event, bool) {
	m.flush()
	m.mu.Lock()
	defer m.mu.Unlock()
	gone = slices.DeleteFunc(slices.Clone(gone), func(p int32) bool { return m.owned[p] == nil })
	if len(gone) == 0 {
		return Event{}, false
	}

	if m.ownedBefore == nil {
		m.ownedBefore = sorted(m.owned)
	}
	m.explainUncommitted(gone, "")
	for _, p := range gone {
		delete(m.owned, p)
	}
	m.changed = kind == Revoked || len(m.owned) == 0 // partitions that remain after a loss were not reassigned
	e := Event{
		Kind: kind, At: time.Now(), Instance: m.instance, Partitions: gone, Owned: sorted(m.owned), Before: m.ownedBefore, Commit: commit,
	}
	if kind == Lost {
		m.ownedBefore = nil // what comes next belongs to another membership: nothing is kept
	}

	if m.state == Leaving {
		e.Reason = Left
	} else if len(m.owned) == 0 {
		m.state = Rebalancing
		if m.stoppedAt.IsZero() {
			m.stoppedAt = time.Now()
		}
	}
	return e, true
}

// explainUncommitted records why records that were read but not committed will be read again; the caller holds the lock.
func (m *member) explainUncommitted(partitions []int32, why string) {
	for _, p := range partitions {
		if l := m.owned[p]; l != nil && l.read > l.committed {
			m.group.seen.addCause(why, p, l.read)
		}
	}
}

// onOffsetsFetched is called with the committed offsets of new partitions, where reading resumes.
func (m *member) onOffsetsFetched(_ context.Context, _ *kgo.Client, resp *kmsg.OffsetFetchResponse) error {
	offsets := map[int32]int64{}
	add := func(partition int32, offset int64, code int16) {
		if code == 0 && m.group.isFromOldTopic(m.incarnation, partition, offset) {
			offset = -1
		}
		if code == 0 {
			offsets[partition] = offset
		}
	}
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			add(p.Partition, p.Offset, p.ErrorCode)
		}
	}
	for _, g := range resp.Groups {
		for _, t := range g.Topics {
			for _, p := range t.Partitions {
				add(p.Partition, p.Offset, p.ErrorCode)
			}
		}
	}

	m.mu.Lock()
	for p, o := range offsets {
		if l := m.owned[p]; l != nil && o >= 0 {
			l.committed, l.processed, l.read = o, o, o
			m.group.seen.resume(p, o)
		} else if l == nil {
			delete(offsets, p)
		}
	}
	m.mu.Unlock()

	if len(offsets) > 0 {
		m.group.emit(Event{
			Kind: Committed, Resumed: true, Instance: m.instance, Partitions: sorted(offsets), Offsets: offsets, From: m.cfg.From,
		})
	}
	return nil
}
