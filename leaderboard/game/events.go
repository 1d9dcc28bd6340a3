package game

import (
	"maps"
	"net"
	"slices"
	"strings"
	"time"
)

// What a note of our client may lie apart from what a sweep saw of the same thing.
const noteWithin = 15 * time.Second

// silentFor is how long a member's commits stood still, with records to read, before it is said to
// have timed out: Kafka's shortest session timeout by default. Members that leave commit as they go.
const silentFor = 6 * time.Second

// add gives the event its ID and puts it in the logs.
func (r *Room) add(e Event, c *Changes) int64 {
	e.ID = r.nextID
	r.nextID++
	c.Events = append(c.Events, e)
	r.keep(e)
	return e.ID
}

func (r *Room) keep(e Event) {
	r.log = appendKept(r.log, e, keptLog)
	if t := r.team(e.Team); t != nil {
		t.events = appendKept(t.events, e, keptEvents)
	}
	r.logged++
}

// appendKept never writes into what an earlier View shows.
func appendKept(events []Event, e Event, most int) []Event {
	if len(events) >= most {
		events = events[len(events)-most+1:]
	}
	return append(slices.Clip(events), e)
}

// amend replaces an event that turned out to be something more exact.
func (r *Room) amend(t *State, id int64, change func(*Event), c *Changes) {
	edit := func(events []Event) []Event {
		i := slices.IndexFunc(events, func(e Event) bool { return e.ID == id })
		if i < 0 {
			return events
		}
		events = slices.Clone(events)
		change(&events[i])
		return events
	}
	t.events, r.log = edit(t.events), edit(r.log)
	if i := slices.IndexFunc(t.events, func(e Event) bool { return e.ID == id }); i >= 0 {
		c.Events = append(c.Events, t.events[i])
		r.logged++
	}
}

// sign is a member's letter, as pages draw its colour.
func sign(colour int) string { return string(rune('A' + colour%8)) }

func (r *Room) joined(t *State, m *Seen, f MemberFact, at time.Time, c *Changes) {
	r.add(happened(at, t.team, Joined{sign(m.Colour), hostOnly(f.Host), f.Elsewhere && !f.OnTopic}), c)
}

func hostOnly(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return host
}

// departed says how the member went, as far as it is known yet.
func (r *Room) departed(t *State, m Seen, at time.Time, c *Changes) {
	handed := t.handed(m)
	id := r.add(happened(at, t.team, t.manner(m, handed)), c)
	t.departed = append(t.departed, departure{m.ID, m.Colour, handed, id, at})
	if len(t.departed) > 32 {
		t.departed = t.departed[1:]
	}
}

func (t *State) manner(m Seen, handed []int32) Fact {
	s := sign(m.Colour)
	if _, said := t.leaving[m.ID]; said {
		return Left{s, handed}
	}
	if m.Silent >= silentFor {
		return TimedOut{s, m.Silent}
	}
	return Vanished{s}
}

// handed are the partitions that the member had in the last Stable view and that others have now.
func (t *State) handed(gone Seen) (out []int32) {
	had := gone.Partitions
	if i := slices.IndexFunc(t.Stable, func(m Seen) bool { return m.ID == gone.ID }); i >= 0 {
		had = t.Stable[i].Partitions
	}
	for _, p := range had {
		if slices.ContainsFunc(t.Members, func(m Seen) bool { return m.Missing.IsZero() && slices.Contains(m.Partitions, p) }) {
			out = append(out, p)
		}
	}
	return out
}

// silence is how long the member's partitions had records to read and no commit moved.
func (t *State) silence(k *topic, m Seen, at time.Time) time.Duration {
	var longest time.Duration
	for _, p := range m.Partitions {
		c, ok := t.commits[p]
		moved := t.commitsAt[p]
		if !ok || moved.IsZero() {
			continue
		}
		if d := at.Sub(moved); d < silentFor {
			return 0
		} else if k.endOf(p) > k.firstFrom(p, c) {
			longest = max(longest, d)
		}
	}
	return longest
}

// leaves takes our client's word that it leaves, before or after a sweep saw it gone.
func (r *Room) leaves(t *State, n ClientNote, c *Changes) {
	if _, known := t.leaving[n.MemberID]; known {
		return
	}
	t.leaving[n.MemberID] = n.At
	if len(t.leaving) > 64 {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(t.leaving)), func(a, b string) int { return t.leaving[a].Compare(t.leaving[b]) })
		delete(t.leaving, oldest)
	}
	for _, d := range t.departed {
		if d.member == n.MemberID && n.At.Sub(d.at).Abs() < noteWithin {
			r.amend(t, d.event, func(e *Event) {
				e.tell(Left{sign(d.colour), d.handed})
			}, c)
		}
	}
}

// paused takes our client's exact pause for the rebalance nearest to the note.
func (r *Room) paused(t *State, n ClientNote, c *Changes) {
	best := -1
	for i, b := range t.rebalances {
		if d := n.At.Sub(b.at).Abs(); d < noteWithin && (best < 0 || d < n.At.Sub(t.rebalances[best].at).Abs()) {
			best = i
		}
	}
	if best < 0 || t.rebalances[best].exact >= n.Pause {
		return
	}
	b := &t.rebalances[best]
	b.exact = n.Pause
	ms := n.Pause.Milliseconds()
	r.amend(t, b.event, func(e *Event) { e.PauseMS = &ms }, c)
}

// rebalanced compares who owns what with before; it adds an event and reports true when the group
// rebalanced, whether a sweep saw it in the act or not.
func (r *Room) rebalanced(l *look, was []Seen) bool {
	sawIt := !l.movingAt.IsZero()
	before, now := ownership(was), ownership(l.Members)
	quiet := !sawIt || l.group.Protocol == "consumer" && sameMembers(was, l.Members) // a static one came back
	if maps.Equal(before, now) && quiet {
		return false
	}
	if len(l.Members) == 0 {
		return true // the departures say it
	}
	e := happened(l.at, l.team, Rebalanced{handOvers(was, l.Members), shares(l.Members), idleOf(l.Members), len(now)})
	if sawIt {
		ms := l.at.Sub(l.movingAt).Milliseconds()
		e.PauseMS = &ms
	}
	l.rebalances = append(l.rebalances, rebalance{event: r.add(e, l.out), at: l.at})
	if len(l.rebalances) > 16 {
		l.rebalances = l.rebalances[1:]
	}
	return true
}

func sameMembers(a, b []Seen) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(m Seen) bool {
		return !slices.ContainsFunc(b, func(other Seen) bool { return other.ID == m.ID })
	})
}

func idleOf(members []Seen) []string {
	var out []string
	for _, m := range members {
		if m.OnTopic && len(m.Partitions) == 0 {
			out = append(out, sign(m.Colour))
		}
	}
	return out
}

// handOvers are who got which partitions from whom.
func handOvers(was, now []Seen) []Move {
	type pair struct{ from, to string }
	letter := func(members []Seen) map[int32]string {
		out := map[int32]string{}
		for _, m := range members {
			for _, p := range m.Partitions {
				out[p] = sign(m.Colour)
			}
		}
		return out
	}
	owner, before, after := ownership(was), letter(was), letter(now)
	moves := map[pair][]int32{}
	for p, id := range ownership(now) {
		if owner[p] != id {
			k := pair{before[p], after[p]}
			moves[k] = append(moves[k], p)
		}
	}
	for p, s := range before {
		if after[p] == "" {
			moves[pair{s, ""}] = append(moves[pair{s, ""}], p)
		}
	}
	var out []Move
	for k, ps := range moves {
		slices.Sort(ps)
		out = append(out, Move{ps, k.from, k.to})
	}
	slices.SortFunc(out, func(a, b Move) int { return strings.Compare(a.text(), b.text()) })
	return out
}
