package story

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/member"
)

// A Scene is what the screen shows at one moment. It is made of a snapshot and of what came before it.
type Scene struct {
	Now     time.Time
	Group   member.GroupView
	Fault   string
	Lanes   []Lane
	Members []Actor // of this process first, by number, then colleagues
	Records []member.Record

	Moving    bool // the group rebalances
	PerSecond float64
	Read      int64
	Twice     int64
	Flagged   int64
	Lag       int64         // over the partitions with a commit; -1 when there is none, or when it is stale
	Stale     time.Duration // age of the last look at the group, when that is too old; else 0
}

// A Lane is one partition.
type Lane struct {
	Partition int32
	Owner     int // index into members, -1 without one
	Moving    bool
	Committed int64 // next to read after a restart; -1 for no commit yet
	Next      int64 // next to read; -1 if unknown
	End       int64
	Lag       int64         // -1 when unknown
	PerSecond float64       // -1 when unknown
	Silent    time.Duration // how long its owner has committed nothing, when that is longer than usual
}

// An Actor is a member of the group, of this process or a colleague's.
type Actor struct {
	ID         string
	Instance   int // 0 for a colleague's
	Name, Host string
	Client     string // its client ID
	Colour     int
	Partitions []int32
	Elsewhere  []string // the topics that it subscribes to, if this one is not among them
	State      member.State
	Paused     bool
	Slow       time.Duration
	Crashed    time.Time
}

// Dead reports whether a member of this process crashed and the group has not expelled it yet.
func (a Actor) Dead() bool { return a.State == member.Dead }

// A memory is what a scene needs from earlier ones.
type memory struct {
	names   namer
	colours map[string]int // of members that are there
	shown   map[string]int // of these, and of some that are gone
	read    map[int]member.Status
	total   struct{ read, twice, flagged int64 }
	rate    meter
	lanes   map[int32]*laneMemory
}

type laneMemory struct {
	owner string // key of the member of this process to which the rate belongs
	next  int64
	rate  meter
}

func newMemory(cfg Config) *memory {
	return &memory{
		names: newNamer(cfg), colours: map[string]int{}, shown: map[string]int{}, read: map[int]member.Status{}, lanes: map[int32]*laneMemory{},
	}
}

// staleAfter is the age from which figures of the admin API are marked as old.
const staleAfter = 3 * time.Second

// scene makes the scene of a snapshot. board holds the colours that the leaderboard assigned, by member ID.
func (m *memory) scene(s member.Snapshot, board map[string]int) Scene {
	m.addTotals(s.Members)
	out := Scene{
		Now: s.At, Group: s.Group, Fault: s.Fault, Lag: -1,
		PerSecond: m.rate.add(s.At, m.total.read), Read: m.total.read, Twice: m.total.twice, Flagged: m.total.flagged,
	}
	if age := s.At.Sub(s.Group.At); !s.Group.At.IsZero() && age > staleAfter {
		out.Stale = age
	}
	out.Members = m.actors(s, board)
	out.Moving = group.Rebalancing(s.Group.State)
	for _, st := range s.Members {
		out.Moving = out.Moving || st.State == member.Rebalancing
		out.Records = append(out.Records, st.Last...)
	}
	slices.SortStableFunc(out.Records, func(a, b member.Record) int { return a.At.Compare(b.At) })
	for _, l := range s.Group.Lanes {
		out.Lanes = append(out.Lanes, m.lane(l, s, &out))
	}
	for _, l := range out.Lanes {
		if l.Lag >= 0 {
			out.Lag = max(out.Lag, 0) + l.Lag
		}
	}
	return out
}

// addTotals adds up the counts of members that come and go: each member's own counts begin at 0.
func (m *memory) addTotals(members []member.Status) {
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

func (m *memory) actors(s member.Snapshot, board map[string]int) []Actor {
	var out []Actor
	for _, st := range s.Members {
		a := Actor{ID: st.MemberID, Instance: st.Instance, Name: fmt.Sprintf("member %d", st.Instance), Client: Clean(st.ClientID), State: st.State, Paused: st.Paused, Slow: st.Slow, Crashed: st.CrashedAt}
		for _, p := range st.Partitions {
			a.Partitions = append(a.Partitions, p.Partition)
		}
		out = append(out, a)
	}
	for _, g := range s.Group.Members {
		if i := slices.IndexFunc(out, func(a Actor) bool { return a.ID == g.ID }); i >= 0 {
			out[i].Host = Clean(group.Address(g.Host))
			if out[i].Dead() {
				out[i].Partitions = s.Group.Owned(g)
			}
			continue
		}
		if s.Group.Instances[g.ID] > 0 {
			continue // of this process, and leaving
		}
		out = append(out, m.colleague(s.Group, g))
	}
	slices.SortStableFunc(out, func(a, b Actor) int {
		if (a.Instance > 0) != (b.Instance > 0) {
			return cmp.Compare(b.Instance, a.Instance)
		}
		return cmp.Compare(a.Instance, b.Instance)
	})
	m.assignColours(out, board)
	m.rememberColours(out)
	return out
}

// colleague returns the Actor for a member of another process.
func (m *memory) colleague(in member.GroupView, g group.Member) Actor {
	a := Actor{ID: g.ID, Name: m.names.name(g), Host: Clean(group.Address(g.Host)), Client: Clean(g.ClientID), Partitions: in.Owned(g), State: member.Reading}
	for _, topic := range in.Elsewhere(g) {
		a.Elsewhere = append(a.Elsewhere, Clean(topic))
	}
	return a
}

// assignColours gives each member the leaderboard's colour, or the lowest that is free, for as long as it is there.
func (m *memory) assignColours(actors []Actor, board map[string]int) {
	used, alive := map[int]bool{}, map[string]bool{}
	for _, a := range actors {
		alive[a.key()] = true
		if c, ok := board[a.ID]; ok && a.ID != "" {
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
		actors[i].Colour = c
	}
}

func (a Actor) key() string {
	if a.Instance > 0 {
		return "#" + strconv.Itoa(a.Instance) // the ID comes later than the member
	}
	return a.ID
}

func (m *memory) lane(l member.Lane, s member.Snapshot, out *Scene) Lane {
	mem := m.lanes[l.Partition]
	if mem == nil {
		mem = &laneMemory{next: -1}
		m.lanes[l.Partition] = mem
	}
	v := Lane{
		Partition: l.Partition, Owner: -1, Committed: l.Committed, Next: -1, End: l.End, Lag: l.Lag(),
		PerSecond: l.Speed(s.Group.At), Silent: l.Silence(s.Group.At),
	}
	if out.Stale > 0 {
		v.PerSecond, v.Silent, v.Lag = -1, 0, -1
	}

	read := int64(-1)
	for _, st := range s.Members {
		for _, p := range st.Partitions {
			if p.Partition == l.Partition && st.State != member.Dead {
				v.Owner = out.actorOf(st.MemberID, st.Instance)
				v.Next, v.Committed, read = p.Next, max(p.Committed, l.Committed), p.Read
				mem.next = p.Next
			}
		}
	}
	if v.Owner < 0 && l.Owner != "" {
		v.Owner = slices.IndexFunc(out.Members, func(a Actor) bool { return a.ID == l.Owner })
		if v.Owner >= 0 && out.Members[v.Owner].Instance > 0 && !out.Members[v.Owner].Dead() {
			v.Owner = -1 // already given up: the admin API is up to a second behind
		}
	}
	if v.Owner >= 0 && out.Members[v.Owner].Dead() {
		v.Next, v.PerSecond = mem.next, -1
	}
	v.Moving = out.Moving && (v.Owner < 0 || out.Members[v.Owner].Instance == 0 || out.Members[v.Owner].State == member.Rebalancing)

	if v.Next >= 0 {
		v.End = max(v.End, v.Next)
	}
	if out.Stale == 0 && v.Committed >= 0 && v.End >= 0 {
		v.Lag = max(v.End-max(v.Committed, l.Start), 0)
	}
	if read >= 0 {
		m.measureRate(mem, out.Members[v.Owner], s.At, read, &v)
	} else {
		mem.owner = ""
	}
	return v
}

// measureRate measures how fast the records of a lane of this process are read. It can't use offsets: a rewind jumps.
func (m *memory) measureRate(mem *laneMemory, owner Actor, now time.Time, read int64, v *Lane) {
	if mem.owner != owner.key() {
		mem.owner, mem.rate = owner.key(), meter{}
	}
	v.PerSecond = mem.rate.add(now, read)
}

func (s *Scene) actorOf(id string, instance int) int {
	return slices.IndexFunc(s.Members, func(a Actor) bool { return a.Instance == instance || (id != "" && a.ID == id) })
}

// Own returns this process's members.
func (s *Scene) Own() []Actor {
	n := slices.IndexFunc(s.Members, func(a Actor) bool { return a.Instance == 0 })
	if n < 0 {
		return s.Members
	}
	return s.Members[:n]
}
