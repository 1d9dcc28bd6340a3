package member

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// seen stores which offsets the members of this process have read, by partition, as a few ranges, so that records that
// are read twice are counted exactly, each with its cause.
type seen struct {
	mu      sync.Mutex // guards what follows
	ranges  map[int32][]span
	commits map[int32]int64   // the last of each partition by members of this process
	causes  map[int32][]cause // the newest last
}

// A span is the offsets from first up to, but not including, next.
type span struct{ first, next int64 }

// A cause is why the records of a partition before an offset may be read again. It ends once reading has passed that
// offset, so that it explains no later duplicates.
type cause struct {
	why    string // as Event.After: Crashed, Rewound, Aborted, or empty
	before int64
}

func newSeen() *seen {
	s := &seen{}
	s.reset()
	return s
}

// reset deletes everything: the offsets begin again.
func (s *seen) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ranges = map[int32][]span{}
	s.commits = map[int32]int64{}
	s.causes = map[int32][]cause{}
}

// add records that [first, next) was read and returns how many of these records had been read before, by cause.
func (s *seen) add(partition int32, first, next int64) (again map[string]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.endCauses(partition, next)

	spans := s.ranges[partition]
	if n := len(spans); n > 0 && spans[n-1].next == first { // the usual case: it continues the last span
		spans[n-1].next = next
		return nil
	}

	i, _ := slices.BinarySearchFunc(spans, first, func(sp span, first int64) int {
		if sp.next < first {
			return -1
		}
		return 1
	})
	merged := span{first, next}
	j := i
	for ; j < len(spans) && spans[j].first <= next; j++ {
		again = s.explain(again, partition, max(first, spans[j].first), min(next, spans[j].next))
		merged.first = min(merged.first, spans[j].first)
		merged.next = max(merged.next, spans[j].next)
	}
	s.ranges[partition] = slices.Replace(spans, i, j, merged)
	return again
}

// explain counts the records of [from, to) by the newest cause that reaches them.
func (s *seen) explain(again map[string]int64, partition int32, from, to int64) map[string]int64 {
	for from < to {
		why, end := "", to
		for _, c := range slices.Backward(s.causes[partition]) {
			if c.before > from {
				why = c.why
				end = min(to, c.before)
				break
			}
		}
		if again == nil {
			again = map[string]int64{}
		}
		again[why] += end - from
		from = end
	}
	return again
}

// endCauses drops the causes that do not reach beyond an offset.
func (s *seen) endCauses(partition int32, next int64) {
	if len(s.causes[partition]) > 0 {
		s.causes[partition] = slices.DeleteFunc(s.causes[partition], func(c cause) bool { return c.before <= next })
	}
}

// addCause records why the records before an offset may be read again.
func (s *seen) addCause(why string, partition int32, before int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.causes[partition] = append(s.causes[partition], cause{why, before})
}

// addRewind records that everything read of a partition may be read again because of a rewind.
func (s *seen) addRewind(partition int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if spans := s.ranges[partition]; len(spans) > 0 {
		s.causes[partition] = append(s.causes[partition], cause{Rewound, spans[len(spans)-1].next})
	}
}

// commit records that a member committed.
func (s *seen) commit(partition int32, offset int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commits[partition] = offset
}

// resume records where a partition resumes. A commit below the last one of this process was set back by somebody else.
func (s *seen) resume(partition int32, offset int64) {
	s.mu.Lock()
	last, committed := s.commits[partition]
	if committed {
		s.commits[partition] = offset
	}
	s.endCauses(partition, offset)
	s.mu.Unlock()

	if committed && offset < last {
		s.addRewind(partition)
	}
}

// A budget is how many records may still be read, by all members together.
type budget struct{ left atomic.Int64 }

func newBudget(most int64) *budget {
	b := &budget{}
	if most == 0 {
		most = math.MaxInt64
	}
	b.left.Store(most)
	return b
}

// take grants up to n; last reports whether nothing is left then.
func (b *budget) take(n int) (granted int, last bool) {
	for {
		left := b.left.Load()
		granted = int(min(left, int64(n)))
		if b.left.CompareAndSwap(left, left-int64(granted)) {
			return granted, left == int64(granted)
		}
	}
}
