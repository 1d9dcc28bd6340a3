package observe

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/kafka"
)

// Members rarely move, and the room wants to see it at once. Between two sweeps, glances describe only the teams' groups,
// each with the one request that fits its kind, and start the next sweep early when a group has changed. In a room at rest, a
// glance is one request per broker; a sweep is five.
const (
	glanceEvery = 100 * time.Millisecond
	glancePart  = 5               // a glance takes at most this part of the time: one in five
	unrest      = 2 * time.Second // more moves follow a move: for this long, sweeps replace glances
	unrestEvery = 50 * time.Millisecond
	sweepPart   = 3 // sweeps then take at most this part of the time: one in three
)

// A look is the last known state of a group.
type look struct {
	kind        string // how to describe it
	fingerprint uint64 // of its description
}

// interval returns the time from the start of a sweep, which took as long as took, to the next one.
func (s *sweeper) interval(atRest, took time.Duration, now time.Time) time.Duration {
	if now.Sub(s.movedAt) < unrest {
		return min(atRest/2, max(unrestEvery, sweepPart*took))
	}
	return atRest
}

// rest waits until the next sweep is due, or until a glance finds that members have moved.
func (s *sweeper) rest(ctx context.Context, due time.Time) {
	pause := glanceEvery
	for ctx.Err() == nil {
		left := time.Until(due)
		if !s.glances || left <= pause {
			kafka.Sleep(ctx, left)
			return
		}

		kafka.Sleep(ctx, pause)
		began := time.Now()
		if s.glance(ctx) {
			return
		}
		pause = max(glanceEvery, (glancePart-1)*time.Since(began))
	}
}

// glance reports whether a team's group has changed since the last look at it. If a glance fails, there are no more until the
// next sweep, which finds the cause.
func (s *sweeper) glance(ctx context.Context) (moved bool) {
	type request struct {
		node int32
		kind string
	}
	requests := map[request][]string{}
	for _, name := range s.groups {
		node, known := s.coordinators[name]
		if _, oversized := s.oversized[name]; known && !oversized {
			r := request{node, s.seen[name].kind}
			requests[r] = append(requests[r], name)
		}
	}

	a := newAnswers(len(s.groups))
	ask := map[string]groupRequest{group.Classic: s.describeClassic, group.Consumer: s.describeConsumer, group.Share: s.describeShare}
	var wg sync.WaitGroup
	for r, names := range requests {
		for batch := range slices.Chunk(names, s.batch) {
			wg.Go(func() { ask[r.kind](ctx, s.client, r.node, batch, a) })
		}
	}
	wg.Wait()

	if a.lastErr != nil {
		s.glances = false
		return false
	}
	for name, g := range a.groups {
		moved = s.noteSeen(name, s.seen[name].kind, g) || moved
	}
	return moved
}

// noteSwept stores what a sweep found of the teams' groups, for glances to compare with.
func (s *sweeper) noteSwept(a *answers) {
	s.glances = a.lastErr == nil
	for _, name := range s.beside {
		s.noteKind(name, a.of(name))
	}
	for _, name := range s.groups {
		s.noteKind(name, a.of(name))
		kind := cmp.Or(s.kinds[name], group.Classic) // the name of no group may become either kind; most become classic
		s.noteSeen(name, kind, a.of(name))
	}
}

// noteSeen stores a look at a group and reports whether it differs from the one before.
func (s *sweeper) noteSeen(name, kind string, g *answer) (moved bool) {
	now := look{kind, s.fingerprint(kind, g)}
	if now == s.seen[name] {
		return false
	}
	s.seen[name], s.movedAt = now, time.Now()
	return true
}

// fingerprint returns equal values for descriptions with the same state, members and assignments, in any order.
func (s *sweeper) fingerprint(kind string, a *answer) (sum uint64) {
	add := func(text [3]string, numbers [2]int32) {
		sum += maphash.Comparable(s.seed, struct {
			text    [3]string
			numbers [2]int32
		}{text, numbers})
	}

	switch {
	case kind == group.Classic && a.Classic != nil:
		add([3]string{a.Classic.State}, [2]int32{int32(a.Classic.ErrorCode)})
		for _, m := range a.Classic.Members {
			add([3]string{m.MemberID, string(m.MemberAssignment), string(m.ProtocolMetadata)}, [2]int32{})
		}
	case kind == group.Consumer && a.Consumer != nil:
		add([3]string{a.Consumer.State}, [2]int32{int32(a.Consumer.ErrorCode), a.Consumer.AssignmentEpoch})
		for _, m := range a.Consumer.Members {
			add([3]string{m.MemberID}, [2]int32{m.MemberEpoch})
		}
	case kind == group.Share && a.share != nil:
		add([3]string{a.share.GroupState}, [2]int32{int32(a.share.ErrorCode), a.share.AssignmentEpoch})
		for _, m := range a.share.Members {
			add([3]string{m.MemberID}, [2]int32{m.MemberEpoch})
		}
	}
	return sum
}
