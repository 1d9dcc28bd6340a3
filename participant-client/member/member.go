package member

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// leaveWithin bounds the goodbye, so that Ctrl+C ends the process also when the broker is away, or
// takes connections and answers nothing: then the client's whole context ends, for the library does
// not end every request with its own.
const leaveWithin = 2500 * time.Millisecond

// leaveAfter is how long the library may take to leave by itself.
const leaveAfter = time.Second

// A member is one member of the group. Its loop reads, has records processed, and commits; the
// library's callbacks about partitions come between two batches, never during one (or, with exactly
// once, abort the batch's transaction).
type member struct {
	crew     *Crew
	cfg      Config
	instance int
	clientID string
	cl       *kgo.Client
	session  *kgo.GroupTransactSession // exactly once; else nil
	era      era

	life context.Context // ends with a crash, when all is over, or leaveWithin after run
	kill context.CancelFunc
	run  context.Context // ends when the member is to leave
	stop context.CancelFunc

	loss *Event // a Lost whose reason is not known yet; only the library's callbacks use it

	committing sync.Mutex // one commit at a time, so that an older one never follows a newer one

	records, bytes, again, flagged atomic.Int64

	mu       sync.Mutex // guards what follows
	state    State
	started  time.Time
	owned    map[int32]*lane
	before   []int32   // owned when the rebalance began
	halted   time.Time // since when it reads nothing because of a rebalance
	lastStop time.Duration
	joined   bool      // had an assignment
	changed  bool      // something was taken away since the last assignment
	empty    time.Time // since when a first assignment without partitions may still be completed
	paused   bool
	slow     time.Duration
	crashed  time.Time
	outdated bool // its topic was deleted and made anew: another member takes its place
	last     []Record
	untold   map[int32]int64 // commits that the sink has not heard of
	told     time.Time
	repeated map[string]int64 // duplicates that the sink has not heard of, by cause
	orders   []func()
	wake     context.CancelFunc // ends a poll that waits
}

// A lane is a partition that the member owns. Offsets are the next to read; -1 is none yet.
type lane struct {
	read      int64
	processed int64
	epoch     int32 // leader epoch of the last record processed
	committed int64
	records   int64 // read since it was assigned
}

func newMember(c *Crew, instance int) (*member, error) {
	m := &member{
		crew: c, cfg: c.cfg, instance: instance, clientID: fmt.Sprintf("%s-%d", c.cfg.ClientID, instance),
		state: Joining, started: time.Now(), owned: map[int32]*lane{}, slow: c.cfg.Slow, untold: map[int32]int64{},
	}
	if m.era = c.era; m.era > 0 {
		m.cfg.From = "earliest"
	}
	m.life, m.kill = context.WithCancel(context.Background())
	m.run, m.stop = context.WithCancel(m.life)
	context.AfterFunc(m.run, func() { time.AfterFunc(leaveWithin, m.kill) })
	opts, err := m.options(c.log)
	if err != nil {
		m.kill()
		return nil, err
	}
	if c.cfg.TransactionalID == nil {
		m.cl, err = kgo.NewClient(opts...)
	} else if m.session, err = kgo.NewGroupTransactSession(opts...); err == nil {
		m.cl = m.session.Client()
	}
	if err != nil {
		m.kill()
		return nil, err
	}
	return m, nil
}

// live is the member's life: it reads until it is told to leave, or crashes, and says goodbye.
func (m *member) live() {
	defer m.kill()
	var committer sync.WaitGroup
	if m.session == nil && !m.cfg.Manual {
		committer.Go(m.commitEvery)
	}
	if m.session != nil {
		m.transact()
	} else {
		m.consume()
	}
	m.stop()
	committer.Wait()
	if m.hasCrashed() {
		m.cl.CloseAllowingRebalance() // crashed: its connections break, and that is all
		m.mu.Lock()
		m.abandon(sorted(m.owned), Crashed)
		m.mu.Unlock()
		m.flush()
		last := m.status()
		m.crew.emit(Event{Kind: Closed, Instance: m.instance, Reason: Crashed, Partitions: m.ownedNow(), Last: &last})
		return
	}
	m.setState(Leaving)
	owned := m.ownedNow()
	result, _ := m.commitLast(m.life, owned) // reported by commitLast itself
	last := m.status()
	err := m.goodbye(last.MemberID)
	m.kill()
	m.cl.CloseAllowingRebalance()
	m.flush()
	m.setState(Gone)
	if m.isOutdated() && m.crew.replace(m) {
		return
	}
	m.crew.forget(m)
	e := Event{Kind: Closed, Instance: m.instance, Reason: Left, Partitions: owned, Commit: result, Last: &last}
	if err != nil {
		e.Reason = Failed // the session timeout has to do it
	}
	m.crew.emit(e)
}

// goodbye leaves the group. The library waits for a rebalance to end first, which takes a whole
// session timeout when somebody crashed; so after a moment it is said past the library.
func (m *member) goodbye(id string) error {
	ctx, cancel := context.WithTimeout(m.life, leaveAfter)
	defer cancel()
	err := m.cl.LeaveGroupContext(ctx)
	if err == nil || id == "" || m.cfg.Assignor == Server {
		return err
	}
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = m.cfg.Group
	me := kmsg.NewLeaveGroupRequestMember()
	me.MemberID = id
	req.Members = append(req.Members, me)
	req.MemberID = id // what brokers before 2.4 read
	resp, err := req.RequestWith(m.life, m.crew.Client())
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

func (m *member) leave() { m.stop() }

func (m *member) crash() {
	m.mu.Lock()
	m.state, m.crashed = Dead, time.Now()
	m.mu.Unlock()
	m.kill()
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
		Instance: m.instance, ClientID: m.clientID, MemberID: id, State: m.state, Paused: m.paused, Slow: m.slow,
		CrashedAt: m.crashed, Records: m.records.Load(), Bytes: m.bytes.Load(), Duplicates: m.again.Load(),
		Flagged: m.flagged.Load(), Last: slices.Clone(m.last), Pause: m.lastStop,
	}
	for _, p := range sorted(m.owned) {
		s.Partitions = append(s.Partitions, Position{Partition: p, Next: m.owned[p].read, Committed: m.owned[p].committed, Read: m.owned[p].records})
	}
	return s
}

// flush tells the sink of commits and duplicates that were held back, and of a member that stayed idle.
func (m *member) flush() {
	id, _ := m.cl.GroupMetadata()
	m.mu.Lock()
	idle := !m.empty.IsZero() && m.crew.isIdle(id, m.empty)
	e := Event{Kind: Assigned, Instance: m.instance, First: !m.joined, Before: m.before}
	if e.First {
		e.Pause = time.Since(m.started)
	}
	if idle {
		m.empty, m.joined = time.Time{}, true
		m.changed, m.halted, m.before = false, time.Time{}, nil
	}
	commits, repeated := m.untold, m.repeated
	m.untold, m.repeated, m.told = map[int32]int64{}, nil, time.Now()
	m.mu.Unlock()
	if len(commits) > 0 {
		m.crew.emit(Event{Kind: Committed, Instance: m.instance, Partitions: sorted(commits), Offsets: commits})
	}
	if idle {
		m.crew.emit(e)
	}
	for _, why := range slices.Sorted(maps.Keys(repeated)) {
		m.crew.emit(Event{Kind: Duplicate, Instance: m.instance, Count: repeated[why], After: why})
	}
}

func sorted[V any](m map[int32]V) []int32 { return slices.Sorted(maps.Keys(m)) }
