package game

import (
	"slices"
	"time"
)

// topic is what is known about the lesson's topic, with its end offsets over the last 40 s.
type topic struct {
	name    string
	id      string
	start   []int64
	end     []int64
	samples []sample
	idle    time.Time // when the load was last seen paused
	rate    float64   // records per second over the last five seconds
	fresh   bool      // the last sweep had an answer about the topic
	staleAt time.Time // since when there has been no answer; zero if fresh
}

type sample struct {
	at  time.Time
	end []int64
}

const (
	keptSamples  = 40 * time.Second
	sampleEvery  = 250 * time.Millisecond
	sampleSlack  = 3 * time.Second // how much older than requested a sample may be
	rateOver     = 5 * time.Second
	catchUpAfter = 10 * time.Second
)

// updateTopic applies a sweep's answer about the topic. It reports whether the topic was deleted and recreated since the last
// one.
func (r *Room) updateTopic(f TopicFact, at time.Time, load *LoadFact) (recreated bool) {
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
		k.id = r.round.TopicID // known from before a restart
	}
	recreated = k.id != "" && f.ID != "" && f.ID != k.id
	if recreated {
		*k = topic{idle: k.idle, fresh: true}
	}
	if f.ID != "" {
		k.id = f.ID
	}
	k.name = f.Name
	k.start = fillUnknown(k.start, f.Start)
	k.end = fillUnknown(k.end, f.End)
	k.addSample(at)
	_, k.rate = k.growth(rateOver)
	return recreated
}

// fillUnknown returns now with unknown offsets replaced by those of before.
func fillUnknown(before, now []int64) []int64 {
	out := slices.Clone(now)
	for p := range out {
		if out[p] < 0 && p < len(before) {
			out[p] = before[p]
		}
	}
	return out
}

func (k *topic) addSample(at time.Time) {
	if n := len(k.samples); n > 0 && at.Sub(k.samples[n-1].at) < sampleEvery {
		return
	}
	k.samples = append(k.samples, sample{at, k.end})

	old := 0
	for old < len(k.samples) && at.Sub(k.samples[old].at) > keptSamples {
		old++
	}
	k.samples = slices.Delete(k.samples, 0, old)
}

// endsBefore returns the end offsets as of d before at, or nil if no sample is near enough.
func (k *topic) endsBefore(at time.Time, d time.Duration) []int64 {
	for _, s := range slices.Backward(k.samples) {
		age := at.Sub(s.at)
		if age < d {
			continue
		}
		if age > d+sampleSlack {
			return nil
		}
		return s.end
	}
	return nil
}

// peak returns the highest rate between samples that are a few seconds apart, in records per second.
func (k *topic) peak() float64 {
	highest := 0.0
	j := 0
	for i := range k.samples {
		for k.samples[i].at.Sub(k.samples[j].at) > 2*rateOver {
			j++
		}
		if took := k.samples[i].at.Sub(k.samples[j].at); took >= time.Second {
			highest = max(highest, float64(sum(k.samples[i].end)-sum(k.samples[j].end))/took.Seconds())
		}
	}
	return highest
}

func sum(offsets []int64) int64 {
	var n int64
	for _, o := range offsets {
		n += max(o, 0)
	}
	return n
}

// endOf returns the log end offset of a partition, or -1 if unknown.
func (k *topic) endOf(p int32) int64 {
	if p < 0 || int(p) >= len(k.end) {
		return -1
	}
	return k.end[p]
}

// firstFrom returns the first offset at or above a commit at which there can be a record: records below the log start were
// deleted.
func (k *topic) firstFrom(p int32, committed int64) int64 {
	if p >= 0 && int(p) < len(k.start) {
		return max(committed, k.start[p])
	}
	return committed
}

// startOffset returns the first offset of a partition that counts in this round and still exists.
func (r *Room) startOffset(p int32) int64 {
	start := r.round.StartOf(p)
	if int(p) < len(r.topic.start) {
		start = max(start, r.topic.start[p])
	}
	return start
}

// resetOffsets clears the offsets of a topic that was deleted and recreated.
func (r *Room) resetOffsets(s Sweep, c *Changes) {
	for _, t := range r.teams {
		t.Gone, t.Behind = nil, nil
		t.Base, t.Began = map[int32]int64{}, false
		clear(t.commits)
		clear(t.commitsAt)
		clear(t.memory)
		clear(t.unproved)
		clear(t.queue)
	}

	r.round.Start, r.round.TopicID = nil, s.Topic.ID
	round := r.round
	c.Begin = &round
	r.addEvent(newEvent(s.At, 0, topicRecreated{s.Topic.Name}), c)
}
