package game

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A look is one good answer about one team's group being taken into its State.
type look struct {
	*State
	room    *Room
	group   GroupFact
	at      time.Time
	out     *Changes
	settled bool
	byHand  bool // a commit moved in a way that no member explains
	reset   bool // the group rebalanced since the answer before
}

func (l *look) take() {
	l.settled = l.group.settled()
	if !l.group.Share {
		l.shareAt = time.Time{}
	} else if l.shareAt.IsZero() {
		l.shareAt = l.at
	}
	l.recognise()
	before := slices.Clone(l.Members)
	l.takeMembers()
	if l.settled {
		l.settle(before)
	} else if l.movingAt.IsZero() {
		l.movingAt = l.at
	}
	if !l.Changed {
		l.Changed = l.membershipChanged()
	}
	l.takeCommits()
	l.armGone()
	l.watch()
	l.moving = l.movers()
	l.Settled, l.Protocol, l.Group = l.settled, l.group.Protocol, l.group.State
	l.wasEmpty = len(l.group.Members) == 0
	l.more = l.group.More
	l.markStale()
	l.goodAt = l.at
	l.fault, l.faultAt = "", time.Time{}
}

// movers are the partitions that a rebalance stops: all of a classic group that gives everything up
// first; of one that cooperates, those without an owner; of the new protocol, those that the broker
// names as well.
func (l *look) movers() []int32 {
	if l.settled || len(l.Members) == 0 {
		return nil
	}
	eager := l.group.Protocol != "consumer" && cmp.Or(l.group.Assignor, l.Assignor) != cooperative
	owner := ownership(l.Members)
	var out []int32
	for p := range int32(len(l.room.topic.end)) {
		if _, owned := owner[p]; eager || !owned || slices.Contains(l.group.Movers, p) {
			out = append(out, p)
		}
	}
	return out
}

// cooperative is the assignor of classic members that keep what they own through a rebalance.
const cooperative = "cooperative-sticky"

// recognise finds static members that came back: they have another id, and their place.
func (l *look) recognise() {
	there := map[string]bool{}
	for _, f := range l.group.Members {
		there[f.ID] = true
	}

	for _, f := range l.group.Members {
		if f.Instance == "" || l.member(f.ID) != nil {
			continue
		}
		same := func(m Seen) bool { return m.Instance == f.Instance && !there[m.ID] }
		if i := slices.IndexFunc(l.Members, same); i >= 0 {
			l.rename(l.Members[i].ID, f.ID)
		}
	}
}

// takeMembers takes who is there. While the group rebalances nobody is taken away, and a classic
// group's assignment stays what it was: its members come without one, or with the old one.
func (l *look) takeMembers() {
	keepOld := !l.settled && l.group.Protocol != "consumer"
	l.group.Members = slices.SortedFunc(slices.Values(l.group.Members), func(a, b MemberFact) int { return strings.Compare(a.ID, b.ID) })
	for _, f := range l.group.Members {
		m := l.member(f.ID)
		if m == nil {
			l.Members = append(l.Members, Seen{ID: f.ID, Colour: l.freeColour()})
			m = &l.Members[len(l.Members)-1]
			l.room.joined(l.State, m, f, l.at, l.out)
		}
		if !keepOld {
			m.Partitions = slices.Clone(f.Partitions)
		}
		m.ClientID, m.Host, m.Missing = f.ClientID, f.Host, time.Time{}
		m.Instance, m.Elsewhere = f.Instance, f.Elsewhere && !f.OnTopic
		m.OnTopic = f.OnTopic || (m.OnTopic && !f.Elsewhere) // what it was given once, it subscribes to
	}
	there := map[string]bool{}
	for _, f := range l.group.Members {
		there[f.ID] = true
	}
	for i := range l.Members {
		if m := &l.Members[i]; !there[m.ID] && m.Missing.IsZero() {
			m.Missing, m.Silent = l.at, l.silence(&l.room.topic, *m, l.at)
		}
	}
	l.oneOwnerEach()
	slices.SortStableFunc(l.Members, byColour)
}

func byColour(a, b Seen) int { return a.Colour - b.Colour }

// oneOwnerEach takes partitions from members that the answer lacks when somebody there has them.
func (l *look) oneOwnerEach() {
	owned := map[int32]bool{}
	for _, m := range l.Members {
		if m.Missing.IsZero() {
			for _, p := range m.Partitions {
				owned[p] = true
			}
		}
	}
	for i := range l.Members {
		if m := &l.Members[i]; !m.Missing.IsZero() {
			m.Partitions = slices.DeleteFunc(slices.Clone(m.Partitions), func(p int32) bool { return owned[p] })
		}
	}
}

// freeColour is the lowest that no member has; with more than eight members, the least used one.
func (t *State) freeColour() int {
	var used [8]int
	for _, m := range t.Members {
		used[m.Colour%8]++
	}
	best := 0
	for c, n := range used {
		if n < used[best] {
			best = c
		}
	}
	return best
}

// settle takes away who is gone, says what the rebalance changed, and keeps the Stable view.
func (l *look) settle(before []Seen) {
	for _, m := range l.Members {
		if !m.Missing.IsZero() {
			l.room.departed(l.State, m, l.at, l.out)
		}
	}
	missing := func(m Seen) bool { return !m.Missing.IsZero() }
	l.noteGone()
	l.Members = slices.DeleteFunc(l.Members, missing)
	was := l.Stable
	if len(was) == 0 {
		was = before
	}
	if l.room.rebalanced(l, was) {
		l.reset = true
	}
	l.movingAt = time.Time{}
	l.Stable = nil
	if l.group.State == "Stable" {
		l.Stable = cloneSeen(l.Members)
	}
}

func cloneSeen(in []Seen) []Seen {
	out := slices.Clone(in)
	for i := range out {
		out[i].Partitions = slices.Clone(out[i].Partitions)
	}
	return out
}

// noteGone arms fault_tolerant for every member of the last Stable view that owned and is gone.
func (l *look) noteGone() {
	var survivors []string
	var gone []Gone
	for _, m := range l.Stable {
		now := l.member(m.ID)
		if now != nil && now.Missing.IsZero() {
			survivors = append(survivors, m.ID)
			continue
		}
		if len(m.Partitions) > 0 {
			at := l.at
			if now != nil && now.Missing.Before(at) {
				at = now.Missing
			}
			gone = append(gone, Gone{Member: m.ID, At: at, Partitions: slices.Clone(m.Partitions)})
		}
	}
	if len(survivors) == 0 || l.has(FaultTolerant) {
		return
	}
	for _, g := range gone {
		g.Survivors = survivors
		l.Gone = append(l.Gone, g)
	}
}

// armGone keeps, for those that have just gone, the commits that they left behind.
func (l *look) armGone() {
	l.Gone = slices.DeleteFunc(l.Gone, func(g Gone) bool { return l.at.Sub(g.At) > faultWithin })
	if len(l.Gone) == 0 {
		l.Gone = nil
	}
	for i := range l.Gone {
		g := &l.Gone[i]
		if g.Left != nil || l.group.CommitErr != "" {
			continue
		}
		g.Left = map[int32]int64{}
		for _, p := range g.Partitions {
			if c, ok := l.commits[p]; ok {
				g.Left[p] = c
			}
		}
	}
}

func (l *look) membershipChanged() bool {
	ids := make([]string, 0, len(l.Members))
	for _, m := range l.Members {
		if m.Missing.IsZero() {
			ids = append(ids, m.ID)
		}
	}
	if !l.settled && len(ids) < len(l.Baseline) {
		return false // an answer in the middle of a rebalance takes nobody away
	}
	slices.Sort(ids)
	return !slices.Equal(ids, l.Baseline)
}

// markStale says that the row shows more than the answer held.
func (l *look) markStale() {
	kept := l.group.CommitErr != ""
	for _, m := range l.Members {
		kept = kept || !m.Missing.IsZero()
	}
	if !l.settled && l.group.Protocol != "consumer" && owners(l.Members) > 0 {
		kept = true
	}
	if !kept {
		l.staleAt = time.Time{}
	} else {
		l.stale(l.at)
	}
}

// stale marks the row as older than now, if it is not marked yet.
func (t *State) stale(at time.Time) {
	if !t.staleAt.IsZero() {
		return
	}
	t.staleAt = at
	if !t.goodAt.IsZero() && t.goodAt.Before(at) {
		t.staleAt = t.goodAt // what it shows is as of then
	}
}
