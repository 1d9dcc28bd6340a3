package truth

import (
	"slices"
	"time"

	"kafka-workshop/participant-client/member"
)

// The scene of the false sentences: ann is alone for ten seconds, then bob joins, and ten seconds later he crashes. His
// partitions are ann's again after the session timeout.
var (
	noon    = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	joined  = noon.Add(10 * time.Second)
	crashed = noon.Add(20 * time.Second)
	out     = crashed.Add(classicSession)
)

func scene() (*facts, *witness, *witness) {
	f := &facts{
		group: "g", assignor: member.Range, session: classicSession, claimed: classicSession,
		crashes: []mark{{crashed, "g-bob-1"}},
	}
	f.topic = "records"
	for at := noon; at.Before(out.Add(12 * time.Second)); at = at.Add(lookEvery) {
		f.looks = append(f.looks, seenAt(at))
	}
	ann := &witness{name: "ann", clientID: "g-ann", from: "earliest", interval: commitInterval, began: noon.Add(-time.Second)}
	bob := &witness{name: "bob", clientID: "g-bob", from: "earliest", interval: commitInterval, began: joined.Add(-time.Second)}
	for at := noon; at.Before(out.Add(12 * time.Second)); at = at.Add(100 * time.Millisecond) {
		n := int64(at.Sub(noon) / (100 * time.Millisecond))
		for p := range int32(4) {
			w := ann
			if p >= 2 && at.After(joined) && at.Before(out) {
				w = bob
			}
			if p < 2 || !at.After(crashed) || at.After(out) {
				w.reads = append(w.reads, read{at, 1, p, n, n + 1})
			}
		}
	}
	return f, ann, bob
}

// seenAt returns a look of the scene. Each partition gets ten records a second; they are committed once a second.
func seenAt(at time.Time) look {
	l := look{began: at, ended: at.Add(5 * time.Millisecond), stable: true, assignor: member.Range, commits: map[int32]int64{}, ends: map[int32]int64{}}
	n := int64(at.Sub(noon)/(100*time.Millisecond)) + 1
	for p := range int32(4) {
		l.ends[p], l.commits[p] = n, n/10*10
		if p >= 2 && at.After(crashed) && at.Before(out.Add(time.Second)) {
			l.commits[p] = int64(crashed.Sub(noon) / (100 * time.Millisecond))
		}
	}
	ann := seat{id: "m1", client: "g-ann-1", host: "/10.0.0.1", topics: []string{"records"}, owned: []int32{0, 1, 2, 3}}
	bob := seat{id: "m2", client: "g-bob-1", host: "/10.0.0.2", topics: []string{"records"}, owned: []int32{2, 3}}
	eve := seat{id: "m3", client: "g-eve-1", host: "/10.0.0.3", topics: []string{"orders"}}
	l.seats = []seat{ann, eve}
	if !at.Before(joined) && at.Before(out) {
		l.seats[0].owned = []int32{0, 1}
		l.seats = append(l.seats, bob)
	}
	return l
}

// standing returns the times in which the group of the scene does not change for three seconds or more.
func (f *facts) standing() (out []phase) {
	for i := 0; i < len(f.looks); {
		first := f.looks[i]
		j := i
		for j < len(f.looks) && f.looks[j].same(first) {
			j++
		}
		if last := f.looks[j-1]; last.ended.Sub(first.began) > 3*time.Second {
			out = append(out, phase{last, first.began, last.ended})
		}
		i = j
	}
	return out
}

// goOn makes a process read a partition from an offset after it got it back.
func (w *witness) goOn(offset int64) {
	i := slices.IndexFunc(w.reads, func(r read) bool { return r.partition == 2 && r.at.After(out) })
	for ; i < len(w.reads); i++ {
		if r := &w.reads[i]; r.partition == 2 {
			r.first, r.next = offset, offset+1
			offset++
		}
	}
}

// again makes a process read records a second time.
func (w *witness) again(at time.Time, p int32, first, n int64) {
	i := slices.IndexFunc(w.reads, func(r read) bool { return r.at.After(at) })
	w.reads = slices.Insert(w.reads, i, read{at, 1, p, first, first + n})
}

// forget deletes a partition's commits.
func (f *facts) forget(p int32) {
	for _, l := range f.looks {
		delete(l.commits, p)
	}
}

// other gives the topic another number of partitions after 30 seconds, or creates it again with them.
func (f *facts) other(partitions int, anew bool) {
	for i := range f.looks {
		l := &f.looks[i]
		if l.began.Before(noon.Add(30 * time.Second)) {
			continue
		}
		if anew {
			l.topicID = [16]byte{1}
		}
		l.ends = map[int32]int64{}
		for p := range int32(partitions) {
			l.ends[p] = 0
		}
	}
}
