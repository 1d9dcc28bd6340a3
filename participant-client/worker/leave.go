package worker

import (
	"context"
	"slices"
	"time"

	"kafka-workshop/internal/kafka"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	leaveWithin = 2500 * time.Millisecond // limits how long leaving takes, so that Ctrl+C ends the process even without a broker
	leaveAfter  = 2 * time.Second         // how long the library may take to leave: a fetch in flight takes 500 ms
	startAgain  = time.Second             // how soon a worker starts in place of one that died of a poison job
)

func (w *worker) leave() {
	w.mu.Lock()
	w.leaving = true
	w.mu.Unlock()
	w.deactivate()
}

// crash ends the worker like a killed process: nothing is given back and nobody is notified.
func (w *worker) crash(poison bool) {
	w.mu.Lock()
	w.crashed = time.Now()
	w.poison = poison
	w.mu.Unlock()
	w.cancel()
}

// endCrashed breaks the connections, and starts another worker if a poison job caused the crash.
func (w *worker) endCrashed() {
	w.cl.Close()
	w.mu.Lock()
	counts := w.counts
	poison := w.poison
	w.held = nil
	w.mu.Unlock()
	w.group.retire(w, counts)
	w.group.emit(Event{Kind: Closed, Worker: w.number, Reason: Crashed, Last: &counts, Poison: poison})
	if !poison {
		return
	}

	if running := w.group.roster.Context(); running != nil && kafka.Sleep(running, startAgain) {
		_, _ = w.group.Start() // it fails when the run ends
	}
}

// endLeaving gives back what the worker holds, publishes its last counts, and leaves the group.
func (w *worker) endLeaving() {
	w.mu.Lock()
	w.leaving = true
	w.mu.Unlock()
	w.giveBackAll()
	w.group.publish(w, true)
	counts := w.countsNow()

	ctx, cancel := context.WithTimeout(w.ctx, leaveAfter)
	err := w.cl.LeaveGroupContext(ctx)
	cancel()
	w.cancel()
	w.cl.Close()
	w.group.retire(w, counts)
	e := Event{Kind: Closed, Worker: w.number, Reason: Left, Last: &counts}
	if err != nil {
		e.Reason = Failed
	}
	w.group.emit(e)
}

// giveBackAll releases everything at once, so that others have it in the order in which it was taken.
func (w *worker) giveBackAll() {
	w.mu.Lock()
	all := slices.Clone(w.held)
	w.mu.Unlock()
	if len(all) == 0 {
		return
	}

	refused := w.acknowledge(w.ctx, kgo.AckRelease, all...)
	for _, h := range all {
		w.drop(h)
		if err := refused[h.Partition]; err != nil {
			w.lose(h, err)
			continue
		}
		w.mu.Lock()
		w.counts.Released++
		w.mu.Unlock()
		w.group.emit(Event{Kind: Released, Worker: w.number, Record: h.Record, Reason: OnLeaving})
	}
}
