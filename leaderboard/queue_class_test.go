package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A queueClass is a room of the queues lesson: a leaderboard, jobs, and the shipped workers of team 1, each in its own
// process.
type queueClass struct {
	*class
	admin    *kadm.Client
	producer *kgo.Client
	crew     []*crewWorker

	mu   sync.Mutex // guards what follows
	made int
}

func newQueueClass(t *testing.T) *queueClass {
	t.Helper()
	c := kafkatest.New(t)
	c.Lesson = workshop.Queues
	c.CreateTopic(t, c.Topic(), c.Lesson.Partitions, nil)
	q := &queueClass{class: &class{work: &work{Cluster: c}, database: postgrestest.URL(t), programs: buildPrograms(t), assignor: "range", session: sessionTimeout}}
	q.admin = c.Admin(t)
	q.producer = c.Client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	q.program = start(t, c, q.database)
	q.program.ready(t, http.StatusOK)
	return q
}

// A place is the position of a record.
type place struct {
	partition int32
	offset    int64
}

// add produces jobs to a partition, and returns the place of the first.
func (q *queueClass) add(t *testing.T, partition int32, n int, takes time.Duration, poison bool) place {
	t.Helper()
	var records []*kgo.Record
	for range n {
		q.mu.Lock()
		q.made++
		id := strconv.Itoa(q.made)
		q.mu.Unlock()
		job := workshop.Job{ID: id, Kind: "mail", WorkMS: int(takes.Milliseconds()), Poison: poison}
		records = append(records, &kgo.Record{Topic: q.Topic(), Partition: partition, Value: encoded(job)})
	}
	if err := q.producer.ProduceSync(context.WithoutCancel(t.Context()), records...).FirstErr(); err != nil {
		t.Error(err)
	}
	return place{partition, records[0].Offset}
}

// feed adds six jobs a second until stop is called, which is enough for three workers and too much for two.
func (q *queueClass) feed(t *testing.T) (stop func()) {
	t.Helper()
	return repeat(t, 330*time.Millisecond, func(context.Context, int) {
		for p := range int32(2) {
			q.add(t, p, 1, time.Duration(200+rand.IntN(400))*time.Millisecond, false)
		}
	})
}

// burst adds jobs to both partitions at once, so that each worker holds several.
func (q *queueClass) burst(t *testing.T) {
	t.Helper()
	for p := range int32(2) {
		q.add(t, p, 24, 400*time.Millisecond, false)
	}
}

// A crewWorker is the shipped client as a worker, and its output about jobs.
type crewWorker struct {
	*clientProcess

	mu    sync.Mutex // guards what follows
	heard []jobLine
}

// A jobLine is an event of a worker's JSON output.
type jobLine struct {
	Event     string    `json:"event"`
	At        time.Time `json:"at"`
	Partition int32     `json:"partition"`
	Offset    int64     `json:"offset"`
	Delivery  int32     `json:"delivery"`
	Text      string    `json:"text"`
}

func (l jobLine) place() place { return place{l.Partition, l.Offset} }

// hire starts a worker.
func (q *queueClass) hire(t *testing.T, flags ...string) *crewWorker {
	t.Helper()
	w := q.launch(t, flags...)
	q.crew = append(q.crew, w)
	return w
}

// joinBeside starts members of the consumer group on the same topic.
func (q *queueClass) joinBeside(t *testing.T, members int) {
	t.Helper()
	q.launch(t, "--lesson", "scale-up", "--group", q.Beside(1), "--topic", q.Topic(), "--instances", strconv.Itoa(members))
}

func (q *queueClass) launch(t *testing.T, flags ...string) *crewWorker {
	t.Helper()
	w := &crewWorker{}
	hear := func(line []byte) {
		var l jobLine
		if json.Unmarshal(line, &l) == nil {
			w.mu.Lock()
			w.heard = append(w.heard, l)
			w.mu.Unlock()
		}
	}
	w.clientProcess = startClient(t, q.programs, q.Cluster, t.Output(), hear, append([]string{"run", "--team", "1", "--format", "json"}, flags...)...)
	return w
}

// of returns the worker's events of a kind.
func (w *crewWorker) of(kind string) (out []jobLine) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.heard {
		if l.Event == kind {
			out = append(out, l)
		}
	}
	return out
}

// holds returns the places that the worker has received and not reported as done.
func (w *crewWorker) holds() map[place]bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[place]bool{}
	for _, l := range w.heard {
		switch l.Event {
		case "acquired", "redelivered":
			out[l.place()] = true
		case "accepted", "rejected", "released", "lost":
			delete(out, l.place())
		}
	}
	return out
}

// member returns the worker's member ID at the broker; empty while it has none.
func (w *crewWorker) member(l shareLook) string {
	for id, client := range l.members {
		if strings.HasSuffix(client, fmt.Sprintf("-%d-1", w.cmd.Process.Pid)) {
			return id
		}
	}
	return ""
}

// A shareLook is the crew's state in the broker's admin API.
type shareLook struct {
	state   string
	members map[string]string  // client IDs by member ID
	takers  map[int32][]string // member IDs by partition
	start   map[int32]int64    // the first offset that is not done
	waiting map[int32]int64    // records that are not done
	ends    map[int32]int64
}

func (q *queueClass) describe(t *testing.T) (shareLook, error) {
	t.Helper()
	l := shareLook{members: map[string]string{}, takers: map[int32][]string{}, start: map[int32]int64{}, waiting: map[int32]int64{}, ends: map[int32]int64{}}
	groups, err := q.admin.DescribeShareGroups(t.Context(), q.Group(1))
	if err != nil {
		return l, err
	}
	g := groups[q.Group(1)]
	l.state = g.GroupState
	for _, m := range g.Members {
		l.members[m.MemberID] = m.ClientID
		for p := range m.Assignment[q.Topic()] {
			l.takers[p] = append(l.takers[p], m.MemberID)
		}
	}
	offsets, err := q.admin.DescribeShareGroupOffsets(t.Context(), q.Group(1))
	if err != nil {
		return l, err
	}
	for p, o := range offsets[q.Group(1)].Offsets[q.Topic()] {
		l.start[p], l.waiting[p] = o.StartOffset, o.Lag
	}
	ends, err := q.admin.ListEndOffsets(t.Context(), q.Topic())
	if err != nil {
		return l, err
	}
	ends.Each(func(o kadm.ListedOffset) { l.ends[o.Partition] = o.Offset })
	return l, nil
}

// until waits for a state of the crew.
func (q *queueClass) until(t *testing.T, what string, ok func(shareLook) bool) (l shareLook) {
	t.Helper()
	wait.For(t, what, func() error {
		var err error
		if l, err = q.describe(t); err == nil && !ok(l) {
			err = fmt.Errorf("the broker says %+v", l)
		}
		return err
	})
	return l
}

// at waits until the crew has that many members, all of which receive records, and returns the state.
func (q *queueClass) at(t *testing.T, workers int) shareLook {
	t.Helper()
	return q.until(t, strconv.Itoa(workers)+" members", func(l shareLook) bool {
		takes := map[string]bool{}
		for _, members := range l.takers {
			for _, id := range members {
				takes[id] = true
			}
		}
		return l.state == "Stable" && len(l.members) == workers && len(takes) == workers && len(l.takers) == 2
	})
}

// accepted returns when each job was accepted, and how often it had been delivered by then.
func (q *queueClass) accepted() map[place]jobLine {
	out := map[place]jobLine{}
	for _, w := range q.crew {
		for _, l := range w.of("accepted") {
			out[l.place()] = l
		}
	}
	return out
}

// laterFirst counts the jobs in a partition after an offset that were accepted before the one at that offset.
func (q *queueClass) laterFirst(at place) (n int64) {
	all := q.accepted()
	own, done := all[at]
	for p, l := range all {
		if p.partition == at.partition && p.offset > at.offset && (!done || l.At.Before(own.At)) {
			n++
		}
	}
	return n
}
