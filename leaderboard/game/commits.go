package game

import (
	"maps"
	"time"
)

const (
	behindLag     = 1000
	behindFor     = 30 * time.Second
	handFactor    = 10               // times the topic's rate is more than reading explains
	handLeast     = 5 * time.Second  // commits come in steps: an auto-commit interval's worth at once
	handMost      = 30 * time.Second // and a member that catches up commits a backlog at once
	speedOver     = 12 * time.Second // two auto-commit intervals and a bit
	growthBuckets = 4
	growthBucket  = 15 * time.Second
	mostUnowned   = 16
)

// takeCommits takes the committed offsets, and notices those that no reading explains.
func (l *look) takeCommits() {
	if l.group.CommitErr != "" {
		return
	}
	empty := l.wasEmpty && len(l.group.Members) == 0
	if l.Base == nil { // what stands there at the first look was not committed in this round
		l.Base = map[int32]int64{}
		maps.Copy(l.Base, l.group.Committed)
	}
	if len(l.commits) == 0 {
		l.speed = speed{} // it starts with the second commit
	}

	var read int64
	jumped, forward := false, false
	for p, c := range l.group.Committed {
		before, known := l.commits[p]
		if known && c == before {
			continue
		}

		by := c - l.room.topic.firstFrom(p, before)
		jump := known && (c < before || l.tooFast(by, l.at.Sub(l.commitsAt[p])))
		if known {
			read += max(by, 0)
			jumped, forward = jumped || jump, forward || by > 0
		}

		hand := empty || jump
		l.byHand = l.byHand || hand
		l.Began = l.Began || (!hand && c > l.room.topic.firstFrom(p, l.Base[p]))
		l.commits[p] = c
		if !l.goodAt.IsZero() {
			l.commitsAt[p] = l.at
		}
	}
	if empty && forward {
		l.noteUnowned()
	}
	if l.settled {
		maps.DeleteFunc(l.commits, func(p int32, _ int64) bool { _, ok := l.group.Committed[p]; return !ok })
	}
	if jumped {
		l.speed, read = speed{}, 0
	}
	l.speed.add(l.at, read)
}

// noteUnowned keeps when commits of a group without members moved on.
func (l *look) noteUnowned() {
	l.unowned = append(l.unowned, l.at)
	l.unowned = l.unowned[max(len(l.unowned)-mostUnowned, 0):]
}

// tooFast reports a commit that moved by more than ten times what the topic got in that time.
func (l *look) tooFast(by int64, took time.Duration) bool {
	rate := l.room.topic.rate()
	if l.Behind != nil {
		rate = max(rate, l.Behind.Peak)
	}
	took = min(max(took, handLeast), handMost)
	return by >= behindLag/2 && float64(by) > handFactor*rate*took.Seconds()
}

// lag is how far the group is behind over the partitions that have a commit; ok is false without one.
func (t *State) lag(k *topic) (lag int64, ok bool) {
	for p, c := range t.commits {
		if end := k.endOf(p); end >= 0 {
			lag, ok = lag+max(end-k.firstFrom(p, c), 0), true
		}
	}
	return lag, ok
}

// fallBehind arms lag_buster, and disarms it when a commit was moved by hand.
func (l *look) fallBehind() {
	k := &l.room.topic
	if l.byHand {
		l.Behind = nil
		return
	}
	if l.has(LagBuster) || l.group.CommitErr != "" || !k.fresh {
		return
	}
	if l.Behind != nil {
		if rate := k.rate(); rate > 2*l.Behind.Peak {
			l.Behind.Peak = rate
		}
		return
	}
	lag, _ := l.lag(k)
	before := k.before(l.at, behindFor)
	if !l.Began || lag < behindLag || before == nil || len(l.group.Members) == 0 {
		return
	}
	for p, c := range l.commits {
		if int(p) < len(before) && k.firstFrom(p, c) < before[p] {
			l.Behind = &Behind{At: l.at, Lag: lag, Peak: max(k.rate(), k.peak())}
			return
		}
	}
}

// caughtUp reports that each partition's commit passed the end offset of ten seconds before, while
// records kept coming.
func (l *look) caughtUp() bool {
	k := &l.room.topic
	if l.Behind == nil || l.byHand || l.group.CommitErr != "" || !k.fresh {
		return false
	}
	if !k.idle.IsZero() && l.at.Sub(k.idle) <= catchUpAfter {
		return false
	}
	before := k.before(l.at, catchUpAfter)
	if before == nil || sum(k.end) <= sum(before) {
		return false
	}
	for p, end := range before {
		c, ok := l.commits[int32(p)]
		if !ok && end > l.room.startOf(int32(p)) {
			return false
		}
		if ok && c < end {
			return false
		}
	}
	return true
}

// startOf is the first offset that there is, or that counts.
func (r *Room) startOf(p int32) int64 {
	start := r.round.StartOf(p)
	if int(p) < len(r.topic.start) {
		start = max(start, r.topic.start[p])
	}
	return start
}

// peak is the highest rate between samples a few seconds apart, in records per second.
func (k *topic) peak() float64 {
	best, j := 0.0, 0
	for i := range k.seen {
		for k.seen[i].at.Sub(k.seen[j].at) > 2*rateOver {
			j++
		}
		if took := k.seen[i].at.Sub(k.seen[j].at); took >= time.Second {
			best = max(best, float64(sum(k.seen[i].end)-sum(k.seen[j].end))/took.Seconds())
		}
	}
	return best
}

// speed is how fast a group commits, over the last seconds.
type speed struct {
	at  []time.Time
	sum []int64 // records that were committed since it began
}

// add takes how many records were committed since the look before.
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
