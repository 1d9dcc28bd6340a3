package game

import (
	"fmt"
	"slices"
)

func (q *queueSim) ends() (out []int64) {
	for _, l := range q.logs {
		out = append(out, int64(len(l.records)))
	}
	return out
}

// observe sweeps. The log ends may be older than the group's counts.
func (q *queueSim) observe(before []int64) {
	counted := q.ends()
	q.end = counted
	if q.rnd.IntN(2) == 0 {
		q.end = before
	}

	g := GroupFact{Team: 1, Name: "crew-1", State: "Stable", Protocol: "share", Committed: map[int32]int64{}, Backlog: map[int32]int64{}}
	for p, l := range q.logs {
		waiting := counted[p] - l.written
		for o := l.written; o < counted[p]; o++ {
			if l.records[o].done {
				waiting--
			}
		}
		g.Committed[int32(p)], g.Backlog[int32(p)] = l.written, max(waiting, 0)
	}
	for _, w := range q.workers {
		g.Members = append(g.Members, MemberFact{ID: w.id, ClientID: w.id, OnTopic: true, Takes: slices.Clone(w.takes)})
	}
	if len(g.Members) == 0 {
		g.State = "Empty"
	}
	q.sweep(g)
}

// wrongOrder compares the losses of order on the board with what happened.
func (q *queueSim) wrongOrder() (what string, ok bool) {
	for p, l := range q.room.teams[0].queue {
		if l.late.At.IsZero() {
			continue
		}
		if r := q.logs[p].records[l.late.Offset]; r.doneFor < l.late.Later {
			return fmt.Sprintf("P%d:%d: %d later ones were done, the board says %d", p, l.late.Offset, r.doneFor, l.late.Later), false
		}
	}
	return "", true
}
