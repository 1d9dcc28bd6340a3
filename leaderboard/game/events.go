package game

import (
	"maps"
	"net"
	"slices"
	"strings"
	"time"
)

// noteWithin is how far apart a client's note and a sweep's observation of the same event may be.
const noteWithin = 15 * time.Second

// silentFor is how long a member's committed offsets must not move, with records to read, before it is reported as timed out:
// Kafka's shortest session timeout by default. A member that leaves commits until then.
const silentFor = 6 * time.Second

// How many of a team's departures, leaving members and rebalances are kept for late notes.
const (
	keptDepartures = 32
	keptLeaving    = 64
	keptRebalances = 16
)

// sign returns the letter of a member, which pages draw in its colour.
func sign(colour int) string { return string(rune('A' + colour%8)) }

func (r *Room) recordJoin(t *teamState, m *seenMember, f MemberFact, at time.Time, c *Changes) {
	r.addEvent(newEvent(at, t.team, memberJoined{sign(m.Colour), hostOnly(f.Host), f.Elsewhere && !f.OnTopic}), c)
}

func hostOnly(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return host
}

// recordDeparture logs that a member is gone, and the reason if it is known yet.
func (r *Room) recordDeparture(t *teamState, m seenMember, at time.Time, c *Changes) {
	handed := t.handedOver(m)
	id := r.addEvent(newEvent(at, t.team, t.departureFact(m, handed)), c)
	t.departed = append(t.departed, departure{m.ID, m.Colour, handed, id, at})
	if len(t.departed) > keptDepartures {
		t.departed = t.departed[1:]
	}
}

func (t *teamState) departureFact(m seenMember, handed []int32) eventFact {
	s := sign(m.Colour)
	if _, leaving := t.leaving[m.ID]; leaving {
		return memberLeft{s, handed}
	}
	if m.Silent >= silentFor {
		return memberTimedOut{s, m.Silent}
	}
	return memberVanished{s}
}

// handedOver returns the partitions that the member owned in the last stable assignment and that others own now.
func (t *teamState) handedOver(gone seenMember) (out []int32) {
	had := gone.Partitions
	if i := slices.IndexFunc(t.Stable, func(m seenMember) bool { return m.ID == gone.ID }); i >= 0 {
		had = t.Stable[i].Partitions
	}
	for _, p := range had {
		if slices.ContainsFunc(t.Members, func(m seenMember) bool { return m.Missing.IsZero() && slices.Contains(m.Partitions, p) }) {
			out = append(out, p)
		}
	}
	return out
}

// silence returns how long the commits of the member's partitions have not moved while there were records to read.
func (t *teamState) silence(k *topic, m seenMember, at time.Time) time.Duration {
	var longest time.Duration
	for _, p := range m.Partitions {
		c, ok := t.commits[p]
		moved := t.commitsAt[p]
		if !ok || moved.IsZero() {
			continue
		}

		d := at.Sub(moved)
		if d < silentFor {
			return 0
		}
		if k.endOf(p) > k.firstFrom(p, c) {
			longest = max(longest, d)
		}
	}
	return longest
}

// recordLeaving records a client's note that it leaves, before or after a sweep finds that it is gone.
func (r *Room) recordLeaving(t *teamState, n ClientNote, c *Changes) {
	if _, known := t.leaving[n.MemberID]; known || n.MemberID == "" {
		return
	}
	t.leaving[n.MemberID] = n.At
	if len(t.leaving) > keptLeaving {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(t.leaving)), func(a, b string) int { return t.leaving[a].Compare(t.leaving[b]) })
		delete(t.leaving, oldest)
	}

	for _, d := range t.departed {
		if d.member == n.MemberID && n.At.Sub(d.at).Abs() < noteWithin {
			r.amendEvent(t, d.event, func(e *Event) { e.setFact(memberLeft{sign(d.colour), d.handed}) }, c)
		}
	}
}

// recordPause sets the exact pause that a client measured on the rebalance nearest to its note. Of several members' pauses,
// the longest counts.
func (r *Room) recordPause(t *teamState, n ClientNote, c *Changes) {
	var nearest *rebalance
	distance := noteWithin
	for i := range t.rebalances {
		if d := n.At.Sub(t.rebalances[i].at).Abs(); d < distance {
			nearest, distance = &t.rebalances[i], d
		}
	}
	if nearest == nil || nearest.exact >= n.Pause {
		return
	}

	nearest.exact = n.Pause
	ms := n.Pause.Milliseconds()
	r.amendEvent(t, nearest.event, func(e *Event) { e.PauseMS = &ms }, c)
}

// recordRebalance compares the assignment with the previous one. If the group rebalanced, it adds an event and returns true,
// even if no sweep saw the rebalance in progress.
func (r *Room) recordRebalance(u *groupUpdate, was []seenMember) bool {
	sawIt := !u.movingAt.IsZero()
	quiet := !sawIt || u.group.Protocol == "consumer" && sameMembers(was, u.Members) // a static member came back
	if quiet && sameOwners(was, u.Members) {
		return false
	}
	if len(u.Members) == 0 {
		return true // the departures are logged already
	}

	e := newEvent(u.at, u.team, groupRebalanced{ownershipMoves(was, u.Members), shares(u.Members), idleSigns(u.Members), owned(u.Members)})
	if sawIt {
		ms := u.at.Sub(u.movingAt).Milliseconds()
		e.PauseMS = &ms
	}
	u.rebalances = append(u.rebalances, rebalance{event: r.addEvent(e, u.out), at: u.at})
	if len(u.rebalances) > keptRebalances {
		u.rebalances = u.rebalances[1:]
	}
	return true
}

func sameMembers(a, b []seenMember) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(m seenMember) bool {
		return !slices.ContainsFunc(b, func(other seenMember) bool { return other.ID == m.ID })
	})
}

func idleSigns(members []seenMember) []string {
	var out []string
	for _, m := range members {
		if m.OnTopic && len(m.Partitions) == 0 {
			out = append(out, sign(m.Colour))
		}
	}
	return out
}

// ownershipMoves returns which partitions moved between which members.
func ownershipMoves(was, now []seenMember) []move {
	signs := func(members []seenMember) map[int32]string {
		out := map[int32]string{}
		for _, m := range members {
			for _, p := range m.Partitions {
				out[p] = sign(m.Colour)
			}
		}
		return out
	}
	owner, before, after := ownership(was), signs(was), signs(now)

	type pair struct{ from, to string }
	moved := map[pair][]int32{}
	for p, id := range ownership(now) {
		if owner[p] != id {
			k := pair{before[p], after[p]}
			moved[k] = append(moved[k], p)
		}
	}
	for p, from := range before {
		if after[p] == "" {
			k := pair{from, ""}
			moved[k] = append(moved[k], p)
		}
	}

	var out []move
	for k, partitions := range moved {
		slices.Sort(partitions)
		out = append(out, move{partitions, k.from, k.to})
	}
	slices.SortFunc(out, func(a, b move) int { return strings.Compare(a.text(), b.text()) })
	return out
}
