package truth

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/worker"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A queueRun is a share group with its own topic.
type queueRun struct {
	t            *testing.T
	cluster      *kafkatest.Cluster
	group, topic string
	observer     *queueObserver
	producer     *kgo.Client
	produced     int
	added        time.Time // when the last jobs were produced
	workers      []*workers
	queueFacts
}

func newQueueRun(t *testing.T, partitions int) *queueRun {
	t.Helper()
	c := kafkatest.New(t)
	r := &queueRun{t: t, cluster: c, group: c.Namespace.Name("crew"), topic: c.Namespace.Name("jobs")}
	c.CreateTopic(t, r.topic, partitions, nil)
	c.ConfigureGroup(t, r.group, workshop.ShareConfigs())
	lock, err := time.ParseDuration(workshop.ShareConfigs()["share.record.lock.duration.ms"] + "ms")
	if err != nil {
		t.Fatal(err)
	}
	r.lock, r.session = lock, serverSession
	r.producer = c.Client(t, kgo.DefaultProduceTopic(r.topic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	r.observer = &queueObserver{
		client: c.Client(t), group: r.group, topic: r.topic, jobs: map[spot]workshop.Job{}, record: newRecord[queueLook](),
	}

	ctx, cancel := context.WithCancel(context.Background())
	var works sync.WaitGroup
	works.Go(func() { r.observer.run(ctx) })
	reader := c.Client(t, kgo.ConsumeTopics(r.topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	works.Go(func() { r.observer.read(ctx, reader) })
	t.Cleanup(func() { cancel(); works.Wait() })
	r.waitFor("a first look", func([]queueLook) bool { return true })
	return r
}

// add produces jobs, and waits until the log reader has them.
func (r *queueRun) add(jobs ...workshop.Job) {
	r.t.Helper()
	for _, job := range jobs {
		r.produced++
		job.ID, job.Kind = fmt.Sprintf("job-%d", r.produced), "resize_image"
		value, err := json.Marshal(job)
		if err == nil {
			err = r.producer.ProduceSync(r.t.Context(), &kgo.Record{Value: value}).FirstErr()
		}
		if err != nil {
			r.t.Fatal(err)
		}
	}
	r.added = time.Now()
	r.waitFor("the log", func([]queueLook) bool {
		r.observer.mu.Lock()
		defer r.observer.mu.Unlock()
		return len(r.observer.jobs) == r.produced
	})
}

// waitFor waits for looks that fit.
func (r *queueRun) waitFor(what string, fits func([]queueLook) bool) {
	r.t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		looks, changed := r.observer.seen()
		if len(looks) > 0 && fits(looks) {
			return
		}
		select {
		case <-changed:
		case <-end.C:
			r.t.Fatalf("waited in vain for %s:\n%s", what, r.told())
		}
	}
}

// empty waits until no record waits in the topic.
func (r *queueRun) empty() {
	r.t.Helper()
	r.waitFor("an empty queue", func(looks []queueLook) bool {
		l := looks[len(looks)-1]
		return l.began.After(r.added) && len(l.lag) > 0 && !slices.ContainsFunc(slices.Collect(values(l.lag)), func(n int64) bool { return n != 0 })
	})
}

func values(m map[int32]int64) func(func(int64) bool) {
	return func(yield func(int64) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// workers are one process of ours.
type workers struct {
	*worker.Group
	crew *crew
	stop func()
	done chan struct{}

	mu sync.Mutex // guards crew.said
}

// Event, Record and Flush make it the workers' sink.
func (w *workers) Event(e worker.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.crew.said = append(w.crew.said, e)
}

func (w *workers) Record(int, *kgo.Record) {}
func (w *workers) Flush() error            { return nil }

// said returns what it said so far.
func (w *workers) said() *crew {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := *w.crew
	out.said = slices.Clone(w.crew.said)
	return &out
}

// join starts a process with this many workers, and waits until they are in the group.
func (r *queueRun) join(name string, number int, set func(*worker.Config)) *workers {
	r.t.Helper()
	cfg := worker.Config{
		Kafka: r.cluster.Config, Group: r.group, Topic: r.topic, ClientID: r.group + "-" + name, Lock: r.lock, OnPoison: worker.Reject,
	}
	if set != nil {
		set(&cfg)
	}
	w := &workers{crew: &crew{name: name, clientID: cfg.ClientID, onPoison: cfg.OnPoison, lock: cfg.Lock}, done: make(chan struct{})}
	var err error
	if w.Group, err = worker.New(cfg, w, nil); err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	go func() {
		defer close(w.done)
		if err := w.Run(ctx, number); err != nil {
			r.t.Errorf("%s ended: %v", name, err)
		}
	}()
	r.t.Cleanup(func() { cancel(); <-w.done })
	r.workers = append(r.workers, w)
	for i := range number {
		r.waitFor("worker of "+name, func(looks []queueLook) bool { return in(w.crew.client(i + 1))(looks[len(looks)-1]) })
	}
	return w
}

// heard waits until one of a process's workers has reported an event that fits, and returns it.
func (r *queueRun) heard(w *workers, what string, fits func(worker.Event) bool) (said worker.Event) {
	r.t.Helper()
	r.waitFor(what, func([]queueLook) bool {
		all := w.said().said
		i := slices.IndexFunc(all, fits)
		if i >= 0 {
			said = all[i]
		}
		return i >= 0
	})
	return said
}

// working waits until a worker works on a record.
func (r *queueRun) working(w *workers, number int) {
	r.t.Helper()
	r.waitFor("work", func([]queueLook) bool {
		return slices.ContainsFunc(w.Snapshot().Workers, func(s worker.Status) bool {
			return s.Number == number && len(s.Held) > 0 && !s.Held[0].Began.IsZero()
		})
	})
}

// press presses a key of a worker that works on a record.
func (r *queueRun) press(w *workers, number int, kind worker.Kind) {
	r.t.Helper()
	r.working(w, number)
	do := w.Release
	if kind == worker.Rejected {
		do = w.Reject
	}
	r.keys = append(r.keys, mark{time.Now(), w.crew.client(number) + " " + string(kind)})
	if err := do(number); err != nil {
		r.t.Fatal(err)
	}
	r.heard(w, string(kind)+" by a key", func(e worker.Event) bool { return e.Kind == kind && e.Reason == worker.OnKey })
}

func (r *queueRun) crash(w *workers, number int) {
	r.t.Helper()
	r.crashes = append(r.crashes, mark{time.Now(), w.crew.client(number)})
	if err := w.Crash(number); err != nil {
		r.t.Fatal(err)
	}
}

// quit makes a process's workers leave, and waits for a look after that.
func (r *queueRun) quit(w *workers) {
	r.t.Helper()
	for _, s := range w.Snapshot().Workers {
		if s.State != worker.Dead {
			r.leaves = append(r.leaves, mark{time.Now(), w.crew.client(s.Number)})
		}
	}
	w.stop()
	<-w.done
	ended := time.Now()
	r.waitFor("another look", func(looks []queueLook) bool { return looks[len(looks)-1].began.After(ended.Add(slack / 10)) })
}

// told returns what was seen and said so far.
func (r *queueRun) told() string {
	f := r.facts()
	return f.show()
}

func (r *queueRun) facts() queueFacts {
	f := r.queueFacts
	f.looks, _ = r.observer.seen()
	r.observer.mu.Lock()
	f.jobs = map[spot]workshop.Job{}
	for at, job := range r.observer.jobs {
		f.jobs[at] = job
	}
	r.observer.mu.Unlock()
	for _, w := range r.workers {
		f.crews = append(f.crews, w.said())
	}
	return f
}

// judge compares everything that was said with what was seen. kinds are those that the script was meant to cause.
func (r *queueRun) judge(kinds ...worker.Kind) {
	r.t.Helper()
	f := r.facts()
	for _, c := range f.crews {
		for i, e := range c.said {
			if err := f.check(c, i); err != nil {
				r.t.Errorf("%s says at %s\n  %s: %s\n  but %v", c.name, e.At.Format("05.000"), e.Kind, e, err)
			}
		}
	}
	for _, text := range f.untold() {
		r.t.Error(text)
	}
	for _, kind := range f.neverSaid(kinds...) {
		r.t.Errorf("nobody said %s", kind)
	}
	if r.t.Failed() {
		r.t.Log("\n" + f.show())
	}
}
