package worker

import (
	"sync"
	"time"
)

// maxWork limits how long a job may claim to take.
const maxWork = 10 * time.Minute

// workThrough works on what the worker holds, in order. It returns early if the worker is to end: then the code that
// ends it, or the broker, gives back the rest.
func (w *worker) workThrough() {
	for {
		w.mu.Lock()
		var next *held
		if len(w.held) > 0 {
			next = w.held[0]
		}
		w.mu.Unlock()
		if next == nil || w.active.Err() != nil {
			return
		}

		if !w.group.budget.begin() {
			<-w.active.Done() // the last of MaxRecords is in work
			return
		}
		w.work(next)
		if w.group.budget.finish() {
			w.group.roster.End(errEnough)
		}
	}
}

// work does a job and decides about its record.
func (w *worker) work(h *held) {
	if now := time.Now(); !now.Before(h.limit) || !now.Before(h.Until) {
		w.giveBack(h, OfLock) // it waited for too long behind the others
		return
	}
	w.group.sink.Record(w.number, h.record)
	if w.group.sink.Flush() != nil {
		<-w.active.Done() // the sink ends the run
		return
	}

	w.mu.Lock()
	h.Began = time.Now()
	w.mu.Unlock()
	done := time.NewTimer(min(max(time.Duration(h.Job.WorkMS)*time.Millisecond, 0), maxWork))
	defer done.Stop()
	for {
		due := time.NewTimer(time.Until(h.nextDue()))
		select {
		case <-w.active.Done():
			due.Stop()
			return
		case <-done.C:
			due.Stop()
			w.finish(h)
			return
		case d := <-w.decisions:
			due.Stop()
			if d.about == h {
				w.carryOut(d)
				return
			}
		case <-due.C:
			if !time.Now().Before(h.limit) {
				w.giveBack(h, OfLock)
				return
			}
			if !w.renew() {
				return
			}
		}
	}
}

// nextDue returns when the lock has to be renewed, or the record given back. A third of the lock is left for the request.
func (h *held) nextDue() time.Time {
	if h.Until.Before(h.limit.Add(-time.Second)) {
		return h.Until.Add(-h.lock / 3)
	}
	return h.limit
}

// finish decides about a record whose work is over.
func (w *worker) finish(h *held) {
	switch {
	case !h.Job.Poison:
		w.accept(h)
	case w.cfg.OnPoison == Reject:
		w.reject(h, OfPoison)
	case w.cfg.OnPoison == Release:
		w.giveBack(h, OfPoison)
	default:
		w.crash(true)
	}
}

// decide tells the worker what to do with the record in work. It returns false if there is none.
func (w *worker) decide(what Kind) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.held) == 0 || w.held[0].Began.IsZero() {
		return false
	}

	select {
	case <-w.decisions: // about a record that was finished meanwhile
	default:
	}
	w.decisions <- decision{about: w.held[0], what: what}
	return true
}

func (w *worker) carryOut(d decision) {
	if d.what == Rejected {
		w.reject(d.about, OnKey)
	} else {
		w.giveBack(d.about, OnKey)
	}
}

// A budget is how many records may still be worked on, by all workers together.
type budget struct {
	most int64 // 0 for no end

	mu       sync.Mutex // guards what follows
	begun    int64
	finished int64
}

// begin reports whether one more may begin.
func (b *budget) begin() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.most > 0 && b.begun == b.most {
		return false
	}
	b.begun++
	return true
}

// finish counts a finished record, and reports whether nothing is left and nothing in work.
func (b *budget) finish() (enough bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.finished++
	return b.most > 0 && b.finished == b.most
}
