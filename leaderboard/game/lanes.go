package game

import (
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

const (
	usualCommit = 5 * time.Second // between two commits of a lane without a history: Kafka's auto.commit.interval.ms
	silentLeast = 3 * time.Second // no lane counts as silent sooner
	pollSlack   = time.Second     // a record that has waited for less may miss a commit
	keptGaps    = 5               // between commits of a lane
	shareOver   = 10 * time.Second
)

// A Lane is one partition as a team's group reads it.
type Lane struct {
	Partition   int32          `json:"partition"`
	Owner       *string        `json:"owner"`                  // member ID; null without an owner
	Lag         *int64         `json:"lag"`                    // records that exist and are not committed; null without a commit
	SilentSince *workshop.Time `json:"silent_since"`           // since when records wait and no commit moves
	Moving      bool           `json:"moving"`                 // a rebalance pauses or moves it
	OutOfOrder  *OutOfOrder    `json:"out_of_order,omitempty"` // in the queues lesson: the latest place where a later record was done first, for 15 s
}

// A TopicPartition is one partition of the lesson's topic.
type TopicPartition struct {
	Partition int32   `json:"partition"`
	Start     int64   `json:"start"` // log start offset
	End       int64   `json:"end"`   // log end offset
	Rate      float64 `json:"rate"`  // records per second
	Share     float64 `json:"share"` // of the topic's records in the last 10 s, 0 to 1
}

// lane is the rules' state for one partition of a team's group.
type lane struct {
	owner        string
	ownerAt      time.Time // since when
	ownerEnd     int64     // the log end offset at that time
	rebalancedAt time.Time // when the group last rebalanced
	movedAt      time.Time // when the commit last moved
	aliveAt      time.Time // a time before the owner's last sign of life, which is a commit or its takeover; zero if none was seen
	waitingAt    time.Time // since when there are records to commit; zero if there are none
	silentAt     time.Time // since when the owner is silent; zero if it is not
	gaps         []time.Duration
}

// usual returns the usual interval between the lane's commits while records arrive. It is the shortest of the latest gaps:
// where few records arrive, a healthy owner often has nothing to commit.
func (l *lane) usual() time.Duration {
	if len(l.gaps) == 0 {
		return usualCommit
	}
	return slices.Min(l.gaps)
}

// quietSince returns the time from which a commit is expected of a live owner: the last commit, the first waiting record, or
// the change of owner, whichever is latest.
func (l *lane) quietSince() time.Time {
	since := l.ownerAt
	for _, at := range []time.Time{l.movedAt, l.waitingAt} {
		if at.After(since) {
			since = at
		}
	}
	return since
}

// due returns when the waiting record should have been committed: commits follow the previous one in steps of the usual
// interval. Half an interval later, the owner is silent; where records keep arriving, that is 1.5 intervals after a commit.
func (l *lane) due() time.Time {
	from := l.ownerAt
	if l.movedAt.After(from) {
		from = l.movedAt
	}
	usual := l.usual()
	steps := (l.waitingAt.Add(pollSlack).Sub(from) + usual - 1) / usual
	return from.Add(max(steps, 1) * usual)
}

// updateLanes compares commits with log ends to detect silent owners.
func (u *groupUpdate) updateLanes() {
	if u.group.CommitErr != "" || !u.room.topic.fresh {
		return
	}
	if n := len(u.room.topic.end); len(u.lanes) != n {
		u.lanes = append(u.lanes[:min(len(u.lanes), n)], make([]lane, max(n-len(u.lanes), 0))...)
	}

	for i := range u.lanes {
		p := int32(i)
		owner := ""
		if m := ownerOf(u.Members, p); m != nil {
			owner = m.ID
		}
		u.lanes[i].update(owner, u.commitsAt[p], u.waits(p, &u.lanes[i]), u.room.topic.endOf(p), u.at, u.goodAt, u.settled, u.reset)
	}
}

// waits reports whether a partition has records to commit. Without a commit, only records count that arrived since its owner
// got it.
func (u *groupUpdate) waits(p int32, l *lane) bool {
	end := u.room.topic.endOf(p)
	if c, ok := u.commits[p]; ok {
		return end > u.room.topic.firstFrom(p, c)
	}
	return l.owner != "" && end > l.ownerEnd
}

// update compares the lane with the last answer, at before, which is zero for the first one. Differences arose between the
// two.
func (l *lane) update(owner string, moved time.Time, waits bool, end int64, at, before time.Time, settled, rebalanced bool) {
	if l.owner != owner || rebalanced {
		l.rebalancedAt = at
	}
	if l.owner != owner {
		l.owner, l.ownerAt, l.ownerEnd = owner, at, end
		l.aliveAt = before
		l.silentAt = time.Time{}
	}

	if moved.After(l.movedAt) {
		if settled && l.movedAt.After(l.rebalancedAt) { // members commit early when the group rebalances
			l.gaps = append(l.gaps[max(len(l.gaps)-keptGaps+1, 0):], moved.Sub(l.movedAt))
		}
		l.movedAt = moved
		l.aliveAt = before
		l.silentAt = time.Time{}
	}

	switch {
	case !waits:
		l.waitingAt, l.silentAt = time.Time{}, time.Time{}
		return
	case l.waitingAt.IsZero():
		l.waitingAt = at
	}

	if owner == "" || !settled || !l.silentAt.IsZero() {
		return
	}
	since := l.quietSince()
	if at.Sub(since) > silentLeast && at.Sub(l.due()) > l.usual()/2 {
		l.silentAt = since
	}
}

// partitionRows returns the topic's partitions for the board, or none if nothing is known of the topic.
func (k *topic) partitionRows() []TopicPartition {
	rates, _ := k.growth(rateOver)
	grown, total := k.growth(shareOver)
	out := make([]TopicPartition, len(k.end))
	for i := range out {
		out[i] = TopicPartition{Partition: int32(i), Start: k.firstFrom(int32(i), 0), End: max(k.end[i], 0), Rate: round1(rates[i])}
		if total > 0 {
			out[i].Share = grown[i] / total
		}
	}
	return out
}

// growth returns how many records per second each partition received over the last d, and the total.
func (k *topic) growth(d time.Duration) (each []float64, all float64) {
	each = make([]float64, len(k.end))
	if len(k.samples) < 2 {
		return each, 0
	}

	last := k.samples[len(k.samples)-1]
	first := last
	for _, s := range slices.Backward(k.samples) {
		first = s
		if last.at.Sub(s.at) >= d {
			break
		}
	}
	took := last.at.Sub(first.at).Seconds()
	if took <= 0 {
		return each, 0
	}
	for i := range each {
		from := int64(0) // a partition that was added since
		if i < len(first.end) {
			from = max(first.end[i], 0)
		}
		if i < len(last.end) {
			each[i] = max(float64(max(last.end[i], 0)-from), 0) / took
			all += each[i]
		}
	}
	return each, all
}
