package worker

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	ackWithin = 10 * time.Second // how long a worker waits for the broker's answer about a record
	ackAgain  = time.Second      // delay before retrying an acknowledgement that the broker could not take yet
)

// accept tells the broker that a job is done.
func (w *worker) accept(h *held) {
	took := time.Since(h.Began)
	if !w.settle(h, kgo.AckAccept) {
		return
	}

	w.mu.Lock()
	w.counts.Processed++
	if h.Delivery > 1 {
		w.counts.Redelivered++
	}
	w.mu.Unlock()
	w.group.emit(Event{Kind: Accepted, Worker: w.number, Record: h.Record, Took: took, After: w.group.recordAccepted(h.Partition, h.Offset)})
}

// recordAccepted returns the latest offset of the partition that was accepted before, if it is a later one; else -1.
func (g *Group) recordAccepted(partition int32, offset int64) int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if latest, known := g.accepted[partition]; known && latest > offset {
		return latest
	}
	g.accepted[partition] = offset
	return -1
}

// reject tells the broker that nobody can do a job.
func (w *worker) reject(h *held, why string) {
	w.refuse(h, kgo.AckReject, Event{Kind: Rejected, Reason: why}, func(c *Counts) { c.Rejected++ })
}

// giveBack releases a record for others.
func (w *worker) giveBack(h *held, why string) {
	w.refuse(h, kgo.AckRelease, Event{Kind: Released, Reason: why}, func(c *Counts) { c.Released++ })
}

// refuse settles a job that the worker does not do, and counts and reports that.
func (w *worker) refuse(h *held, status kgo.AckStatus, e Event, count func(*Counts)) {
	if !w.settle(h, status) {
		return
	}
	w.mu.Lock()
	count(&w.counts)
	w.mu.Unlock()
	e.Worker, e.Record = w.number, h.Record
	w.group.emit(e)
}

// settle sends the decision about one record, stops holding it, and reports whether the broker accepted it. Records are
// settled one by one, because the broker responds for a whole partition.
func (w *worker) settle(h *held, status kgo.AckStatus) bool {
	err := w.acknowledge(w.ctx, status, h)[h.Partition]
	w.drop(h)
	if err != nil && !w.hasCrashed() {
		w.lose(h, err)
	}
	return err == nil
}

// lose reports a record that the worker no longer held.
func (w *worker) lose(h *held, err error) {
	why := OfSession
	if errors.Is(err, kerr.InvalidRecordState) {
		why = OfLock
	}
	w.mu.Lock()
	w.counts.Lost++
	w.mu.Unlock()
	w.group.emit(Event{Kind: Lost, Worker: w.number, Record: h.Record, Reason: why})
}

// renew starts the locks of all held records again. It returns false if the record in work was lost. Other losses show
// when their turn comes.
func (w *worker) renew() bool {
	w.mu.Lock()
	all := slices.Clone(w.held)
	w.mu.Unlock()
	current := all[0]
	sent := time.Now() // the broker's lock ends no earlier than counted from here
	refused := w.acknowledge(w.ctx, kgo.AckRenew, all...)

	w.mu.Lock()
	for _, h := range all {
		if refused[h.Partition] == nil {
			h.Until = sent.Add(h.lock)
		}
	}
	w.mu.Unlock()
	err := refused[current.Partition]
	switch {
	case err == nil:
		w.group.emit(Event{Kind: Renewed, Worker: w.number, Record: current.Record, Lock: current.lock})
	case !w.hasCrashed():
		current.record.Ack(kgo.AckRelease) // the library accepts what is left undecided
		w.drop(current)
		w.lose(current, err)
	}
	return err == nil
}

// acknowledge sends a status of records, waits for the broker's response, and returns why it was rejected, by partition.
func (w *worker) acknowledge(ctx context.Context, status kgo.AckStatus, all ...*held) map[int32]error {
	w.mu.Lock()
	clear(w.refused)
	w.mu.Unlock()
	for _, h := range all {
		h.record.Ack(status)
	}

	err := w.flush(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	out := maps.Clone(w.refused)
	for _, h := range all {
		if err != nil && out[h.Partition] == nil {
			out[h.Partition] = err
		}
	}
	return out
}

// flush waits until the broker has responded to every acknowledgement. Those that it could not take yet are sent again.
func (w *worker) flush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, ackWithin)
	defer cancel()
	for {
		try, stop := context.WithTimeout(ctx, ackAgain)
		err := w.cl.FlushAcks(try)
		stop()
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
}

// acknowledged is called by the library with the broker's responses, before FlushAcks returns.
func (w *worker) acknowledged(_ *kgo.Client, results kgo.ShareAckResults) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range results {
		if r.Err != nil {
			w.refused[r.Partition] = r.Err
		}
	}
}
