package game

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// A queueSim is a share group as Kafka runs it, with workers that report like real ones, and a record of what really
// happened.
type queueSim struct {
	*stage
	rnd     *rand.Rand
	logs    []*simLog
	workers []*simWorker
	started int
	inOrder bool // each partition has one worker, which acquires and accepts in order
	mute    bool // workers report nothing
	late    bool // the start offset is written one acknowledgement late, as in Apache Kafka
	reports []simReport
	notes   []ClientNote

	back   []simReturn      // records that were accepted again
	killed map[string]int   // workers that died since the question was closed, and how many jobs each held
	joined []string         // since then
	left   []string         // since then, with a note
	since  map[string]int64 // accepted by each worker since the last join
}

type simLog struct {
	due     float64 // of the next record
	records []simRecord
	start   int64 // the first record that is not done
	written int64 // the start offset as written
}

type simRecord struct {
	holder  string // the current one
	before  string // the previous one
	done    bool
	again   bool
	doneFor int64 // how many later records were done when this one was, or by now if it is not
}

type simWorker struct {
	id     string
	takes  []int32
	held   []simPlace
	free   time.Time // when its first job is finished
	alive  bool
	goneAt time.Time // when the group notices that it is gone; zero while nothing is wrong
	next   time.Time // report
	skew   time.Duration
	counts WorkerCounts
}

type simPlace struct {
	partition int32
	offset    int64
}

type simReport struct {
	due    time.Time
	counts WorkerCounts
}

type simReturn struct {
	at       time.Time
	from, by string
}

const simStep = 250 * time.Millisecond

func newQueueSim(t testing.TB, seed uint64, workers int) *queueSim {
	q := &queueSim{stage: newStage(t, workshop.Queues, 1), rnd: rand.New(rand.NewPCG(seed, 9)), killed: map[string]int{}, since: map[string]int64{}}
	q.late = q.rnd.IntN(2) == 0
	for range 2 {
		q.logs = append(q.logs, &simLog{})
	}
	for range workers {
		q.join()
	}
	return q
}

func (q *queueSim) join() *simWorker {
	q.started++
	w := &simWorker{id: fmt.Sprintf("w%02d", q.started), alive: true, next: q.now, skew: time.Duration(q.rnd.IntN(600)-400) * time.Second}
	q.workers = append(q.workers, w)
	q.joined = append(q.joined, w.id)
	clear(q.since)
	q.assign()
	return w
}

// assign gives both partitions the same number of workers; with an odd number, the first worker gets both.
func (q *queueSim) assign() {
	for i, w := range q.workers {
		w.takes = []int32{int32(i % 2)}
	}
	if n := len(q.workers); n%2 == 1 {
		q.workers[0].takes = []int32{0, 1}
	}
}

func (q *queueSim) kill(w *simWorker) {
	w.alive = false
	w.goneAt = q.now.Add(10 * time.Second)
	q.killed[w.id] = len(w.held)
	q.giveBack(w)
}

// freeze stops a worker without breaking its connection: its records wait for the lock to expire, but its session expires
// earlier.
func (q *queueSim) freeze(w *simWorker) {
	w.alive = false
	w.goneAt = q.now.Add(10 * time.Second)
	q.killed[w.id] = len(w.held)
}

func (q *queueSim) leave(w *simWorker) {
	q.giveBack(w)
	q.left = append(q.left, w.id)
	q.notes = append(q.notes, ClientNote{At: q.now, MemberID: w.id})
	q.remove(w)
}

func (q *queueSim) remove(w *simWorker) {
	q.giveBack(w)
	q.workers = slices.DeleteFunc(q.workers, func(o *simWorker) bool { return o == w })
	q.assign()
}

func (q *queueSim) giveBack(w *simWorker) {
	for _, at := range w.held {
		r := &q.logs[at.partition].records[at.offset]
		r.holder, r.before, r.again = "", w.id, true
	}
	w.held = nil
}

func (q *queueSim) run(d time.Duration) *queueSim {
	for range d / simStep {
		q.step()
	}
	return q
}

func (q *queueSim) step() {
	q.now = q.now.Add(simStep)
	before := q.ends()
	for _, l := range q.logs {
		for l.due += 2.5 * simStep.Seconds() * (0.5 + q.rnd.Float64()); l.due >= 1; l.due-- {
			l.records = append(l.records, simRecord{})
		}
	}
	for _, w := range slices.Clone(q.workers) {
		switch {
		case w.alive:
			q.work(w)
			q.report(w)
		case !w.goneAt.After(q.now):
			q.remove(w)
		}
	}
	q.score()
	q.observe(before)
}

func (q *queueSim) work(w *simWorker) {
	if len(w.held) > 0 && !w.free.After(q.now) {
		n := 1
		if q.inOrder { // in one acknowledgement
			n = 1 + q.rnd.IntN(len(w.held))
		}
		q.accept(w, w.held[:n])
		w.held = w.held[n:]
		w.free = q.now.Add(time.Duration(200+q.rnd.IntN(800)) * time.Millisecond)
	}
	if len(w.held) > 0 || len(w.takes) == 0 {
		return
	}
	p := w.takes[q.rnd.IntN(len(w.takes))]
	if q.inOrder {
		p = w.takes[0]
	}
	l := q.logs[p]
	for o := l.start; o < int64(len(l.records)) && len(w.held) < 4; o++ {
		if r := &l.records[o]; !r.done && r.holder == "" {
			r.holder = w.id
			w.held = append(w.held, simPlace{p, o})
		}
	}
	w.free = q.now.Add(time.Duration(200+q.rnd.IntN(800)) * time.Millisecond)
}

func (q *queueSim) accept(w *simWorker, all []simPlace) {
	l := q.logs[all[0].partition]
	l.written = l.start
	for _, at := range all {
		r := &l.records[at.offset]
		r.done, r.holder = true, ""
		w.counts.Processed++
		q.since[w.id]++
		if r.again {
			w.counts.Redelivered++
			q.back = append(q.back, simReturn{q.now, r.before, w.id})
		}
	}
	for o := l.start; o < int64(len(l.records)); o++ { // what really is out of order
		r, later := &l.records[o], int64(0)
		for _, other := range l.records[o+1:] {
			if other.done {
				later++
			}
		}
		if !r.done {
			r.doneFor = max(r.doneFor, later)
		}
	}
	for l.start < int64(len(l.records)) && l.records[l.start].done {
		l.start++
	}
	if !q.late {
		l.written = l.start
	}
}

func (q *queueSim) report(w *simWorker) {
	if w.next.After(q.now) {
		return
	}
	w.next = q.now.Add(time.Second)
	c := w.counts
	c.MemberID = w.id
	c.At = earliest(q.now, q.now.Add(w.skew))
	q.reports = append(q.reports, simReport{q.now.Add(time.Duration(q.rnd.IntN(600)) * time.Millisecond), c})
}

// score passes in the reports that have arrived.
func (q *queueSim) score() {
	if q.mute {
		return
	}
	newest := map[string]WorkerCounts{}
	for _, r := range q.reports {
		if !r.due.After(q.now) {
			newest[r.counts.MemberID] = r.counts
		}
	}
	w := Work{Team: 1, Leaving: q.notes}
	for _, c := range newest {
		w.Workers = append(w.Workers, c)
	}
	q.store(q.room.Scores(Scores{At: q.now, Round: q.room.Round().Number, Teams: []Work{w}}))
}
