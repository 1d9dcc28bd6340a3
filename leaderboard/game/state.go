package game

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// A State is what the rules remember of one team's round. Its exported fields are stored, so that
// what a team is half-way to survives a restart; the others are rebuilt from the next sweeps.
type State struct {
	Members  []Seen    `json:"members"`            // as of the last good answer, by colour
	Stable   []Seen    `json:"stable,omitempty"`   // as of the last settled answer with members
	Settled  bool      `json:"settled"`            // the last good answer was settled
	Protocol string    `json:"protocol,omitempty"` // of the last good answer
	Group    string    `json:"group_state,omitempty"`
	Assignor string    `json:"assignor,omitempty"`
	Baseline []string  `json:"baseline,omitempty"` // member ids that stood there when the round began
	Changed  bool      `json:"changed"`            // the membership has changed since then
	Gone     []Gone    `json:"gone,omitempty"`     // armed for fault_tolerant
	SpareAt  time.Time `json:"spare_at,omitzero"`  // spare's condition holds since
	Behind   *Behind   `json:"behind,omitempty"`   // armed for lag_buster

	Base  map[int32]int64 `json:"base"`      // commits when the round began, or as first seen; nil before
	Began bool            `json:"committed"` // a commit moved in this round

	Had     bool      `json:"had_member"`
	EmptyAt time.Time `json:"empty_at,omitzero"` // no member since
	AloneAt time.Time `json:"alone_at,omitzero"` // one member only since

	more   int // members beside Members
	team   int
	name   string
	earned map[string]*earned
	events []Event
	work   Work

	fault      string    // why there is no answer about the group
	faultAt    time.Time // since when; zero for no
	goodAt     time.Time // of the last good answer
	staleAt    time.Time // something shown is older than this answer; zero for no
	movingAt   time.Time // not settled since
	moving     []int32   // partitions that nobody reads now, or that are to change hands
	commits    map[int32]int64
	commitsAt  map[int32]time.Time // when each last moved
	wasEmpty   bool                // the answer before had no members
	departed   []departure
	leaving    map[string]time.Time // members that said that they leave
	rebalances []rebalance          // the latest
	assignors  []useOfAssignor
	speed      speed
	growth     growth
	shareAt    time.Time   // the name is a share group's since
	unowned    []time.Time // when commits last moved on though the group had no member
	verdicts   []verdict
	shown      [2]shown // truth, public
}

// Seen is a member as a team's row shows it.
type Seen struct {
	ID         string  `json:"id"`
	ClientID   string  `json:"client_id"`
	Host       string  `json:"host"`
	Colour     int     `json:"colour"`
	Partitions []int32 `json:"partitions"`
	OnTopic    bool    `json:"on_topic"`
	Elsewhere  bool    `json:"elsewhere,omitempty"`
	Instance   string  `json:"instance,omitempty"`
	// Missing is since when the answers lack it, while the group rebalances; Silent is how long its
	// partitions had then had records to read and no commit.
	Missing time.Time     `json:"missing,omitzero"`
	Silent  time.Duration `json:"silent,omitempty"`
}

// Gone is a member that owned partitions in a Stable view and left it: what fault_tolerant waits on.
type Gone struct {
	Member     string          `json:"member"`
	At         time.Time       `json:"at"` // of the sweep that saw it
	Partitions []int32         `json:"partitions"`
	Left       map[int32]int64 `json:"left"`      // its commits as it left
	Survivors  []string        `json:"survivors"` // of the same view
}

// Behind is how far a team fell behind: what lag_buster waits on.
type Behind struct {
	At   time.Time `json:"at"`
	Lag  int64     `json:"lag"`
	Peak float64   `json:"peak"` // the topic's highest rate since, in records per second
}

type earned struct {
	Award
	stored bool
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
	exact time.Duration
}

type useOfAssignor struct {
	name string
	at   time.Time
	most int // members that used it
}

// settled reports whether the group is not in the middle of anything.
func (g GroupFact) settled() bool {
	switch g.State {
	case "Stable":
		return !g.Moving
	case "Empty", "Dead", "NotJoined":
		return true
	}
	return false
}

// has reports whether the team holds the badge, stored or not.
func (t *State) has(badge string) bool { return t.earned[badge] != nil }

// MarshalState is the stored form of a State.
func (t *State) marshal() json.RawMessage {
	out, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Sprintf("a team's state cannot be written as JSON: %v", err)) // no field of it can fail
	}
	return out
}

func (t *State) init() {
	t.earned = map[string]*earned{}
	t.leaving = map[string]time.Time{}
	t.commits, t.commitsAt = map[int32]int64{}, map[int32]time.Time{}
}

// notAfter takes what a clock remembered that ran ahead as of now: a condition that holds since an
// hour from now would have to wait for it.
func (t *State) notAfter(now time.Time) {
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

// restart clears what belongs to a round. Who is there, with which colour, stays.
func (t *State) restart() {
	fresh := State{
		Members: t.Members, Stable: t.Stable, Settled: t.Settled, Protocol: t.Protocol, Group: t.Group, Assignor: t.Assignor,
		Had: len(t.Members) > 0, EmptyAt: t.EmptyAt, AloneAt: t.AloneAt, Baseline: []string{}, Base: map[int32]int64{},
		team: t.team, name: t.name, goodAt: t.goodAt, staleAt: t.staleAt, movingAt: t.movingAt,
		wasEmpty: t.wasEmpty, speed: t.speed, shown: t.shown,
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

// rename gives a member another id: a static one that came back is who it was.
func (t *State) rename(from, to string) {
	for _, members := range [][]Seen{t.Members, t.Stable} {
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
	for _, some := range ids {
		if i := slices.Index(some, from); i >= 0 {
			some[i] = to
		}
	}
	slices.Sort(t.Baseline)
}

func (t *State) member(id string) *Seen {
	for i := range t.Members {
		if t.Members[i].ID == id {
			return &t.Members[i]
		}
	}
	return nil
}

// owners counts the members that own a partition.
func owners(members []Seen) int {
	n := 0
	for _, m := range members {
		if len(m.Partitions) > 0 {
			n++
		}
	}
	return n
}

// ownership is who owns each partition.
func ownership(members []Seen) map[int32]string {
	out := map[int32]string{}
	for _, m := range members {
		for _, p := range m.Partitions {
			out[p] = m.ID
		}
	}
	return out
}
