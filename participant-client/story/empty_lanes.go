package story

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/participant-client/member"
)

const (
	fewKeys       = 8                // more keys than that usually fill all lanes
	emptyLaneSpan = 20 * time.Second // how long lanes are watched
	emptyLaneLeft = 30               // records that the others must have got meanwhile
)

// emptyLanes watches which lanes get no records because the records have few keys. It starts again after emptyLaneSpan,
// and when the topic changes.
type emptyLanes struct {
	since time.Time
	ends  map[int32]int64  // log end offsets then, by partition
	keys  map[string]int32 // the lane of each key that was read of the records since then
	other bool             // these have no keys, many, or one key in two lanes
}

// update returns the sentence about lanes that got nothing, if there is one.
func (w *emptyLanes) update(s *Scene) (Sentence, bool) {
	if s.Stale > 0 || len(s.Lanes) == 0 {
		return Sentence{}, false
	}
	if w.changed(s) {
		w.begin(s)
	}
	for _, r := range s.Records {
		w.addKey(r)
	}
	if s.Now.Sub(w.since) < emptyLaneSpan {
		return Sentence{}, false
	}

	said, ok := w.sentence(s)
	w.begin(s)
	return said, ok
}

func (w *emptyLanes) begin(s *Scene) {
	*w = emptyLanes{since: s.Now, ends: map[int32]int64{}, keys: map[string]int32{}}
	for _, l := range s.Lanes {
		w.ends[l.Partition] = l.End
	}
}

// changed reports whether the topic or its partitions have changed.
func (w *emptyLanes) changed(s *Scene) bool {
	return len(s.Lanes) != len(w.ends) || slices.ContainsFunc(s.Lanes, func(l Lane) bool {
		end, ok := w.ends[l.Partition]
		return !ok || l.End < end
	})
}

func (w *emptyLanes) addKey(r member.Record) {
	if r.Offset < w.ends[r.Partition] {
		return // it may be old, with a key that is no longer in use
	}
	lane, known := w.keys[r.Key]
	if r.Key == "-" || (known && lane != r.Partition) || (!known && len(w.keys) == fewKeys) {
		w.other = true
		return
	}
	w.keys[r.Key] = r.Partition
}

// sentence returns the sentence about lanes that got none of many records, whose keys were read here.
func (w *emptyLanes) sentence(s *Scene) (Sentence, bool) {
	out := Sentence{Kind: EmptyLanes, Keys: w.keys, Took: s.Now.Sub(w.since)}
	for _, l := range s.Lanes {
		got := l.End - w.ends[l.Partition]
		out.Count += got
		if got == 0 {
			out.Partitions = append(out.Partitions, l.Partition)
		}
	}
	return out, !w.other && len(w.keys) > 0 && len(out.Partitions) > 0 && out.Count >= emptyLaneLeft
}

// emptyLanes describes which lanes got nothing, and which keys the others have.
func (s Sentence) emptyLanes() string {
	byLane := map[int32][]string{}
	var lanes []int32
	for key, lane := range s.Keys {
		if byLane[lane] == nil {
			lanes = append(lanes, lane)
		}
		byLane[lane] = append(byLane[lane], Clean(key))
	}

	slices.Sort(lanes)
	var parts []string
	for _, lane := range lanes {
		slices.Sort(byLane[lane])
		parts = append(parts, fmt.Sprintf("%s in P%d", strings.Join(byLane[lane], " "), lane))
	}
	return fmt.Sprintf("%s got none of the last %s. Those read here have %d %s, and a key always goes to the same lane: %s",
		Names(s.Partitions), records(s.Count), len(s.Keys), plural(len(s.Keys), "key", "keys"), strings.Join(parts, ", "))
}
