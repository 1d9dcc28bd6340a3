package member

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"kafka-workshop/participant-client/fault"
)

// A Crew is the members of a group that this process runs, numbered from 1, and an admin client that
// watches the whole group. Everything it finds out goes to its Sink; Snapshot is for what polls.
type Crew struct {
	cfg  Config
	log  *slog.Logger
	sink Sink

	events sync.Mutex // one event at a time

	watch  *watch
	seen   *seen
	budget *budget
	ended  sync.WaitGroup // goroutines of members

	mu      sync.Mutex // guards what follows
	run     context.Context
	end     context.CancelCauseFunc
	members map[int]*member
	told    map[string]time.Time // faults by when they were said last
	era     era                  // of the topic; after the first all its records are read, whatever From says
	awaited bool                 // the era has begun, and its topic was not seen yet
	spent   map[int32]spent      // by partition
}

// errEnough ends Run when MaxRecords were read.
var errEnough = errors.New("read as many records as asked for")

// endWithin is when the watch's connection ends after a run: members are to have said goodbye, and
// what is published beside them is to be out.
const endWithin = leaveWithin + time.Second

// saidAgain is how long the same fault of a member is not repeated.
const saidAgain = 10 * time.Second

// ErrNotConnected is returned by Start until the cluster and the topic were found.
var ErrNotConnected = errors.New("not connected to Kafka yet")

// New checks the configuration; nothing is connected before Run.
func New(cfg Config, sink Sink, log *slog.Logger) (*Crew, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Crew{
		cfg: cfg, log: log, sink: sink, seen: newSeen(), budget: newBudget(cfg.MaxRecords), members: map[int]*member{}, told: map[string]time.Time{}, spent: map[int32]spent{},
	}, nil
}

// Run waits for the cluster and the topic, starts so many members, and watches the group until ctx
// ends, MaxRecords were read, or a member meets a fault that waiting does not heal. Then every member
// leaves the group. What was wrong meanwhile went to the sink as Fault events.
func (c *Crew) Run(ctx context.Context, instances int) error {
	run, end := context.WithCancelCause(ctx)
	defer end(nil)
	last, over := context.WithCancel(context.Background())
	defer over()
	context.AfterFunc(run, func() { time.AfterFunc(endWithin, over) })
	w, err := newWatch(last, c)
	if err != nil {
		return err
	}
	defer w.close()
	c.mu.Lock()
	c.watch, c.end = w, end
	c.mu.Unlock()
	if w.reach(run) {
		c.mu.Lock()
		c.run = run
		c.mu.Unlock()
		for range instances {
			if _, err := c.Start(); err != nil {
				end(err)
				break
			}
		}
	}
	var looking sync.WaitGroup
	looking.Go(func() { w.loop(run) })
	<-run.Done()
	c.leave() // at once: a look at a silent cluster may take its time
	looking.Wait()
	c.flush()
	if cause := context.Cause(run); ctx.Err() == nil && !errors.Is(cause, errEnough) {
		return cause
	}
	return nil
}

// Start runs one more member and returns its number, the lowest that is free.
func (c *Crew) Start() (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run == nil || c.run.Err() != nil {
		return 0, ErrNotConnected
	}
	instance := 1
	for c.members[instance] != nil {
		instance++
	}
	m, err := newMember(c, instance)
	if err != nil {
		return 0, fmt.Errorf("start member %d: %w", instance, err)
	}
	c.members[instance] = m
	c.ended.Go(m.live)
	return instance, nil
}

// Stop makes a member leave the group: a last commit, LeaveGroup, and the others take over at once. It
// returns before that is over; a Closed event tells.
func (c *Crew) Stop(instance int) error { return c.with(instance, (*member).leave) }

// Crash makes a member vanish with no goodbye: no commit and no LeaveGroup, so that the group finds
// out only when the session timeout is over.
func (c *Crew) Crash(instance int) error {
	return c.with(instance, (*member).crash)
}

// Pause stops or resumes reading; heartbeats go on, so the member stays in the group.
func (c *Crew) Pause(instance int, on bool) error {
	return c.with(instance, func(m *member) { m.pause(on) })
}

// Slow makes a member wait this long for each record from now on; 0 makes it fast again.
func (c *Crew) Slow(instance int, wait time.Duration) error {
	return c.with(instance, func(m *member) { m.setSlow(max(wait, 0)) })
}

// Commit commits what the member has processed so far. It waits for the answer.
func (c *Crew) Commit(ctx context.Context, instance int) error {
	m := c.alive(instance)
	if m == nil {
		return fmt.Errorf("member %d is not running", instance)
	}
	return m.commit(ctx, nil)
}

// Rewind sends a member's partitions back to "earliest" or on to "latest", and commits that. It waits
// for the answer.
func (c *Crew) Rewind(ctx context.Context, instance int, to string) error {
	m := c.alive(instance)
	if m == nil {
		return fmt.Errorf("member %d is not running", instance)
	}
	return m.rewind(ctx, to)
}

// Snapshot is what a screen draws now.
func (c *Crew) Snapshot() Snapshot {
	c.mu.Lock()
	members := slices.Collect(maps.Values(c.members))
	w := c.watch
	c.mu.Unlock()
	out := Snapshot{At: time.Now()}
	for _, m := range members {
		out.Members = append(out.Members, m.status())
	}
	slices.SortFunc(out.Members, func(a, b Status) int { return a.Instance - b.Instance })
	if w != nil {
		out.Group, out.Fault = w.view(out.Members)
	}
	return out
}

func (c *Crew) alive(instance int) *member {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m := c.members[instance]; m != nil && m.life.Err() == nil {
		return m
	}
	return nil
}

func (c *Crew) with(instance int, do func(*member)) error {
	m := c.alive(instance)
	if m == nil {
		return fmt.Errorf("member %d is not running", instance)
	}
	do(m)
	return nil
}

// leave makes all members leave, side by side, and waits for them.
func (c *Crew) leave() {
	c.mu.Lock()
	c.run = nil
	for _, m := range c.members {
		m.leave()
	}
	c.mu.Unlock()
	c.ended.Wait()
}

// emit hands an event on; events come one at a time.
func (c *Crew) emit(e Event) {
	if e.At.IsZero() {
		e.At = time.Now()
	}
	if e.Topic == "" {
		e.Topic = c.cfg.Topic
	}
	c.events.Lock()
	defer c.events.Unlock()
	c.sink.Event(e)
}

// Tell reports a fault that something beside the members met.
func (c *Crew) Tell(text string) { c.report(0, fault.Fault{Text: text}) }

// report tells of a fault, and ends the run when waiting does not help. The same is said again only
// after a while.
func (c *Crew) report(instance int, f fault.Fault, partitions ...int32) {
	c.mu.Lock()
	now := time.Now()
	lately := now.Sub(c.told[f.Text]) < saidAgain
	if !lately {
		c.told[f.Text] = now
	}
	c.mu.Unlock()
	if lately && !f.Fatal {
		return
	}
	c.emit(Event{Kind: Fault, Instance: instance, Partitions: partitions, Text: f.Text, Fatal: f.Fatal})
	if f.Fatal {
		c.finish(errors.New(f.Text))
	}
}

// finish ends the run; the first reason counts.
func (c *Crew) finish(why error) {
	c.mu.Lock()
	end := c.end
	c.mu.Unlock()
	if end != nil {
		end(why)
	}
}

// forget drops a member that left, or that crashed and has been thrown out.
func (c *Crew) forget(m *member) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.members[m.instance] == m {
		delete(c.members, m.instance)
	}
}

// flush reports what members hold back so that the sink is not told of each batch: commits and
// duplicates.
func (c *Crew) flush() {
	c.mu.Lock()
	members := slices.Collect(maps.Values(c.members))
	c.mu.Unlock()
	for _, m := range members {
		m.flush()
	}
}
