package game

import (
	"slices"
	"time"
)

// A teamState is the rules' state for one team in a round. The parts that are not stored are rebuilt from the next sweeps.
type teamState struct {
	persisted

	more      int // number of members beyond Members
	team      int
	name      string
	groupName string
	earned    earnings
	events    []Event
	work      Work

	fault       string              // why there is no answer about the group
	faultAt     time.Time           // since when; zero for no fault
	goodAt      time.Time           // of the last good answer
	staleAt     time.Time           // how old the oldest part of the row is; zero if the whole row is current
	movingAt    time.Time           // since when the group is not settled
	moving      []int32             // partitions that a rebalance pauses or moves
	commits     map[int32]int64     // committed offsets
	commitsAt   map[int32]time.Time // when each last moved
	wasEmpty    bool                // the previous answer had no members
	departed    []departure
	leaving     map[string]time.Time // members that announced that they leave
	rebalances  []rebalance          // the latest
	assignors   []assignorUse        // the latest
	speed       speed
	growth      growth
	lanes       []lane // by partition
	history     history
	otherAt     time.Time   // since when the group has not been of the lesson's kind
	unowned     []time.Time // the latest times at which commits moved while the group had no member
	verdicts    []verdict
	workers     map[string]*worker  // of a share group, by member ID: those that report
	reporters   map[string]reporter // by the name under which they report without a member ID
	lost        []lostWorker        // the latest
	againAt     time.Time           // when a worker last reported a redelivered record that it accepted
	beside      []seenMember        // of the consumer group beside the share group
	besideState string
	besideAt    time.Time            // of the last good answer about it
	queue       map[int32]*queueLane // of a share group, by partition
	backlog     map[int32]int64      // of a share group: records that are not done, by partition; nil if unknown
	memory      map[int32]memory     // of the team's counts, by partition
	unproved    map[int32]unproved   // by partition
	row         Team                 // of the last board; the next one shares its unchanged parts
}

type departure struct {
	member string
	colour int
	handed []int32
	event  int64
	at     time.Time
}

type rebalance struct {
	event int64
	at    time.Time
	exact time.Duration // as measured by a client; 0 if unknown
}

type assignorUse struct {
	name string
	at   time.Time
	most int // members that used it
}

// settled reports whether no rebalance is in progress.
func (g GroupFact) settled() bool {
	switch g.State {
	case "Stable":
		return !g.Moving
	case "Empty", "Dead", "NotJoined":
		return true
	}
	return false
}

// has reports whether the team has earned the badge, stored or not. A removed badge counts.
func (t *teamState) has(badge string) bool { return t.earned.of(badge) != nil }

func (t *teamState) init() {
	t.history = history{still: stillness{}}
	t.leaving = map[string]time.Time{}
	t.commits, t.commitsAt = map[int32]int64{}, map[int32]time.Time{}
}

// clampFuture moves stored times after now back to now. If the clock was set back, a condition that holds since a time in the
// future would otherwise wait for that time.
func (t *teamState) clampFuture(now time.Time) {
	times := []*time.Time{&t.SpareAt, &t.EmptyAt, &t.AloneAt}
	for i := range t.Members {
		times = append(times, &t.Members[i].Missing)
	}
	for i := range t.Gone {
		times = append(times, &t.Gone[i].At)
	}
	if t.Behind != nil {
		times = append(times, &t.Behind.At)
	}

	for _, at := range times {
		if at.After(now) {
			*at = now
		}
	}
}

// startRound clears what belongs to a round. Members stay and keep their colours.
func (t *teamState) startRound() {
	fresh := teamState{
		persisted: persisted{
			Members: t.Members, Stable: t.Stable, Settled: t.Settled, Protocol: t.Protocol, Group: t.Group, Assignor: t.Assignor,
			Had: len(t.Members) > 0, EmptyAt: t.EmptyAt, AloneAt: t.AloneAt, Baseline: []string{}, Base: map[int32]int64{},
		},
		team: t.team, name: t.name, groupName: t.groupName, goodAt: t.goodAt, staleAt: t.staleAt, movingAt: t.movingAt,
		wasEmpty: t.wasEmpty, speed: t.speed,
	}
	fresh.init()

	for _, m := range t.Members {
		fresh.Baseline = append(fresh.Baseline, m.ID)
	}
	slices.Sort(fresh.Baseline)
	for p, c := range t.commits {
		fresh.Base[p], fresh.commits[p], fresh.commitsAt[p] = c, c, t.commitsAt[p]
	}
	*t = fresh
}

// replaceMemberID replaces everywhere the ID of a static member that came back.
func (t *teamState) replaceMemberID(from, to string) {
	for _, members := range [][]seenMember{t.Members, t.Stable} {
		for i := range members {
			if members[i].ID == from {
				members[i].ID = to
			}
		}
	}

	ids := [][]string{t.Baseline}
	for _, g := range t.Gone {
		ids = append(ids, g.Survivors)
	}
	for _, list := range ids {
		if i := slices.Index(list, from); i >= 0 {
			list[i] = to
		}
	}
	slices.Sort(t.Baseline)
}

func (t *teamState) member(id string) *seenMember {
	for i := range t.Members {
		if t.Members[i].ID == id {
			return &t.Members[i]
		}
	}
	return nil
}

// owners returns how many members own a partition.
func owners(members []seenMember) int {
	n := 0
	for _, m := range members {
		if len(m.Partitions) > 0 {
			n++
		}
	}
	return n
}

// ownerOf returns the member that owns a partition, or nil. For the few partitions of one group, it is cheaper than the map
// of ownership.
func ownerOf(members []seenMember, p int32) *seenMember {
	for i := len(members) - 1; i >= 0; i-- {
		if slices.Contains(members[i].Partitions, p) {
			return &members[i]
		}
	}
	return nil
}

// owned returns how many partitions have an owner.
func owned(members []seenMember) int {
	n := 0
	for i := range members {
		m := &members[i]
		for j, p := range m.Partitions {
			if ownerOf(members, p) == m && !slices.Contains(m.Partitions[:j], p) {
				n++
			}
		}
	}
	return n
}

// sameOwners reports whether both assignments give the same partitions to the same members.
func sameOwners(a, b []seenMember) bool {
	keeps := func(from, to []seenMember) bool {
		for i := range from {
			for _, p := range from[i].Partitions {
				if now := ownerOf(to, p); now == nil || now.ID != ownerOf(from, p).ID {
					return false
				}
			}
		}
		return true
	}
	return keeps(a, b) && keeps(b, a)
}

// ownership returns the owner of each partition.
func ownership(members []seenMember) map[int32]string {
	out := map[int32]string{}
	for _, m := range members {
		for _, p := range m.Partitions {
			out[p] = m.ID
		}
	}
	return out
}
