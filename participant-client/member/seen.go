package member

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// seen remembers which offsets the members of this process have read, by partition, as a few ranges,
// so that records read twice are counted for real.
type seen struct {
	mu      sync.Mutex // guards what follows
	ranges  map[int32][]span
	commits map[int32]int64 // the last of each partition by members of this process
}

// A span is the offsets from its first up to, and without, its next.
type span struct{ first, next int64 }

func newSeen() *seen { return &seen{ranges: map[int32][]span{}, commits: map[int32]int64{}} }

// add notes the offsets of [first, next) and returns how many of them were there before.
func (s *seen) add(partition int32, first, next int64) (again int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	spans := s.ranges[partition]
	if n := len(spans); n > 0 && spans[n-1].next == first { // the usual case: it goes on
		spans[n-1].next = next
		return 0
	}
	i, _ := slices.BinarySearchFunc(spans, first, func(sp span, first int64) int {
		if sp.next < first {
			return -1
		}
		return 1
	})
	merged, j := span{first, next}, i
	for ; j < len(spans) && spans[j].first <= next; j++ {
		again += max(0, min(next, spans[j].next)-max(first, spans[j].first))
		merged.first, merged.next = min(merged.first, spans[j].first), max(merged.next, spans[j].next)
	}
	s.ranges[partition] = slices.Replace(spans, i, j, merged)
	return again
}

// reset forgets everything: the offsets begin again.
func (s *seen) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ranges, s.commits = map[int32][]span{}, map[int32]int64{}
}

// commit notes that a member committed.
func (s *seen) commit(partition int32, offset int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commits[partition] = offset
}

// setBack reports a commit that is before one of ours: somebody has set the group back since.
func (s *seen) setBack(partition int32, offset int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, ok := s.commits[partition]
	return ok && offset < last
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

// take grants up to n; last tells that nothing is left after it.
func (b *budget) take(n int) (granted int, last bool) {
	for {
		left := b.left.Load()
		granted = int(min(left, int64(n)))
		if b.left.CompareAndSwap(left, left-int64(granted)) {
			return granted, left == int64(granted)
		}
	}
}
