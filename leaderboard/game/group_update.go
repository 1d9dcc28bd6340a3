package game

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A groupUpdate applies one good answer about a team's group to the team's state.
type groupUpdate struct {
	*teamState
	room    *Room
	group   GroupFact
	at      time.Time
	out     *Changes
	settled bool
	byHand  bool // a commit moved in a way that no member explains
	reset   bool // the group has rebalanced since the previous answer
}

func (u *groupUpdate) apply() {
	u.settled = u.group.settled()
	if !u.group.OtherKind {
		u.otherAt = time.Time{}
	} else if u.otherAt.IsZero() {
		u.otherAt = u.at
	}

	u.matchStaticMembers()
	was := u.Stable
	if len(was) == 0 {
		was = slices.Clone(u.Members)
	}
	u.updateMembers()
	if u.settled {
		u.finishRebalance(was)
	} else if u.movingAt.IsZero() {
		u.movingAt = u.at
	}
	if !u.Changed {
		u.Changed = u.membershipChanged()
	}

	u.recordOrder()
	u.countDone()
	u.updateCommits()
	if u.group.CommitErr == "" {
		u.backlog = u.group.Backlog
	}
	u.updateBeside()
	u.recordCommitsLeft()
	u.updateHelp()

	u.updateLanes()
	u.moving = u.movingPartitions()
	u.recordSpans()
	u.Settled, u.Protocol, u.Group = u.settled, u.group.Protocol, u.group.State
	u.wasEmpty = len(u.group.Members) == 0
	u.more = u.group.More
	u.markStale()
	u.goodAt = u.at
	u.fault, u.faultAt = "", time.Time{}
}

// cooperative is the assignor whose members keep their partitions during a rebalance of the classic protocol.
const cooperative = "cooperative-sticky"

// movingPartitions returns the partitions that a rebalance pauses or moves: all partitions of a classic group whose members
// give everything up first; otherwise those without an owner, and those that the broker reports as moving (KIP-848).
func (u *groupUpdate) movingPartitions() []int32 {
	if u.settled || len(u.Members) == 0 {
		return nil
	}
	eager := u.group.Protocol != "consumer" && cmp.Or(u.group.Assignor, u.Assignor) != cooperative
	var out []int32
	for p := range int32(len(u.room.topic.end)) {
		if eager || ownerOf(u.Members, p) == nil || slices.Contains(u.group.Movers, p) {
			out = append(out, p)
		}
	}
	return out
}

// matchStaticMembers finds static members (KIP-345) that came back with a new ID and their old partitions.
func (u *groupUpdate) matchStaticMembers() {
	for _, f := range u.group.Members {
		if f.Instance == "" || u.member(f.ID) != nil {
			continue
		}
		same := func(m seenMember) bool { return m.Instance == f.Instance && !u.group.lists(m.ID) }
		if i := slices.IndexFunc(u.Members, same); i >= 0 {
			u.replaceMemberID(u.Members[i].ID, f.ID)
		}
	}
}

// lists reports whether the answer contains the member.
func (g *GroupFact) lists(id string) bool {
	for i := range g.Members {
		if g.Members[i].ID == id {
			return true
		}
	}
	return false
}

// updateMembers applies the members of the answer. While the group rebalances, no member is removed, and a classic group
// keeps its assignment, because the answer has none for its members, or the old one.
func (u *groupUpdate) updateMembers() {
	keepOld := !u.settled && u.group.Protocol != "consumer"
	byID := func(a, b MemberFact) int { return strings.Compare(a.ID, b.ID) }
	if !slices.IsSortedFunc(u.group.Members, byID) {
		u.group.Members = slices.SortedFunc(slices.Values(u.group.Members), byID)
	}
	for _, f := range u.group.Members {
		m := u.member(f.ID)
		if m == nil {
			u.Members = append(u.Members, seenMember{ID: f.ID, Colour: freeColour(u.Members)})
			m = &u.Members[len(u.Members)-1]
			u.room.recordJoin(u.teamState, m, f, u.at, u.out)
		}
		if !keepOld && !identical(m.Partitions, f.Partitions) {
			m.Partitions = slices.Clone(f.Partitions)
		}
		m.Takes = f.Takes
		m.ClientID, m.Host, m.Instance = f.ClientID, f.Host, f.Instance
		m.Missing = time.Time{}
		m.Elsewhere = f.Elsewhere && !f.OnTopic
		m.OnTopic = f.OnTopic || (m.OnTopic && !f.Elsewhere) // it has owned a partition, so it subscribes to the topic
	}

	for i := range u.Members {
		if m := &u.Members[i]; m.Missing.IsZero() && !u.group.lists(m.ID) {
			m.Missing = u.at
			m.Silent = u.silence(&u.room.topic, *m, u.at)
		}
	}
	u.dropTakenPartitions()
	slices.SortStableFunc(u.Members, func(a, b seenMember) int { return a.Colour - b.Colour })
}

// dropTakenPartitions removes partitions from missing members once a present member owns them.
func (u *groupUpdate) dropTakenPartitions() {
	taken := func(p int32) bool {
		return slices.ContainsFunc(u.Members, func(m seenMember) bool { return m.Missing.IsZero() && slices.Contains(m.Partitions, p) })
	}
	for i := range u.Members {
		if m := &u.Members[i]; !m.Missing.IsZero() {
			m.Partitions = slices.DeleteFunc(slices.Clone(m.Partitions), taken)
		}
	}
}

// freeColour returns the lowest colour that no member has, or else the one that the fewest members have. A member without a
// colour yet has a negative one.
func freeColour(members []seenMember) int {
	var used [8]int
	for _, m := range members {
		if m.Colour >= 0 {
			used[m.Colour%8]++
		}
	}
	best := 0
	for c, n := range used {
		if n < used[best] {
			best = c
		}
	}
	return best
}

// finishRebalance removes the members that are gone, logs how the assignment changed, and keeps the stable assignment.
func (u *groupUpdate) finishRebalance(was []seenMember) {
	for _, m := range u.Members {
		if !m.Missing.IsZero() {
			u.recordLostWorker(m, u.at)
			u.room.recordDeparture(u.teamState, m, u.at, u.out)
		}
	}
	u.armFaultTolerant()
	u.Members = slices.DeleteFunc(u.Members, func(m seenMember) bool { return !m.Missing.IsZero() })

	if u.room.recordRebalance(u, was) {
		u.reset = true
	}
	u.movingAt = time.Time{}
	if u.group.State != "Stable" {
		u.Stable = nil
	} else if !identicalFunc(u.Stable, u.Members, (*seenMember).equal) {
		u.Stable = cloneMembers(u.Members)
	}
}

// armFaultTolerant records every member of the last stable assignment that owned partitions and is gone.
func (u *groupUpdate) armFaultTolerant() {
	here := func(m *seenMember) bool { return m != nil && m.Missing.IsZero() }
	if !slices.ContainsFunc(u.Stable, func(m seenMember) bool { return !here(u.member(m.ID)) }) {
		return
	}

	var survivors []string
	var gone []goneMember
	for _, m := range u.Stable {
		now := u.member(m.ID)
		if here(now) {
			survivors = append(survivors, m.ID)
			continue
		}
		if len(m.Partitions) > 0 {
			at := u.at
			if now != nil && now.Missing.Before(at) {
				at = now.Missing
			}
			gone = append(gone, goneMember{Member: m.ID, At: at, Partitions: slices.Clone(m.Partitions)})
		}
	}
	if len(survivors) == 0 || u.has(FaultTolerant) {
		return
	}

	for _, g := range gone {
		g.Survivors = survivors
		u.Gone = append(u.Gone, g)
	}
}

// recordCommitsLeft records the last commits of members that have just gone.
func (u *groupUpdate) recordCommitsLeft() {
	u.Gone = slices.DeleteFunc(u.Gone, func(g goneMember) bool { return u.at.Sub(g.At) > faultWithin })
	if len(u.Gone) == 0 {
		u.Gone = nil
	}
	for i := range u.Gone {
		g := &u.Gone[i]
		if g.Left != nil || u.group.CommitErr != "" {
			continue
		}
		g.Left = map[int32]int64{}
		for _, p := range g.Partitions {
			if c, ok := u.commits[p]; ok {
				g.Left[p] = c
			}
		}
	}
}

func (u *groupUpdate) membershipChanged() bool {
	ids := make([]string, 0, len(u.Members))
	for _, m := range u.Members {
		if m.Missing.IsZero() {
			ids = append(ids, m.ID)
		}
	}
	if !u.settled && len(ids) < len(u.Baseline) {
		return false // an answer during a rebalance may lack members
	}
	slices.Sort(ids)
	return !slices.Equal(ids, u.Baseline)
}
