package game

import (
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

// States of a lane.
const (
	LaneOwned  = "owned"
	LaneMoving = "moving" // a rebalance pauses or moves it
	LaneSilent = "silent" // records wait, but its owner does not commit
	LaneFree   = "free"   // without an owner
)

const (
	maxSpans     = 5000            // of a team in a round: later ones are not recorded
	watchedEvery = 5 * time.Second // how often the time of watching is stored
	watchGap     = 3 * watchedEvery
	serverSide   = "server" // the assignor of KIP-848 groups, where the broker assigns
)

// A Span is a period in which a lane had one owner and one state. A later Span with the same round, team, partition and From
// replaces it.
type Span struct {
	Round     int            `json:"-"`
	Team      int            `json:"-"`
	Partition int32          `json:"partition"`
	From      workshop.Time  `json:"from"`
	To        *workshop.Time `json:"to"`    // null while it lasts
	Owner     *string        `json:"owner"` // member ID; null without an owner
	ClientID  string         `json:"client_id"`
	Colour    int            `json:"colour"`
	State     string         `json:"state"`
	Assignor  string         `json:"-"` // of the group; server for KIP-848
}

// ownedBy reports whether the span belongs to the member; nil means no owner.
func (s *Span) ownedBy(m *seenMember) bool {
	return (s.Owner != nil) == (m != nil) && (m == nil || *s.Owner == m.ID)
}

// history is what the lanes of a team did in a round.
type history struct {
	view   *History  // what Views show; nil after a change
	closed []Span    // by their end; only appended to, so that Views may share it
	open   []*Span   // by partition; nil for a lane that is not watched
	still  stillness // of closed
}

// Stillness is how long lanes were not read, in lane-seconds, by cause.
type Stillness struct {
	Assignor  string  `json:"assignor"`  // range, cooperative-sticky, …, server for KIP-848
	Rebalance float64 `json:"rebalance"` // lane-seconds in which a rebalance paused or moved a lane
	Silence   float64 `json:"silence"`   // lane-seconds in which records waited but nobody committed
	Owned     float64 `json:"owned"`     // lane-seconds that were read
	Stops     int     `json:"stops"`     // rebalances that stopped a lane
}

type stillness map[string]*Stillness // by assignor

func (s stillness) of(assignor string) *Stillness {
	if s[assignor] == nil {
		s[assignor] = &Stillness{Assignor: assignor}
	}
	return s[assignor]
}

func (s stillness) add(sp Span, until time.Time) {
	if sp.To != nil {
		until = sp.To.Time
	}
	seconds := max(until.Sub(sp.From.Time), 0).Seconds()
	switch sp.State {
	case LaneMoving:
		s.of(sp.Assignor).Rebalance += seconds
	case LaneSilent:
		s.of(sp.Assignor).Silence += seconds
	case LaneOwned:
		s.of(sp.Assignor).Owned += seconds
	}
}

// recordSpans ends the spans of lanes that changed owner or state, and begins the next ones.
func (u *groupUpdate) recordSpans() {
	wasStill := u.standsStill()
	h := &u.history
	partitions := u.room.partitions()
	for len(h.open) < partitions {
		h.open = append(h.open, nil)
	}

	for p, now := range h.open {
		if p >= partitions || len(u.Members) == 0 { // the topic was recreated with fewer partitions, or the group is empty
			u.closeSpan(p, u.at)
			continue
		}

		owner := ownerOf(u.Members, int32(p))
		state := u.laneState(int32(p), owner != nil)
		if now != nil && now.State == state && now.ownedBy(owner) {
			continue
		}
		from := u.at
		if state == LaneSilent && now != nil && now.State == LaneOwned { // silence counts from its beginning
			from = u.lanes[p].silentAt
		}
		if now != nil && from.Before(now.From.Time) {
			from = now.From.Time
		}
		u.closeSpan(p, from)
		u.openSpan(p, u.newSpan(int32(p), state, from, owner))
	}
	if !wasStill && u.standsStill() {
		h.still.of(u.assignorLabel()).Stops++
	}
}

// laneState returns the state of a lane.
func (t *teamState) laneState(p int32, owned bool) string {
	switch {
	case slices.Contains(t.moving, p):
		return LaneMoving
	case !owned:
		return LaneFree
	case int(p) < len(t.lanes) && !t.lanes[p].silentAt.IsZero():
		return LaneSilent
	}
	return LaneOwned
}

func (u *groupUpdate) newSpan(p int32, state string, from time.Time, owner *seenMember) Span {
	s := Span{Round: u.room.round.Number, Team: u.team, Partition: p, From: workshop.At(from), State: state, Assignor: u.assignorLabel()}
	if owner != nil {
		id := owner.ID
		s.Owner = &id
		s.ClientID, s.Colour = owner.ClientID, owner.Colour
	}
	return s
}

// assignorLabel names the way in which the group assigns partitions.
func (u *groupUpdate) assignorLabel() string {
	if u.group.Protocol == "consumer" {
		return serverSide
	}
	if u.group.Assignor != "" {
		return u.group.Assignor
	}
	return u.Assignor
}

func (t *teamState) standsStill() bool {
	return slices.ContainsFunc(t.history.open, func(s *Span) bool { return s != nil && s.State == LaneMoving })
}

func (u *groupUpdate) closeSpan(p int, at time.Time) { u.teamState.closeSpan(p, at, u.out) }

// closeSpan ends a lane's span. A span that would end before it began is dropped, and the next one takes its place.
func (t *teamState) closeSpan(p int, at time.Time, c *Changes) {
	h := &t.history
	s := h.open[p]
	if s == nil {
		return
	}
	h.open[p], h.view = nil, nil

	ended := *s
	to := workshop.At(at)
	if to.Before(s.From.Time) {
		to = s.From
	}
	ended.To = &to
	c.Spans = append(c.Spans, ended)
	if to.After(s.From.Time) {
		h.closed = append(h.closed, ended)
		h.still.add(ended, at)
	}
}

func (u *groupUpdate) openSpan(p int, s Span) {
	h := &u.history
	if len(h.closed) >= maxSpans {
		return
	}
	h.open[p], h.view = &s, nil
	u.out.Spans = append(u.out.Spans, s)
}

// stopWatchingAfterGap ends all spans at the last good answer once that is too old, because what has happened since is
// unknown.
func (t *teamState) stopWatchingAfterGap(at time.Time, c *Changes) {
	if at.Sub(t.goodAt) <= watchGap {
		return
	}
	for p := range t.history.open {
		t.closeSpan(p, t.goodAt, c)
	}
}

// splitSpans returns the history with which the next round begins. Lasting spans end with the round and continue in the next.
func (t *teamState) splitSpans(round int, at time.Time, c *Changes) (next history) {
	next = history{still: stillness{}, open: make([]*Span, len(t.history.open))}
	for p, s := range t.history.open {
		if s == nil {
			continue
		}
		now := workshop.At(at)
		ended, again := *s, *s
		ended.To = &now
		again.Round, again.From = round, now
		next.open[p] = &again
		c.Spans = append(c.Spans, ended, again)
	}
	return next
}

// noteWatched stores from time to time that lanes are watched, so that a restart knows until when they were.
func (r *Room) noteWatched(at time.Time, c *Changes) {
	c.Spans = append(c.Spans, r.unwatched.Spans...)
	r.unwatched = Changes{}
	if at.Sub(r.watchedAt) < watchedEvery {
		return
	}
	open := func(s *Span) bool { return s != nil }
	if slices.ContainsFunc(r.teams, func(t *teamState) bool { return slices.ContainsFunc(t.history.open, open) }) {
		r.watchedAt = at
		c.WatchedAt = &at
	}
}

// A History is what the lanes of a team did in a round.
type History struct {
	Ended   []Span // by their end
	Lasting []Span // by partition
}

// All returns all spans, the lasting ones last.
func (h History) All() []Span { return slices.Concat(h.Ended, h.Lasting) }

// Full reports whether changes of the lanes are no longer recorded.
func (h History) Full() bool { return len(h.Ended) >= maxSpans }

// shown returns the history that Views show. It shares the ended spans with them: copying thousands of spans four times a
// second would cost more than the rest of a View.
func (h *history) shown() History {
	if h.view == nil {
		h.view = &History{Ended: slices.Clip(h.closed)}
		for _, s := range h.open {
			if s != nil {
				h.view.Lasting = append(h.view.Lasting, *s)
			}
		}
	}
	return *h.view
}

// Stillness returns how long lanes were not read in this round, by assignor.
func (r *Room) Stillness(now time.Time) []Stillness {
	sum := stillness{}
	for _, t := range r.teams {
		for _, s := range t.history.still {
			all := sum.of(s.Assignor)
			all.Rebalance += s.Rebalance
			all.Silence += s.Silence
			all.Owned += s.Owned
			all.Stops += s.Stops
		}
		for _, s := range t.history.open {
			if s != nil {
				sum.add(*s, now)
			}
		}
	}

	out := []Stillness{}
	for _, s := range sum {
		if s.Assignor != "" {
			out = append(out, *s)
		}
	}
	slices.SortFunc(out, func(a, b Stillness) int {
		if a.Assignor < b.Assignor {
			return -1
		}
		return 1
	})
	return out
}
