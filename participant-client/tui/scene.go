package tui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/group"
	"kafka-workshop/participant-client/member"
)

// A scene is what the screen shows at one moment, worked out of a snapshot and of what went before.
type scene struct {
	now     time.Time
	group   member.Group
	fault   string
	lanes   []lane
	members []actor // of this process first, by number, then colleagues
	records []member.Record

	moving    bool // the group rebalances
	perSecond float64
	read      int64
	twice     int64
	flagged   int64
	lag       int64 // over the partitions with a commit; -1 when there is none
}

// A lane is one partition.
type lane struct {
	partition int32
	owner     int // index into members, -1 without one
	moving    bool
	committed int64 // next to read after a restart; -1 for no commit yet
	next      int64 // next to read, -1 when it is not ours to know
	end       int64
	lag       int64 // -1 when unknown
	perSecond float64
	quiet     time.Duration // since its last commit, while records wait
}

// An actor is a member of the group, ours or a colleague's.
type actor struct {
	id         string
	instance   int // 0 for a colleague's
	name, host string
	colour     int
	partitions []int32
	elsewhere  []string // the topics that it subscribes to, when ours is not among them
	state      member.State
	paused     bool
	slow       time.Duration
	crashed    time.Time
}

func (a actor) dead() bool { return a.state == member.Dead }

// A memory is what the scene needs from before.
type memory struct {
	prefix  string // of client ids, taken off to save room
	colours map[string]int
	read    map[int]member.Status
	total   struct{ read, twice, flagged int64 }
	rate    meter
	lanes   map[int32]*laneMemory
}

type laneMemory struct {
	next int64
	rate meter
}

func newMemory(group string) *memory {
	return &memory{prefix: group + "-", colours: map[string]int{}, read: map[int]member.Status{}, lanes: map[int32]*laneMemory{}}
}

// see works out the scene of a snapshot. board are the colours that the leaderboard gave, by member id.
func (m *memory) see(s member.Snapshot, board map[string]int) scene {
	m.count(s.Members)
	out := scene{
		now: s.At, group: s.Group, fault: s.Fault, lag: -1,
		perSecond: m.rate.add(s.At, m.total.read), read: m.total.read, twice: m.total.twice, flagged: m.total.flagged,
	}
	out.members = m.actors(s, board)
	switch s.Group.State {
	case "PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling":
		out.moving = true
	}
	for _, st := range s.Members {
		out.moving = out.moving || st.State == member.Rebalancing
		out.records = append(out.records, st.Last...)
	}
	slices.SortStableFunc(out.records, func(a, b member.Record) int { return a.At.Compare(b.At) })
	for _, l := range s.Group.Lanes {
		out.lanes = append(out.lanes, m.lane(l, s, &out))
	}
	for _, l := range out.lanes {
		if l.lag >= 0 {
			out.lag = max(out.lag, 0) + l.lag
		}
	}
	return out
}

// count keeps totals over members that come and go: their own counts begin again at 0.
func (m *memory) count(members []member.Status) {
	for _, s := range members {
		last := m.read[s.Instance]
		if s.Records < last.Records {
			last = member.Status{}
		}
		m.total.read += s.Records - last.Records
		m.total.twice += s.Duplicates - last.Duplicates
		m.total.flagged += s.Flagged - last.Flagged
		m.read[s.Instance] = s
	}
	for instance := range m.read {
		if !slices.ContainsFunc(members, func(s member.Status) bool { return s.Instance == instance }) {
			delete(m.read, instance)
		}
	}
}

func (m *memory) actors(s member.Snapshot, board map[string]int) []actor {
	var out []actor
	for _, st := range s.Members {
		a := actor{id: st.MemberID, instance: st.Instance, name: st.ClientID, state: st.State, paused: st.Paused, slow: st.Slow, crashed: st.CrashedAt}
		for _, p := range st.Partitions {
			a.partitions = append(a.partitions, p.Partition)
		}
		out = append(out, a)
	}
	for _, g := range s.Group.Members {
		if i := slices.IndexFunc(out, func(a actor) bool { return a.id == g.ID }); i >= 0 {
			out[i].host = clean(group.Address(g.Host))
			if out[i].dead() {
				out[i].partitions = g.Partitions
			}
			continue
		}
		if g.Instance > 0 {
			continue // ours, and on its way out
		}
		out = append(out, m.colleague(g))
	}
	slices.SortStableFunc(out, func(a, b actor) int {
		if (a.instance > 0) != (b.instance > 0) {
			return cmp.Compare(b.instance, a.instance)
		}
		return cmp.Compare(a.instance, b.instance)
	})
	m.paint(out, board)
	return out
}

// colleague is a member of another process. What it says of itself is anybody's text.
func (m *memory) colleague(g member.GroupMember) actor {
	name := clean(strings.TrimPrefix(g.ClientID, m.prefix))
	if !workshop.HasVisible(name) {
		name = "no name"
	}

	a := actor{id: g.ID, name: name, host: clean(group.Address(g.Host)), partitions: g.Partitions, state: member.Reading}
	for _, topic := range g.Elsewhere {
		a.elsewhere = append(a.elsewhere, clean(topic))
	}
	return a
}

// paint gives each member the leaderboard's colour, or the lowest that is free; it stays with it.
// Members of ours that have no id yet are kept by their number.
func (m *memory) paint(actors []actor, board map[string]int) {
	used, alive := map[int]bool{}, map[string]bool{}
	for _, a := range actors {
		alive[a.key()] = true
		if c, ok := board[a.id]; ok && a.id != "" {
			m.colours[a.key()] = c
		}
	}
	for k, c := range m.colours {
		if !alive[k] {
			delete(m.colours, k)
		} else {
			used[c] = true
		}
	}
	for i, a := range actors {
		c, ok := m.colours[a.key()]
		if !ok {
			for c = 0; used[c] && c < 7; c++ {
			}
			m.colours[a.key()], used[c] = c, true
		}
		actors[i].colour = c
	}
}

func (a actor) key() string {
	if a.instance > 0 {
		return "#" + string(rune('0'+a.instance)) // the id comes later than the member
	}
	return a.id
}

func (m *memory) lane(l member.Lane, s member.Snapshot, out *scene) lane {
	mem := m.lanes[l.Partition]
	if mem == nil {
		mem = &laneMemory{next: -1}
		m.lanes[l.Partition] = mem
	}
	v := lane{partition: l.Partition, owner: -1, committed: l.Committed, next: -1, end: l.End, lag: l.Lag()}
	for _, st := range s.Members {
		for _, p := range st.Partitions {
			if p.Partition == l.Partition && st.State != member.Dead {
				v.owner = out.actorOf(st.MemberID, st.Instance)
				v.next, v.committed = p.Next, max(p.Committed, l.Committed)
				mem.next = p.Next
			}
		}
	}
	if v.owner < 0 && l.Owner != "" {
		v.owner = slices.IndexFunc(out.members, func(a actor) bool { return a.id == l.Owner })
		if v.owner >= 0 && out.members[v.owner].instance > 0 && !out.members[v.owner].dead() {
			v.owner = -1 // ours has given it up already: the admin API is a second behind
		}
	}
	if v.owner >= 0 && out.members[v.owner].dead() {
		v.next = mem.next
	}
	v.moving = out.moving && (v.owner < 0 || out.members[v.owner].instance == 0 || out.members[v.owner].state == member.Rebalancing)
	if v.next >= 0 {
		v.end = max(v.end, v.next)
	}
	if v.committed >= 0 && v.end >= 0 {
		v.lag = max(v.end-v.committed, 0)
	}
	if v.end > max(v.committed, 0) && !l.Moved.IsZero() && v.owner >= 0 {
		v.quiet = s.At.Sub(l.Moved)
	}
	progress := v.next
	if progress < 0 {
		progress = v.committed
	}
	v.perSecond = mem.rate.add(s.At, progress)
	return v
}

func (s *scene) actorOf(id string, instance int) int {
	return slices.IndexFunc(s.members, func(a actor) bool { return a.instance == instance || (id != "" && a.id == id) })
}

// own are this process's members.
func (s *scene) own() []actor {
	n := slices.IndexFunc(s.members, func(a actor) bool { return a.instance == 0 })
	if n < 0 {
		return s.members
	}
	return s.members[:n]
}

// A meter measures how fast a counter grows, over the last few seconds.
type meter struct {
	at    []time.Time
	value []int64
}

const meterSpan = 4 * time.Second

// add takes the counter's value and gives its growth in units per second. A counter that went back
// starts the measurement again.
func (m *meter) add(now time.Time, value int64) float64 {
	if n := len(m.value); n > 0 && value < m.value[n-1] {
		m.at, m.value = m.at[:0], m.value[:0]
	}
	if n := len(m.at); n == 0 || now.Sub(m.at[n-1]) >= 90*time.Millisecond {
		m.at, m.value = append(m.at, now), append(m.value, value)
	}
	for len(m.at) > 2 && now.Sub(m.at[0]) > meterSpan {
		m.at, m.value = m.at[1:], m.value[1:]
	}
	if span := now.Sub(m.at[0]).Seconds(); span > 0.5 {
		return float64(value-m.value[0]) / span
	}
	return 0
}
