package member

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"kafka-workshop/participant-client/fault"
	"kafka-workshop/participant-client/roster"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Group is this process's share of a consumer group: its members, numbered from 1, and an admin client that watches
// the whole group. Everything that happens goes to its Sink; Snapshot is for callers that poll.
type Group struct {
	cfg    Config
	log    *slog.Logger
	sink   Sink
	seen   *seen
	budget *budget

	events sync.Mutex // one event at a time
	told   fault.Told

	roster  *roster.Roster[*member] // of members, under mu
	mu      sync.Mutex              // guards what follows
	watch   *watch                  // nil before Run
	members map[int]*member
	totals  Totals

	// A topic that is deleted and created again is another incarnation. From the second one on members read all
	// records, whatever From is.
	incarnation        incarnation
	recreationExpected bool                // the incarnation has begun, and its topic has not been seen yet
	lastCommits        map[int32]oldCommit // by partition
}

// errEnough ends Run once MaxRecords are read.
var errEnough = errors.New("read as many records as asked for")

// closeWithin is how soon after a run the watch's connection is closed: by then members have left the group, and other
// records that this process publishes are sent.
const closeWithin = leaveWithin + time.Second

// ErrNotConnected is returned by Start before the cluster and the topic are found.
var ErrNotConnected = roster.ErrNotConnected

// New checks the configuration. Nothing connects before Run.
func New(cfg Config, sink Sink, log *slog.Logger) (*Group, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	g := &Group{
		cfg:         cfg,
		log:         log,
		sink:        sink,
		seen:        newSeen(),
		budget:      newBudget(cfg.MaxRecords),
		members:     map[int]*member{},
		lastCommits: map[int32]oldCommit{},
		totals:      Totals{Committed: map[int32]int64{}},
	}
	kind := roster.Kind[*member]{Noun: "member", Runs: func(m *member) bool { return m.ctx.Err() == nil }, Leave: (*member).leave}
	g.roster = roster.New(kind, &g.mu, g.members)
	return g, nil
}

// Run waits for the cluster and the topic, starts members, and watches the group until ctx ends, MaxRecords are read, or a
// member meets a fault that waiting does not heal. Then every member leaves the group. Faults go to the sink as events.
func (g *Group) Run(ctx context.Context, instances int) error {
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	connected, disconnect := context.WithCancel(context.Background())
	defer disconnect()
	context.AfterFunc(running, func() { time.AfterFunc(closeWithin, disconnect) })

	w, err := newWatch(connected, g)
	if err != nil {
		return err
	}
	defer w.Close(leaveWithin)
	g.mu.Lock()
	g.watch = w
	g.mu.Unlock()

	g.roster.UseStop(stop)
	if w.waitUntilReachable(running) {
		g.roster.Open(running, instances, g.Start)
	}
	var watching sync.WaitGroup
	watching.Go(func() { w.run(running) })
	<-running.Done()

	g.roster.LeaveAll() // at once: describing a group on a silent cluster may take long
	watching.Wait()
	g.flush()
	if cause := context.Cause(running); ctx.Err() == nil && !errors.Is(cause, errEnough) {
		return cause
	}
	return nil
}

// Start runs one more member and returns its number, the lowest that is free.
func (g *Group) Start() (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.roster.Running() {
		return 0, ErrNotConnected
	}

	instance := 1
	for g.members[instance] != nil {
		instance++
	}
	m, err := newMember(g, instance)
	if err != nil {
		return 0, fmt.Errorf("start member %d: %w", instance, err)
	}
	g.members[instance] = m
	g.roster.Go(m.run)
	return instance, nil
}

// Stop makes a member leave the group: a last commit, then LeaveGroup, so that the others take over at once. It returns
// before that is done; a Closed event follows.
func (g *Group) Stop(instance int) error { return g.roster.With(instance, (*member).leave) }

// Crash makes a member vanish: no commit and no LeaveGroup, so that the group finds out only by the session timeout.
func (g *Group) Crash(instance int) error { return g.roster.With(instance, (*member).crash) }

// Pause stops or resumes reading. Heartbeats continue, so the member stays in the group.
func (g *Group) Pause(instance int, on bool) error {
	return g.roster.With(instance, func(m *member) { m.pause(on) })
}

// Slow makes a member wait this long for each record from now on; 0 makes it fast again.
func (g *Group) Slow(instance int, wait time.Duration) error {
	return g.roster.With(instance, func(m *member) { m.setSlow(max(wait, 0)) })
}

// Commit commits what the member has processed so far, and waits for the answer.
func (g *Group) Commit(ctx context.Context, instance int) error {
	m, err := g.roster.Get(instance)
	if err != nil {
		return err
	}
	return m.commit(ctx, nil)
}

// Rewind sets a member's partitions back to "earliest" or on to "latest", commits that, and waits for the answer.
func (g *Group) Rewind(ctx context.Context, instance int, to string) error {
	m, err := g.roster.Get(instance)
	if err != nil {
		return err
	}
	return m.rewind(ctx, to)
}

// Snapshot returns what a screen draws now.
func (g *Group) Snapshot() Snapshot {
	g.mu.Lock()
	w := g.watch
	g.mu.Unlock()

	out := Snapshot{At: time.Now()}
	for _, m := range g.roster.All() {
		out.Members = append(out.Members, m.status())
	}
	slices.SortFunc(out.Members, func(a, b Status) int { return a.Instance - b.Instance })
	if w != nil {
		out.Group, out.Fault = w.snapshot(out.Members)
	}
	return out
}

// Client returns this process's connection outside of the group, to publish beside the members. It is nil before Run.
func (g *Group) Client() *kgo.Client {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.watch == nil {
		return nil
	}
	return g.watch.Client
}

// removeMember drops a member that left, or that crashed and has been expelled.
func (g *Group) removeMember(m *member) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.members[m.instance] == m {
		delete(g.members, m.instance)
	}
}

// flush reports what members hold back: see member.flush.
func (g *Group) flush() {
	for _, m := range g.roster.All() {
		m.flush()
	}
}
