package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"kafka-workshop/participant-client/fault"
	"kafka-workshop/participant-client/roster"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Group is this process's part of a share group: its workers, numbered from 1, and an admin client that watches the
// whole group. Everything that happens goes to its Sink; Snapshot is for callers that poll.
type Group struct {
	cfg     Config
	log     *slog.Logger
	sink    Sink
	budget  *budget
	lessons lessons // used with events locked

	events sync.Mutex // one event at a time
	told   fault.Told

	roster   *roster.Roster[*worker] // of workers, under mu
	mu       sync.Mutex              // guards what follows
	watch    *watch                  // nil before Run
	workers  map[int]*worker
	started  int             // the number of the last worker
	gone     Counts          // of workers that have ended
	lock     time.Duration   // the broker's lock duration: see recordLock
	accepted map[int32]int64 // by partition: the latest offset that was accepted
}

// errEnough ends Run once MaxRecords are worked on.
var errEnough = errors.New("worked on as many records as asked for")

// ErrNotConnected is returned by Start before the cluster and the topic are found.
var ErrNotConnected = roster.ErrNotConnected

// closeWithin is how soon after a run the watch's connection is closed: by then workers have left, and their stats are sent.
const closeWithin = leaveWithin + time.Second

// New checks the configuration. Nothing connects before Run.
func New(cfg Config, sink Sink, log *slog.Logger) (*Group, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	g := &Group{
		cfg: cfg, log: log, sink: sink, budget: &budget{most: cfg.MaxRecords},
		workers: map[int]*worker{}, accepted: map[int32]int64{},
	}
	kind := roster.Kind[*worker]{Noun: "worker", Runs: func(w *worker) bool { return w.ctx.Err() == nil }, Leave: (*worker).leave}
	g.roster = roster.New(kind, &g.mu, g.workers)
	return g, nil
}

// Run waits for the cluster and the topic, starts workers, and continues until ctx ends, MaxRecords are worked on, or a
// worker meets a fault that waiting does not heal. Then every worker gives back what it holds and leaves.
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
	var helpers sync.WaitGroup
	helpers.Go(func() { w.run(running) })
	helpers.Go(func() { g.publishStats(running) })
	<-running.Done()

	g.roster.LeaveAll()
	helpers.Wait()
	totals := g.totals()
	g.emit(Event{Kind: Closed, Last: &totals})
	if cause := context.Cause(running); ctx.Err() == nil && !errors.Is(cause, errEnough) {
		return cause
	}
	return nil
}

// Start runs one more worker and returns its number. No number is used twice: counts are published under it.
func (g *Group) Start() (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.roster.Running() {
		return 0, ErrNotConnected
	}

	w, err := newWorker(g, g.started+1)
	if err != nil {
		return 0, fmt.Errorf("start worker %d: %w", g.started+1, err)
	}
	g.started++
	g.workers[w.number] = w
	g.roster.Go(w.run)
	return w.number, nil
}

// Stop makes a worker give back what it holds and leave. It returns before that is done; a Closed event follows.
func (g *Group) Stop(number int) error { return g.roster.With(number, (*worker).leave) }

// Crash makes a worker vanish. Its connection breaks, so the broker gives what it held to others at once; the group keeps it
// as a member until its session times out.
func (g *Group) Crash(number int) error {
	return g.roster.With(number, func(w *worker) { w.crash(false) })
}

// Release makes a worker give back the record that it works on.
func (g *Group) Release(number int) error { return g.decide(number, Released) }

// Reject makes a worker reject the record that it works on.
func (g *Group) Reject(number int) error { return g.decide(number, Rejected) }

func (g *Group) decide(number int, what Kind) error {
	w, err := g.roster.Get(number)
	if err == nil && !w.decide(what) {
		err = fmt.Errorf("worker %d works on nothing now", number)
	}
	return err
}

// Client returns this process's connection outside of the group. It is nil before Run.
func (g *Group) Client() *kgo.Client {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.watch == nil {
		return nil
	}
	return g.watch.Client
}

// retire moves a worker's counts to those of the workers that have ended. One that left is dropped from the list.
func (g *Group) retire(w *worker, counts Counts) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.gone.add(counts)
	w.retired = true
	if !w.hasCrashed() {
		delete(g.workers, w.number)
	}
}

// forget drops workers that crashed some time ago.
func (g *Group) forget(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	maps.DeleteFunc(g.workers, func(_ int, w *worker) bool { return w.retired && now.Sub(w.crashedAt()) > crashShown })
}

// crashShown is how long a worker that crashed stays listed. The group keeps it for the whole session timeout, 45 s by
// default.
const crashShown = 10 * time.Second

// totals returns the counts of all workers of this process so far.
func (g *Group) totals() Counts {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := g.gone
	for _, w := range g.workers {
		if !w.retired {
			out.add(w.countsNow())
		}
	}
	return out
}

// emit passes an event to the sink, one at a time, and a lesson after it if there is one to learn.
func (g *Group) emit(e Event) {
	if e.At.IsZero() {
		e.At = time.Now()
	}
	g.events.Lock()
	defer g.events.Unlock()
	g.sink.Event(e)
	if text := g.lessons.about(e); text != "" {
		g.sink.Event(Event{Kind: Lesson, At: e.At, Worker: e.Worker, Text: text})
	}
}

// recordLock returns how long the broker locks a record: the longest time seen so far. The library fetches ahead, so a
// record that waited for its worker has used up part of its lock.
func (g *Group) recordLock(left time.Duration) (lock time.Duration, longer bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := g.lock
	g.lock = max(before, left.Round(time.Second))
	return g.lock, g.lock > before
}

// reportFault reports a fault, the same one again only after a while, and ends the run if waiting does not help.
func (g *Group) reportFault(number int, f fault.Fault) {
	if g.told.Again(f) {
		return
	}
	g.emit(Event{Kind: Fault, Worker: number, Text: f.Text, Fatal: f.Fatal})
	if f.Fatal {
		g.roster.End(errors.New(f.Text))
	}
}

// place returns where a fault was met.
func (g *Group) place(doing string) fault.Place {
	return fault.Place{Kafka: g.cfg.Kafka, Group: g.cfg.Group, Doing: doing}
}
