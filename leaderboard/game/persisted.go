package game

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// persisted is the part of a team's state that is stored, so that progress towards a badge survives a restart. A new field
// must also be added to identicalTo and snapshot.
type persisted struct {
	Members  []seenMember `json:"members"`            // as of the last good answer, by colour
	Stable   []seenMember `json:"stable,omitempty"`   // as of the last settled answer with members
	Settled  bool         `json:"settled"`            // the last good answer was settled
	Protocol string       `json:"protocol,omitempty"` // as of the last good answer
	Group    string       `json:"group_state,omitempty"`
	Assignor string       `json:"assignor,omitempty"`
	Baseline []string     `json:"baseline,omitempty"` // IDs of the members that were present when the round began
	Changed  bool         `json:"changed"`            // the membership has changed since the round began
	Gone     []goneMember `json:"gone,omitempty"`     // fault_tolerant waits for their partitions
	SpareAt  time.Time    `json:"spare_at,omitzero"`  // since when spare's condition has held
	Behind   *behind      `json:"behind,omitempty"`   // not nil: lag_buster waits for the team to catch up

	Base  map[int32]int64 `json:"base"`      // commits when the round began, or as first seen; nil before
	Began bool            `json:"committed"` // a member has committed in this round

	Disorder bool `json:"disorder,omitempty"` // the log shows where the share group first lost order

	Had     bool      `json:"had_member"`
	EmptyAt time.Time `json:"empty_at,omitzero"` // since when there has been no member
	AloneAt time.Time `json:"alone_at,omitzero"` // since when there has been only one member
}

// A seenMember is a member as the team's row shows it.
type seenMember struct {
	ID         string  `json:"id"`
	ClientID   string  `json:"client_id"`
	Host       string  `json:"host"`
	Colour     int     `json:"colour"`
	Partitions []int32 `json:"partitions"`
	OnTopic    bool    `json:"on_topic"`
	Elsewhere  bool    `json:"elsewhere,omitempty"`
	Takes      []int32 `json:"takes,omitempty"` // of a share group: partitions whose records it receives
	Instance   string  `json:"instance,omitempty"`
	// Missing is since when the answers have lacked the member while the group rebalances. Silent is how long its partitions
	// had had records to read but no commit at that time.
	Missing time.Time     `json:"missing,omitzero"`
	Silent  time.Duration `json:"silent,omitempty"`
}

// A goneMember owned partitions in a stable assignment and left the group.
type goneMember struct {
	Member     string          `json:"member"`
	At         time.Time       `json:"at"` // when a sweep first noticed
	Partitions []int32         `json:"partitions"`
	Left       map[int32]int64 `json:"left"`      // the commits of its partitions when it left
	Survivors  []string        `json:"survivors"` // members of the same assignment that are still present
}

// behind is how far a team has fallen behind.
type behind struct {
	At   time.Time `json:"at"`
	Lag  int64     `json:"lag"`
	Peak float64   `json:"peak"` // the topic's highest rate, in records per second; later raised only by a rate of more than twice that
}

// A storedState is a team's state as last returned in Changes.
type storedState struct {
	text  json.RawMessage // nil if it has not been returned yet
	state persisted       // shares no memory with the team's
}

func (p *persisted) stored() storedState {
	var b bytes.Buffer
	p.encode(&b)
	return storedState{b.Bytes(), p.snapshot()}
}

// encode appends the stored text.
func (p *persisted) encode(b *bytes.Buffer) {
	if err := json.NewEncoder(b).Encode(p); err != nil {
		panic(fmt.Sprintf("encode a team's state: %v", err)) // none of its fields can fail
	}
	b.Truncate(b.Len() - 1) // the encoder ends with a new line
}

// addChangedStates adds the states that differ from those last returned for storing. Encoding every state to find the
// differences took a third of a step.
func (r *Room) addChangedStates(c *Changes) {
	for i, t := range r.teams {
		last := &r.states[i]
		if last.text != nil && t.identicalTo(&last.state) {
			continue
		}
		r.encoded.Reset()
		t.encode(&r.encoded)
		last.state = t.snapshot()
		if bytes.Equal(r.encoded.Bytes(), last.text) {
			continue
		}

		last.text = bytes.Clone(r.encoded.Bytes())
		if c.States == nil {
			c.States = map[int]json.RawMessage{}
		}
		c.States[t.team] = last.text
	}
}

// identicalTo reports whether both states are identical, without allocating. Identical states have the same text. States that
// differ may have the same text too, for example if a time has another location.
func (p *persisted) identicalTo(o *persisted) bool {
	return p.Settled == o.Settled && p.Protocol == o.Protocol && p.Group == o.Group && p.Assignor == o.Assignor &&
		p.Changed == o.Changed && p.Began == o.Began && p.Disorder == o.Disorder && p.Had == o.Had &&
		identicalTime(p.SpareAt, o.SpareAt) && identicalTime(p.EmptyAt, o.EmptyAt) && identicalTime(p.AloneAt, o.AloneAt) &&
		identicalFunc(p.Members, o.Members, (*seenMember).equal) && identicalFunc(p.Stable, o.Stable, (*seenMember).equal) &&
		identicalFunc(p.Gone, o.Gone, (*goneMember).equal) && identical(p.Baseline, o.Baseline) &&
		(p.Behind == nil) == (o.Behind == nil) && (p.Behind == nil || *p.Behind == *o.Behind) &&
		identicalMaps(p.Base, o.Base)
}

func (m *seenMember) equal(o *seenMember) bool {
	return m.ID == o.ID && m.ClientID == o.ClientID && m.Host == o.Host && m.Colour == o.Colour && m.Instance == o.Instance &&
		m.OnTopic == o.OnTopic && m.Elsewhere == o.Elsewhere && identicalTime(m.Missing, o.Missing) && m.Silent == o.Silent &&
		identical(m.Partitions, o.Partitions) && identical(m.Takes, o.Takes)
}

func (g *goneMember) equal(o *goneMember) bool {
	return g.Member == o.Member && identicalTime(g.At, o.At) &&
		identical(g.Partitions, o.Partitions) && identical(g.Survivors, o.Survivors) && identicalMaps(g.Left, o.Left)
}

// snapshot returns a copy that shares no memory with the state.
func (p *persisted) snapshot() persisted {
	out := *p
	out.Members = cloneMembers(p.Members)
	out.Stable = cloneMembers(p.Stable)
	out.Baseline = slices.Clone(p.Baseline)
	out.Base = maps.Clone(p.Base)

	out.Gone = slices.Clone(p.Gone)
	for i := range out.Gone {
		g := &out.Gone[i]
		g.Partitions = slices.Clone(g.Partitions)
		g.Survivors = slices.Clone(g.Survivors)
		g.Left = maps.Clone(g.Left)
	}

	if p.Behind != nil {
		b := *p.Behind
		out.Behind = &b
	}
	return out
}

func cloneMembers(in []seenMember) []seenMember {
	out := slices.Clone(in)
	for i := range out {
		out[i].Partitions = slices.Clone(out[i].Partitions)
		out[i].Takes = slices.Clone(out[i].Takes)
	}
	return out
}

// identicalTime distinguishes locations, which the text of a time contains.
func identicalTime(a, b time.Time) bool {
	return a.Equal(b) && a.Location() == b.Location()
}

// identical is slices.Equal, except that nil and empty differ, as they do in JSON.
func identical[T comparable](a, b []T) bool {
	return slices.Equal(a, b) && (a == nil) == (b == nil)
}

func identicalFunc[T any](a, b []T, equal func(*T, *T) bool) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	for i := range a {
		if !equal(&a[i], &b[i]) {
			return false
		}
	}
	return true
}

func identicalMaps(a, b map[int32]int64) bool {
	return maps.Equal(a, b) && (a == nil) == (b == nil)
}
