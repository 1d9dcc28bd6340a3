package game

import (
	"testing"
	"time"
)

// A loss of order on the board is real, and the log reports it once.
func TestOrderIsLostWhereWorkersShareAPartition(t *testing.T) {
	for seed := range uint64(40) {
		q := newQueueSim(t, seed, 3)
		for range 4 * 60 {
			q.step()
			if what, ok := q.wrongOrder(); !ok {
				t.Fatalf("%d: %s", seed, what)
			}
		}
		if n := len(eventsOf(q.team(1).Events, KindOrder)); n != 1 {
			t.Errorf("%d: the log says %d times that order is lost", seed, n)
		}
		shown := 0
		for _, lane := range q.team(1).Lanes {
			if lane.OutOfOrder != nil {
				shown++
			}
		}
		if shown == 0 {
			t.Errorf("%d: no lane shows it", seed)
		}
	}
}

// One worker for each partition keeps the order, for any size of acknowledgements and any delay in writing the start.
func TestOrderIsKeptByOneWorkerForEachPartition(t *testing.T) {
	for seed := range uint64(200) {
		q := newQueueSim(t, seed, 2)
		q.inOrder = true
		q.run(60 * time.Second)
		if l := q.room.teams[0].queue; len(l) != 2 || !l[0].late.At.IsZero() || !l[1].late.At.IsZero() {
			t.Fatalf("%d: %+v %+v", seed, l[0], l[1])
		}
	}
}

// Whether a worker works is judged by our clock, not by its own.
func TestAWorkerWhoseClockIsBehindWorks(t *testing.T) {
	q := newQueueSim(t, 1, 2)
	q.workers[0].skew = -7 * time.Minute
	q.run(10 * time.Second)
	for _, w := range q.team(1).Workers {
		if !w.Working {
			t.Errorf("%+v", w)
		}
	}
}

func eventsOf(events []Event, kind string) (out []Event) {
	for _, e := range events {
		if e.Kind == kind {
			out = append(out, e)
		}
	}
	return out
}
