package member

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A member is one member of the group. Its loop reads, has records processed, and commits. The library's callbacks about
// partitions come between two batches, never during one (or, with exactly once, abort the batch's transaction).
type member struct {
	group       *Group
	cfg         Config
	instance    int
	clientID    string
	ready       chan struct{} // closed once cl is set: the library's callbacks may come earlier, and wait for it
	cl          *kgo.Client
	session     *kgo.GroupTransactSession // exactly once; else nil
	incarnation incarnation

	ctx        context.Context // ends with a crash, after the end, or leaveWithin after active
	cancel     context.CancelFunc
	active     context.Context // ends when the member is to leave
	deactivate context.CancelFunc

	pendingLoss *Event     // a Lost whose reason is not known yet; only the library's callbacks use it
	committing  sync.Mutex // one commit at a time, so that an older one never follows a newer one

	polledAt time.Time // when the last poll returned, with polled records; only polls use these
	polled   int

	records    atomic.Int64
	bytes      atomic.Int64
	duplicates atomic.Int64
	flagged    atomic.Int64

	mu      sync.Mutex // guards what follows
	state   State
	started time.Time
	paused  bool
	slow    time.Duration
	crashed time.Time
	retired bool // its topic was deleted and created again: another member takes its place
	owned   map[int32]*lane
	ownedAs string // the member ID that owned was assigned to
	last    []Record

	// The rebalance in progress, if any.
	ownedBefore []int32   // when it began
	stoppedAt   time.Time // since when the member reads nothing
	joined      bool      // it has had an assignment
	changed     bool      // something was taken away since the last assignment
	emptySince  time.Time // since when a cooperative assignment of nothing may still be completed
	lastPause   time.Duration

	// Not reported yet: the sink gets these now and then, not with each batch.
	unreportedCommits    map[int32]int64
	unreportedDuplicates map[string]int64 // by cause
	reportedAt           time.Time

	betweenBatches []func()
	wakePoll       context.CancelFunc // ends a poll that waits
}

// A lane is a partition that the member owns. Offsets are the next to read; -1 is none yet.
type lane struct {
	read      int64
	processed int64
	epoch     int32 // leader epoch of the last record processed
	committed int64
	records   int64 // read since it was assigned
	restored  bool  // the Keeper has its state
}

// newMember returns a member that has not joined yet; the caller holds g's lock.
func newMember(g *Group, instance int) (*member, error) {
	m := &member{
		group:             g,
		cfg:               g.cfg,
		instance:          instance,
		ready:             make(chan struct{}),
		clientID:          fmt.Sprintf("%s-%d", g.cfg.ClientID, instance),
		incarnation:       g.incarnation,
		state:             Joining,
		started:           time.Now(),
		owned:             map[int32]*lane{},
		slow:              g.cfg.Slow,
		unreportedCommits: map[int32]int64{},
	}
	if m.incarnation > 0 {
		m.cfg.From = "earliest"
	}

	m.ctx, m.cancel = context.WithCancel(context.Background())
	m.active, m.deactivate = context.WithCancel(m.ctx)
	context.AfterFunc(m.active, func() { time.AfterFunc(leaveWithin, m.cancel) })
	if err := m.newClient(); err != nil {
		m.cancel()
		return nil, err
	}
	return m, nil
}

func (m *member) newClient() error {
	defer close(m.ready)
	opts, err := m.options(m.group.log)
	if err != nil {
		return err
	}
	if m.cfg.TransactionalID == nil {
		m.cl, err = kgo.NewClient(opts...)
		return err
	}

	m.session, err = kgo.NewGroupTransactSession(opts...)
	if err == nil {
		m.cl = m.session.Client()
	}
	return err
}

// run reads until the member is to leave, or crashes, and ends the membership.
func (m *member) run() {
	defer m.cancel()
	if m.session != nil {
		m.consumeInTransactions()
	} else {
		m.consumeAndCommit()
	}
	m.deactivate()

	if m.hasCrashed() {
		m.endCrashed()
	} else {
		m.endLeaving()
	}
}

func (m *member) hasCrashed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.crashed.IsZero()
}

func (m *member) pause(on bool) {
	m.mu.Lock()
	m.paused = on
	m.mu.Unlock()
	if on {
		m.cl.PauseFetchTopics(m.cfg.Topic)
	} else {
		m.cl.ResumeFetchTopics(m.cfg.Topic)
	}
}

func (m *member) setSlow(wait time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.slow = wait
}

func (m *member) slowness() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.slow
}

func (m *member) setState(s State) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = s
}

func (m *member) isLeaving() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state == Leaving
}

func (m *member) ownedNow() []int32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return sorted(m.owned)
}

func (m *member) status() Status {
	id, _ := m.cl.GroupMetadata()
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Status{
		Instance:   m.instance,
		ClientID:   m.clientID,
		MemberID:   id,
		State:      m.state,
		Paused:     m.paused,
		Slow:       m.slow,
		CrashedAt:  m.crashed,
		Records:    m.records.Load(),
		Bytes:      m.bytes.Load(),
		Duplicates: m.duplicates.Load(),
		Flagged:    m.flagged.Load(),
		Last:       slices.Clone(m.last),
		Pause:      m.lastPause,
	}
	for _, p := range sorted(m.owned) {
		s.Partitions = append(s.Partitions, Position{Partition: p, Next: m.owned[p].read, Committed: m.owned[p].committed, Read: m.owned[p].records})
	}
	return s
}

// flush reports what was held back: commits, duplicates, and that the member is idle.
func (m *member) flush() {
	m.mu.Lock()
	commits := m.unreportedCommits
	duplicates := m.unreportedDuplicates
	m.unreportedCommits = map[int32]int64{}
	m.unreportedDuplicates = nil
	m.reportedAt = time.Now()
	m.mu.Unlock()

	if len(commits) > 0 {
		m.group.emit(Event{Kind: Committed, Instance: m.instance, Partitions: sorted(commits), Offsets: commits})
	}
	m.flushIdle()
	for _, why := range slices.Sorted(maps.Keys(duplicates)) {
		m.group.emit(Event{Kind: Duplicate, Instance: m.instance, Count: duplicates[why], After: why})
	}
}

// flushIdle reports an assignment of nothing, once it is certain that nothing follows.
func (m *member) flushIdle() {
	id, _ := m.cl.GroupMetadata()
	m.mu.Lock()
	since := m.emptySince
	m.mu.Unlock()
	if since.IsZero() || !m.group.isIdle(id, since) { // takes the group's lock, which comes before the member's
		return
	}

	m.mu.Lock()
	if !m.emptySince.Equal(since) {
		m.mu.Unlock()
		return
	}
	e := Event{Kind: Assigned, Instance: m.instance, First: !m.joined, Before: m.ownedBefore}
	if e.First {
		e.Pause = time.Since(m.started)
	}
	m.settle()
	m.mu.Unlock()
	m.group.emit(e)
}

// settle ends a rebalance; the caller holds the lock.
func (m *member) settle() {
	m.joined = true
	m.changed = false
	m.emptySince = time.Time{}
	m.stoppedAt = time.Time{}
	m.ownedBefore = nil
}

func sorted[V any](m map[int32]V) []int32 { return slices.Sorted(maps.Keys(m)) }
