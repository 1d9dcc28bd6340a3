package game

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// silentWorker is how long a worker reports nothing before it counts as dead. The group confirms that when it notices.
const silentWorker = 4 * time.Second

// stuckFor is how long a slow job holds up the start of a partition.
const stuckFor = 2500 * time.Millisecond

// A queueWorld is what a question about a share group is judged against.
type queueWorld struct {
	Changed time.Time        `json:"changed,omitzero"` // crew: when the newcomer was first seen
	Done    int64            `json:"done,omitempty"`   // crew: records done by then, as the broker counts
	From    map[string]int64 `json:"from,omitempty"`   // crew: accepted by each worker, in its first report after that

	Again    int64            `json:"again"`              // return: records accepted again by the time the vote closed
	Dead     string           `json:"dead,omitempty"`     // return: the worker that reports nothing
	Before   int64            `json:"before,omitempty"`   // return: the value of Again at its last report
	BackAt   time.Time        `json:"back_at,omitzero"`   // return: when others had accepted records again while it was still in the group
	Returned map[string]int64 `json:"returned,omitempty"` // return: those records, by the accepting worker's letter
	Stuck    bool             `json:"stuck,omitempty"`    // return: one of its partitions did not advance while it was still in the group
}

// queue judges the questions of the queues lesson.
func (j *judge) queue() {
	if j.question.Kind == AskIdle {
		j.besideIdle()
		return
	}
	t := j.team
	if !t.staleAt.IsZero() || !t.Settled {
		return
	}
	if j.partitions() != j.world.Partitions {
		j.cancel("the topic has %d partitions now: the question was about %d", j.partitions(), j.world.Partitions)
		return
	}

	present := map[string][]int32{}
	for _, m := range t.Members {
		present[m.ID] = nil
	}
	joined, gone := difference(j.world.Members, present)
	switch j.question.Kind {
	case AskCrew:
		j.crew(joined, gone)
	case AskOrder:
		j.order(joined, gone)
	case AskReturn:
		j.returned(joined, gone)
	}
}

// besideIdle judges which member gets nothing in the consumer group.
func (j *judge) besideIdle() {
	t := j.team
	if !t.besideAt.Equal(j.at) || t.besideState != "Stable" {
		return
	}
	present := map[string][]int32{}
	for _, m := range t.beside {
		present[m.ID] = m.Partitions
	}
	joined, gone := difference(j.world.Members, present)
	switch {
	case len(joined)+len(gone) == 0:
	case len(joined) != 1 || len(gone) != 0:
		j.changedOtherwise(joined, gone)
	default:
		j.joined(joined[0], present)
	}
}

// crew answers who gets records once another worker has joined: all workers, once each has reported some since. Reports do
// not count while they exceed the broker's count.
func (j *judge) crew(joined, gone []string) {
	w := &j.world.Queue
	switch {
	case len(joined)+len(gone) == 0 && w.Changed.IsZero():
		return
	case len(joined) != 1 || len(gone) != 0:
		j.changedOtherwise(joined, gone)
		return
	case w.Changed.IsZero():
		*w = queueWorld{Changed: j.at, Done: j.team.done(), From: map[string]int64{}}
		j.changed = true
		return
	}

	from := maps.Clone(w.From)
	accepted := map[string]int64{}
	total := int64(0)
	for _, m := range j.team.Members {
		reported := j.team.workers[m.ID]
		if reported == nil || !reported.heardAt.After(w.Changed) {
			return
		}
		if _, known := from[m.ID]; !known {
			from[m.ID] = reported.Processed
			j.changed = true
		}
		n := reported.Processed - from[m.ID]
		accepted[sign(m.Colour)] = n
		total += n
	}
	w.From = from

	done := j.team.done() - w.Done
	if total > done || slices.Min(slices.Collect(maps.Values(accepted))) == 0 {
		return // more may arrive
	}
	j.decide(crewAll, answerEvidence{Jobs: accepted, Done: done},
		"Nobody owns a partition of a share group: all %d workers took jobs of the %d partitions, as they report.", len(accepted), j.world.Partitions)
}

// done returns how many records of the topic the share group has done, as the broker counts.
func (t *teamState) done() (n int64) {
	for _, c := range t.commits {
		n += c
	}
	return n
}

// order answers whether records are done in the order of their offsets. The answer is no once the broker's counts prove it;
// nothing can prove yes.
func (j *judge) order(joined, gone []string) {
	if len(joined)+len(gone) > 0 {
		j.changedOtherwise(joined, gone)
		return
	}
	closed := j.prediction.ClosedAt
	for p := range int32(j.world.Partitions) {
		l := j.team.queue[p]
		if l == nil || l.late.At.IsZero() || !l.lateFrom.After(closed) {
			continue
		}
		j.decide(orderNone, answerEvidence{Partitions: []int32{p}, Open: &l.late.Offset, Later: l.late.Later},
			"Workers share a partition and need different times: P%d:%d was not done when %s already %s.",
			p, l.late.Offset, countOf(int(l.late.Later), "later job"), wasOrWere(l.late.Later))
		return
	}
}

// returned answers where the records of a killed worker go. The worker was killed if it stopped reporting and the group
// noticed later, without a note that it leaves. What others accept again in between are its records, if none had come back
// before.
func (j *judge) returned(joined, gone []string) {
	if len(joined) > 0 || len(gone) > 1 || len(gone) == 1 && j.world.Queue.Dead != "" && gone[0] != j.world.Queue.Dead {
		j.changedOtherwise(joined, gone)
		return
	}
	w := &j.world.Queue
	if len(gone) == 0 {
		j.findDead(w)
		return
	}

	letter := j.world.Letters[gone[0]]
	if j.world.GoneAt.IsZero() {
		j.world.GoneAt = j.at
		j.changed = true
	}
	if _, noted := j.team.leaving[gone[0]]; noted {
		j.cancel("worker %s left on its own: it was not killed", letter)
		return
	}
	switch {
	case j.at.Sub(j.world.GoneAt) < silentWorker+noteAfter: // a note may be on its way, and other workers may have died too
	case j.anySilent():
		j.unobserved("another worker of %s reports nothing more: what came back may have been its jobs", j.team.name)
	case w.Before != w.Again:
		j.unobserved("jobs came back before worker %s was dead", letter)
	case w.Stuck:
		j.unobserved("a partition of worker %s did not move on before the group missed it: it may have held jobs until then", letter)
	case w.BackAt.IsZero():
		j.unobserved("nobody reported a job that came back before the group missed worker %s: perhaps it held none", letter)
	default:
		j.decide(returnAtOnce, answerEvidence{Returned: w.Returned},
			"Kafka takes back what worker %s held when its connection breaks, or when the lock ends. The group had not missed it when %s reported jobs that had been delivered before.",
			letter, lettersText(w.Returned))
	}
}

// findDead looks for one worker that reports nothing while all others do, and for records that others have accepted again
// since.
func (j *judge) findDead(w *queueWorld) {
	dead := ""
	for _, m := range j.team.Members {
		reported := j.team.workers[m.ID]
		switch {
		case reported == nil:
			return
		case j.at.Sub(reported.heardAt) < silentWorker:
		case dead != "":
			j.cancel("two workers of %s report nothing more", j.team.name)
			return
		default:
			dead = m.ID
		}
	}

	if dead != w.Dead { // none, if it reports again
		*w = queueWorld{Again: w.Again, Dead: dead}
		j.changed = true
	}
	if dead == "" {
		return
	}
	w.Stuck = j.stuck(j.team.member(dead))
	if !w.BackAt.IsZero() {
		return
	}
	last := j.team.workers[dead]
	again := last.Redelivered
	returned := map[string]int64{}
	for _, m := range j.team.Members {
		other := j.team.workers[m.ID]
		if m.ID == dead {
			continue
		}
		again += last.others[m.ID]
		if n := other.Redelivered - last.others[m.ID]; n > 0 && other.heardAt.After(last.heardAt) {
			returned[sign(m.Colour)] = n
		}
	}
	w.Before = again
	if len(returned) > 0 {
		w.BackAt = j.at
		w.Returned = returned
		j.changed = true
	}
}

// anySilent reports whether a worker has not reported recently.
func (j *judge) anySilent() bool {
	return slices.ContainsFunc(j.team.Members, func(m seenMember) bool {
		w := j.team.workers[m.ID]
		return w == nil || j.at.Sub(w.heardAt) >= silentWorker
	})
}

// stuck reports whether a partition of which the worker receives records has not advanced recently. The worker may hold its
// first unfinished record, like a worker that has stopped while its connection stays open.
func (j *judge) stuck(m *seenMember) bool {
	for _, p := range m.Takes {
		if l := j.team.queue[p]; l == nil || l.movedAt.IsZero() || j.at.Sub(l.movedAt) > stuckFor {
			return true
		}
	}
	return len(m.Takes) == 0
}

// lettersText lists letters: "A and C".
func lettersText(of map[string]int64) string {
	return strings.Join(slices.Sorted(maps.Keys(of)), " and ")
}

// again returns how many redelivered records the team's present workers have accepted, as they report.
func (t *teamState) again() (n int64) {
	for _, m := range t.Members {
		if w := t.workers[m.ID]; w != nil {
			n += w.Redelivered
		}
	}
	return n
}
