package worker

import (
	"slices"
	"time"

	"kafka-workshop/internal/group"
)

// A State is what a worker of this process is doing.
type State string

// States of a worker.
const (
	Joining State = "joining"
	Idle    State = "waiting" // in the group, and there is nothing to do
	Working State = "working"
	Leaving State = "leaving"
	Dead    State = "crashed" // the group does not know until the session timeout
)

// A Status is one worker of this process at one moment. Those that crashed stay listed for a while.
type Status struct {
	Number    int
	ClientID  string
	MemberID  string // as the group knows it; empty before it joined
	State     State
	CrashedAt time.Time // for Dead
	Held      []Record  // the one in work first
	Counts    Counts
}

// A GroupView is the whole share group, including the workers of other processes, as the admin API described it last.
type GroupView struct {
	group.Group
	At         time.Time // when the last good look ended; zero before the first
	Partitions int
	Numbers    map[string]int // the numbers of this process's workers by member ID
}

// Backlog returns how many records are neither accepted nor rejected, -1 if that is unknown.
func (v GroupView) Backlog(topic string, partition int32) int64 {
	if at, ok := v.Shares[group.Partition{Topic: topic, ID: partition}]; ok {
		return at.Lag
	}
	return -1
}

// A Snapshot is everything that a screen draws. It is a copy: taking one ten times a second is cheap.
type Snapshot struct {
	At      time.Time
	Workers []Status // by number
	Totals  Counts   // of all workers of this process so far
	Group   GroupView
	Lock    time.Duration // of the broker; 0 before the first record
	Fault   string        // what is wrong now, empty when nothing is
}

// Snapshot returns what a screen draws now.
func (g *Group) Snapshot() Snapshot {
	g.mu.Lock()
	w := g.watch
	out := Snapshot{At: time.Now(), Lock: g.lock}
	g.mu.Unlock()
	out.Totals = g.totals()
	for _, one := range g.roster.All() {
		out.Workers = append(out.Workers, one.status())
	}
	slices.SortFunc(out.Workers, func(a, b Status) int { return a.Number - b.Number })
	if w == nil {
		return out
	}

	out.Group, out.Fault = w.snapshot(out.Workers)
	for i := range out.Workers {
		s := &out.Workers[i]
		s.MemberID = memberOf(out.Group.Members, s.ClientID)
		if s.State == Joining && s.MemberID != "" {
			s.State = Idle
		}
	}
	return out
}

// memberOf returns the ID of the one member with a client ID, as requests carry it. The library does not report it.
func memberOf(members []group.Member, clientID string) string {
	i := slices.IndexFunc(members, func(m group.Member) bool { return m.ClientID == clientID })
	if i < 0 || slices.ContainsFunc(members[i+1:], func(m group.Member) bool { return m.ClientID == clientID }) {
		return ""
	}
	return members[i].RawID
}
