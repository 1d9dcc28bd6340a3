package game

import (
	"fmt"
	"time"

	"kafka-workshop/internal/workshop"
)

// A share group keeps no order, and the broker's own counts prove it. DescribeShareGroupOffsets returns the first offset of a
// partition that is not done (the start offset of its share partition), and how many records are not done. If records were
// done in the order of their offsets, all done records would be before the start.

const (
	// Apache Kafka writes an acknowledgement together with the previous start offset, and moves the start once that is
	// written. So the start is compared with what was done at least this long before, and only if more has been written
	// since.
	orderSettle = 200 * time.Millisecond

	keptDone  = 5 * time.Second  // how far back the counts of a partition are compared
	orderLast = 15 * time.Second // how long the board shows where order was lost
)

// An OutOfOrder is a record that was not done although later ones of its partition were.
type OutOfOrder struct {
	Offset int64         `json:"offset"`
	Later  int64         `json:"later"` // the least number of records after it that were done
	At     workshop.Time `json:"at"`
}

// A queueLane follows a share group's progress in one partition.
type queueLane struct {
	start   int64 // the first offset that is not done, as of the last answer
	waiting int64 // records that are not done
	done    []doneAt
	movedAt time.Time // when the start was last seen to move, or nothing was waiting

	late     OutOfOrder // as last seen; At is zero for never
	lateFrom time.Time  // the time of the older of the two answers that prove it
}

// doneAt is the least number of records of a partition that were done at a time, including those before the start.
type doneAt struct {
	at   time.Time
	done int64
}

// add applies an answer. It reports whether the answer proves that order was lost.
//
// A sweep lists the log end before the count, so least is a lower bound of what was done.
func (l *queueLane) add(at time.Time, start, waiting, end int64) (lost bool) {
	defer func() { l.start, l.waiting = start, waiting }()
	if start > l.start || waiting == 0 {
		l.movedAt = at
	}
	least := end - waiting
	most := end - l.waiting // of the previous answer: the log was not longer then
	written := start > l.start || least > most

	for _, before := range l.done {
		if later := before.done - start; written && at.Sub(before.at) >= orderSettle && later > 0 {
			lost = true
			l.late = OutOfOrder{Offset: start, Later: later, At: workshop.At(at)}
			l.lateFrom = before.at
		}
	}
	l.done = append(l.done, doneAt{at, least})
	for at.Sub(l.done[0].at) > keptDone {
		l.done = l.done[1:]
	}
	return lost
}

// recordOrder compares the share group's progress in each partition with earlier progress. It logs the first loss of order.
func (u *groupUpdate) recordOrder() {
	if u.group.CommitErr != "" || u.group.Backlog == nil || !u.room.topic.fresh {
		return
	}
	for p := range u.queue {
		if _, known := u.group.Committed[p]; !known {
			delete(u.queue, p)
		}
	}

	for p, start := range u.group.Committed {
		waiting, counted := u.group.Backlog[p]
		end := u.room.topic.endOf(p)
		l := u.queue[p]
		switch {
		case !counted || end < 0:
		case l == nil || start < l.start: // the first answer, or the start was set back
			if u.queue == nil {
				u.queue = map[int32]*queueLane{}
			}
			u.queue[p] = &queueLane{start: start, waiting: waiting}
		case l.add(u.at, start, waiting, end) && !u.Disorder:
			u.Disorder = true
			u.room.addEvent(newEvent(u.at, u.team, orderLost{p, l.late.Offset, l.late.Later}), u.out)
		}
	}
}

// outOfOrder returns where the partition lost its order recently, or nil.
func (t *teamState) outOfOrder(p int32, now time.Time) *OutOfOrder {
	l := t.queue[p]
	if l == nil || l.late.At.IsZero() || now.Sub(l.late.At.Time) > orderLast {
		return nil
	}
	late := l.late
	return &late
}

// orderLost reports a record of a share group that was not done although later ones were.
type orderLost struct {
	Partition int32
	Offset    int64
	Later     int64
}

func (orderLost) kind() string { return KindOrder }

func (f orderLost) text() string {
	return fmt.Sprintf("P%d: %d was not done when %s already %s, so order is lost", f.Partition, f.Offset, countOf(int(f.Later), "later job"), wasOrWere(f.Later))
}

func wasOrWere(n int64) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
