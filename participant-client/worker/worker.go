package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// mostHeld is how many records a worker takes at a time: so few that two workers visibly share one partition.
const mostHeld = 4

// A worker is one member of the share group. Its loop takes a few records, and decides about each of them before it
// takes more: the library accepts undecided ones.
type worker struct {
	group    *Group
	cfg      Config
	number   int
	clientID string
	cl       *kgo.Client

	ctx        context.Context // ends with a crash, after the end, or leaveWithin after active
	cancel     context.CancelFunc
	active     context.Context // ends when the worker is to leave
	deactivate context.CancelFunc
	decisions  chan decision
	retired    bool // its counts are among those of ended workers; guarded by group.mu

	mu      sync.Mutex // guards what follows
	leaving bool
	crashed time.Time
	poison  bool // it died of a poison job
	worked  bool // it has had a record
	held    []*held
	counts  Counts
	refused map[int32]error // by partition: the broker's answer to the last acknowledgement
}

// A held record is locked for the worker, and not decided about yet.
type held struct {
	Record
	record *kgo.Record
	lock   time.Duration // of the broker
	limit  time.Time     // until when the worker may hold it
}

// A decision is the user's, made by a key, about a record in work.
type decision struct {
	about *held
	what  Kind
}

// newWorker returns a worker that has not joined yet; the caller holds g's lock.
func newWorker(g *Group, number int) (*worker, error) {
	w := &worker{
		group: g, cfg: g.cfg, number: number, clientID: fmt.Sprintf("%s-%d", g.cfg.ClientID, number),
		decisions: make(chan decision, 1), refused: map[int32]error{},
	}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.active, w.deactivate = context.WithCancel(w.ctx)
	context.AfterFunc(w.active, func() { time.AfterFunc(leaveWithin, w.cancel) })

	opts, err := g.cfg.Kafka.Opts(w.clientID, g.log)
	if err == nil {
		w.cl, err = kgo.NewClient(append(opts, w.options()...)...)
	}
	if err != nil {
		w.cancel()
		return nil, err
	}
	return w, nil
}

func (w *worker) options() []kgo.Opt {
	return []kgo.Opt{
		kgo.WithContext(w.ctx),
		kgo.WithHooks(w),
		kgo.ShareGroup(w.cfg.Group),
		kgo.ConsumeTopics(w.cfg.Topic),
		kgo.ShareMaxRecords(mostHeld),
		kgo.ShareMaxRecordsStrict(),
		kgo.ShareAckCallback(w.acknowledged),
		kgo.FetchMaxWait(500 * time.Millisecond),
		kgo.MetadataMaxAge(5 * time.Second),
		// The broker releases records that were delivered over a connection that closes, and the library closes idle
		// ones: this is the longest time that it allows.
		kgo.ConnIdleTimeout(15 * time.Minute),
	}
}

// run works until the worker is to leave, or crashes, and ends the membership.
func (w *worker) run() {
	defer w.cancel()
	for w.active.Err() == nil {
		w.take()
		w.workThrough()
	}
	w.deactivate()

	if w.hasCrashed() {
		w.endCrashed()
	} else {
		w.endLeaving()
	}
}

// take waits for records and holds them.
func (w *worker) take() {
	fetches := w.cl.PollRecords(w.active, mostHeld)
	w.report(fetches)
	now := time.Now()
	var batch []*held
	fetches.EachRecord(func(r *kgo.Record) {
		h := &held{record: r, limit: now.Add(w.cfg.Lock), Record: Record{
			Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Delivery: max(r.DeliveryCount(), 1), Until: r.AcquisitionDeadline(),
		}}
		if json.Unmarshal(r.Value, &h.Job) != nil || h.Job.ID == "" {
			h.Job.Poison = true // nobody can do a job that nobody can read
		}
		batch = append(batch, h)
	})

	w.mu.Lock()
	w.held = batch
	w.worked = w.worked || len(batch) > 0
	w.mu.Unlock()
	for _, h := range batch {
		w.reportAcquired(h, h.Until.Sub(now).Round(100*time.Millisecond))
	}
}

// reportAcquired reports a record that stays locked for left.
func (w *worker) reportAcquired(h *held, left time.Duration) {
	e := Event{Kind: Acquired, Worker: w.number, Record: h.Record, Lock: left}
	if h.Delivery > 1 {
		e.Kind = Redelivered
	}
	w.group.emit(e)

	lock, longer := w.group.recordLock(left)
	w.mu.Lock()
	h.lock = lock
	w.mu.Unlock()
	if longer && (lock-w.cfg.Lock).Abs() >= time.Second {
		w.group.emit(Event{Kind: LockDiffers, Lock: lock, Reason: w.cfg.Lock.String()})
	}
}

// report reports the errors of a poll, except for those that the watch explains better.
func (w *worker) report(fetches kgo.Fetches) {
	fetches.EachError(func(topic string, _ int32, err error) {
		var session *kgo.ErrGroupSession
		switch {
		case errors.Is(err, kgo.ErrClientClosed), errors.Is(err, context.Canceled), errors.As(err, &session):
		case errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
		default:
			w.group.reportFault(w.number, fault.OfRequest(err, w.group.place("take jobs from "+topic)))
		}
	})
}

// OnGroupManageError is called by the library if the group does not admit the worker.
func (w *worker) OnGroupManageError(err error) {
	switch {
	case w.active.Err() != nil, errors.Is(err, context.Canceled):
	case kafka.Unsupported(err):
		w.group.reportFault(w.number, fault.NoShareGroups)
	case fault.IsKafka(err) && !errors.Is(err, kerr.CoordinatorNotAvailable) && !errors.Is(err, kerr.CoordinatorLoadInProgress):
		w.group.reportFault(w.number, fault.OfRequest(err, w.group.place("join "+w.cfg.Group)))
	}
}

func (w *worker) hasCrashed() bool { return !w.crashedAt().IsZero() }

func (w *worker) crashedAt() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.crashed
}

func (w *worker) countsNow() Counts {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts
}

func (w *worker) status() Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := Status{Number: w.number, ClientID: w.clientID, State: Joining, CrashedAt: w.crashed, Counts: w.counts}
	for _, h := range w.held {
		out.Held = append(out.Held, h.Record)
	}
	switch {
	case !w.crashed.IsZero():
		out.State = Dead
	case w.leaving:
		out.State = Leaving
	case len(w.held) > 0:
		out.State = Working
	case w.worked:
		out.State = Idle
	}
	return out
}

// drop stops holding a record.
func (w *worker) drop(h *held) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = slices.DeleteFunc(w.held, func(o *held) bool { return o == h })
}
