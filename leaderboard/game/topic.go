package game

import (
	"slices"
	"time"
)

// topic is what is known of the lesson's topic: its latest offsets, and those of up to 40 s before.
type topic struct {
	name    string
	id      string
	start   []int64
	end     []int64
	seen    []sample
	idle    time.Time // when the load was last seen paused
	fresh   bool      // the last sweep had an answer
	staleAt time.Time
}

type sample struct {
	at  time.Time
	end []int64
}

const (
	keptSamples  = 40 * time.Second
	sampleEvery  = 250 * time.Millisecond
	sampleSlack  = 3 * time.Second // how much older than asked for a sample may be
	rateOver     = 5 * time.Second
	catchUpAfter = 10 * time.Second
)

// see takes the topic's answer; it reports whether the topic is another one than before.
func (r *Room) see(f TopicFact, at time.Time, load *LoadFact) (anew bool) {
	k := &r.topic
	if load != nil && (load.Paused || load.Rate == 0) {
		k.idle = at
	}
	k.fresh = f.Err == ""
	if !k.fresh {
		if k.staleAt.IsZero() {
			k.staleAt = at
		}
		return false
	}
	k.staleAt = time.Time{}
	if k.id == "" {
		k.id = r.round.TopicID // over restarts
	}
	anew = k.id != "" && f.ID != "" && f.ID != k.id
	if anew {
		*k = topic{idle: k.idle, fresh: true}
	}
	if f.ID != "" {
		k.id = f.ID
	}
	k.name = f.Name
	k.start, k.end = keepKnown(k.start, f.Start), keepKnown(k.end, f.End)
	k.remember(at)
	return anew
}

// keepKnown is now, with what is unknown in it taken from before.
func keepKnown(before, now []int64) []int64 {
	out := slices.Clone(now)
	for p := range out {
		if out[p] < 0 && p < len(before) {
			out[p] = before[p]
		}
	}
	return out
}

func (k *topic) remember(at time.Time) {
	if n := len(k.seen); n > 0 && at.Sub(k.seen[n-1].at) < sampleEvery {
		return
	}
	k.seen = append(k.seen, sample{at, k.end})
	drop := 0
	for drop < len(k.seen) && at.Sub(k.seen[drop].at) > keptSamples {
		drop++
	}
	k.seen = slices.Delete(k.seen, 0, drop)
}

// before is the end offsets as of d before at; nil when no sample is near enough.
func (k *topic) before(at time.Time, d time.Duration) []int64 {
	for _, s := range slices.Backward(k.seen) {
		if age := at.Sub(s.at); age >= d {
			if age > d+sampleSlack {
				return nil
			}
			return s.end
		}
	}
	return nil
}

// rate is how many records per second the topic gets, over the last five seconds.
func (k *topic) rate() float64 {
	if len(k.seen) < 2 {
		return 0
	}
	last := k.seen[len(k.seen)-1]
	first := last
	for _, s := range slices.Backward(k.seen) {
		first = s
		if last.at.Sub(s.at) >= rateOver {
			break
		}
	}
	took := last.at.Sub(first.at).Seconds()
	if took <= 0 {
		return 0
	}
	return float64(max(sum(last.end)-sum(first.end), 0)) / took
}

func sum(offsets []int64) int64 {
	var n int64
	for _, o := range offsets {
		n += max(o, 0)
	}
	return n
}

// endOf is the latest known end offset of a partition, -1 when there is none.
func (k *topic) endOf(p int32) int64 {
	if p < 0 || int(p) >= len(k.end) {
		return -1
	}
	return k.end[p]
}

// firstFrom is the first offset at or above a commit that there is a record at: what lay between the
// commit and the log's start is gone.
func (k *topic) firstFrom(p int32, committed int64) int64 {
	if p >= 0 && int(p) < len(k.start) {
		return max(committed, k.start[p])
	}
	return committed
}

// topicMadeAnew forgets what was counted in offsets of the topic that was.
func (r *Room) topicMadeAnew(s Sweep, c *Changes) {
	for _, t := range r.teams {
		t.Gone, t.Behind, t.Base, t.Began = nil, nil, map[int32]int64{}, false
		clear(t.commits)
		clear(t.commitsAt)
	}
	r.round.Start, r.round.TopicID = nil, s.Topic.ID
	round := r.round
	c.Begin = &round
	r.add(happened(s.At, 0, TopicMadeAnew{s.Topic.Name}), c)
}
