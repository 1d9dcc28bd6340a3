package game

import (
	"maps"
	"time"
)

const (
	behindLag   = 1000
	behindFor   = 30 * time.Second
	handFactor  = 10               // a commit that moves faster than this many times the topic's rate was set by hand
	handLeast   = 5 * time.Second  // commits move in steps of an auto-commit interval
	handMost    = 30 * time.Second // a member that catches up commits a backlog at once
	speedOver   = 12 * time.Second // slightly more than two auto-commit intervals
	keptUnowned = 16
)

// updateCommits applies the committed offsets, and detects those that moved without a member reading.
func (u *groupUpdate) updateCommits() {
	if u.group.CommitErr != "" {
		return
	}
	empty := u.wasEmpty && len(u.group.Members) == 0
	if u.Base == nil { // what was committed before the first answer does not belong to this round
		u.Base = maps.Clone(u.group.Committed)
		if u.Base == nil {
			u.Base = map[int32]int64{}
		}
	}
	if len(u.commits) == 0 {
		u.speed = speed{} // it starts with the second commit
	}

	var read int64
	jumped, forward := false, false
	for p, c := range u.group.Committed {
		before, known := u.commits[p]
		if known && c == before {
			continue
		}

		by := c - u.room.topic.firstFrom(p, before)
		jump := known && (c < before || u.tooFast(by, u.at.Sub(u.commitsAt[p])))
		if known {
			read += max(by, 0)
			jumped = jumped || jump
			forward = forward || by > 0
		}

		hand := empty || jump
		u.byHand = u.byHand || hand
		u.Began = u.Began || (!hand && c > u.room.topic.firstFrom(p, u.Base[p]))
		u.commits[p] = c
		if !u.goodAt.IsZero() {
			u.commitsAt[p] = u.at
		}
	}

	if empty && forward {
		u.unowned = append(u.unowned, u.at)
		u.unowned = u.unowned[max(len(u.unowned)-keptUnowned, 0):]
	}
	if u.settled && len(u.commits) > len(u.group.Committed) {
		maps.DeleteFunc(u.commits, func(p int32, _ int64) bool { _, ok := u.group.Committed[p]; return !ok })
	}
	if jumped {
		u.speed, read = speed{}, 0
	}
	u.speed.add(u.at, read)
}

// tooFast reports whether a commit moved by more than ten times the records that the topic received in that time, and by at
// least half of behindLag.
func (u *groupUpdate) tooFast(by int64, took time.Duration) bool {
	rate := u.room.topic.rate
	if u.Behind != nil {
		rate = max(rate, u.Behind.Peak)
	}
	took = min(max(took, handLeast), handMost)
	return by >= behindLag/2 && float64(by) > handFactor*rate*took.Seconds()
}

// lag returns the group's lag in the partitions that have a commit; ok is false if there are none.
func (t *teamState) lag(k *topic) (lag int64, ok bool) {
	if t.backlog != nil {
		for _, n := range t.backlog {
			lag += n
		}
		return lag, len(t.backlog) > 0
	}
	for i, end := range k.end {
		p := int32(i)
		if c, known := t.commits[p]; known && end >= 0 {
			lag += max(end-k.firstFrom(p, c), 0)
			ok = true
		}
	}
	return lag, ok
}

// armLagBuster arms lag_buster for a team that has fallen behind, and disarms it when a commit was set by hand.
func (u *groupUpdate) armLagBuster() {
	k := &u.room.topic
	if u.byHand {
		u.Behind = nil
		return
	}
	if u.has(LagBuster) || u.group.CommitErr != "" || !k.fresh {
		return
	}
	if u.Behind != nil {
		if rate := k.rate; rate > 2*u.Behind.Peak {
			u.Behind.Peak = rate
		}
		return
	}

	lag, _ := u.lag(k)
	if !u.Began || lag < behindLag || len(u.group.Members) == 0 {
		return
	}
	before := k.endsBefore(u.at, behindFor)
	for p, c := range u.commits {
		if int(p) < len(before) && k.firstFrom(p, c) < before[p] {
			u.Behind = &behind{At: u.at, Lag: lag, Peak: max(k.rate, k.peak())}
			return
		}
	}
}

// caughtUp reports whether the commit of every partition has passed the end offset of ten seconds ago, while new records kept
// arriving.
func (u *groupUpdate) caughtUp() bool {
	k := &u.room.topic
	if u.Behind == nil || u.byHand || u.group.CommitErr != "" || !k.fresh {
		return false
	}
	if !k.idle.IsZero() && u.at.Sub(k.idle) <= catchUpAfter {
		return false
	}
	before := k.endsBefore(u.at, catchUpAfter)
	if before == nil || sum(k.end) <= sum(before) {
		return false
	}
	for p, end := range before {
		c, ok := u.commits[int32(p)]
		if !ok && end > u.room.startOffset(int32(p)) {
			return false
		}
		if ok && c < end {
			return false
		}
	}
	return true
}

// speed measures how fast a group commits, over the last speedOver.
type speed struct {
	at  []time.Time
	sum []int64 // records committed since the first of them
}

// add counts the records committed since the previous answer.
func (s *speed) add(at time.Time, read int64) {
	total := read
	if n := len(s.sum); n > 0 {
		total += s.sum[n-1]
	}
	for len(s.at) > 1 && at.Sub(s.at[1]) >= speedOver {
		s.at, s.sum = s.at[1:], s.sum[1:]
	}
	s.at, s.sum = append(s.at, at), append(s.sum, total)
}

func (s *speed) perSecond() float64 {
	n := len(s.at)
	if n < 2 {
		return 0
	}
	took := s.at[n-1].Sub(s.at[0]).Seconds()
	if took <= 0 {
		return 0
	}
	return float64(s.sum[n-1]-s.sum[0]) / took
}
