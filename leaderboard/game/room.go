package game

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

// A Room is the whole game: all teams' states, the round, and what is known of the topic. It is
// stepped by facts and asked for Boards; it is not safe for concurrent use and does no I/O.
type Room struct {
	setup   workshop.Room
	round   Round
	message string
	frozen  *Frozen
	scene   scene    // of frozen
	teams   []*State // by number, from 1
	states  []json.RawMessage
	log     []Event // of all teams, the newest last
	nextID  int64
	epoch   uint64 // where versions begin: above those of any process before this one
	logged  uint64 // grows with every event, new or amended

	topic  topic
	scores Scores
	load   *LoadFact
	strays []Stranger
	asOf   time.Time
}

// How many events and rejections are kept at hand.
const (
	keptEvents = 200 // of a team
	keptLog    = 500 // of the room
	tickerSize = 12
)

// NewRoom makes the room that was saved; when nothing was, one in which round 1 is yet to begin. An
// error tells of teams whose stored state cannot be read: they start with an empty one.
func NewRoom(setup workshop.Room, saved Saved, now time.Time) (*Room, error) {
	r := &Room{
		setup: setup, round: saved.Round, message: saved.Message,
		nextID: max(saved.NextID, 1), epoch: uint64(now.UnixMilli()) << 16, scores: saved.Scores,
		states: make([]json.RawMessage, setup.Teams),
		asOf:   now,
	}
	var faults []error
	for n := 1; n <= setup.Teams; n++ {
		t := &State{team: n, name: nameOf(saved.Names, n)}
		if text := saved.States[n]; text != nil {
			if err := json.Unmarshal(text, t); err != nil {
				faults = append(faults, fmt.Errorf("stored state of team %d: %w", n, err))
				t = &State{team: n, name: t.name}
			}
			r.states[n-1] = t.marshal()
			t.notAfter(now)
		}
		t.init()
		r.teams = append(r.teams, t)
	}
	r.setFrozen(saved.Frozen)
	for _, a := range saved.Awards {
		if t := r.team(a.Team); t != nil && a.Round == r.round.Number {
			t.earned[a.Badge] = &earned{Award: a, stored: true}
		}
	}
	for _, w := range saved.Scores.Teams {
		if t := r.team(w.Team); t != nil {
			t.work = w
		}
	}
	for _, e := range saved.Events {
		r.keep(e)
	}
	return r, errors.Join(faults...)
}

// nameOf is the name that the instructor gave the team, or team-7.
func nameOf(names map[int]string, team int) string {
	return cmp.Or(names[team], workshop.TeamID(team))
}

func (r *Room) team(n int) *State {
	if n < 1 || n > len(r.teams) {
		return nil
	}
	return r.teams[n-1]
}

// Round is the round that is played.
func (r *Room) Round() Round { return r.round }

// Sweep takes one look at the groups into the room. What is missing from it changes nothing.
func (r *Room) Sweep(s Sweep) Changes {
	c := r.changes()
	if s.Err != "" {
		for _, t := range r.teams {
			t.stale(s.At)
		}
		return c
	}
	r.asOf = s.At
	if s.Load != nil {
		r.load = s.Load
	}
	r.strays = s.Strangers
	if r.see(s.Topic, s.At, s.Load) {
		r.topicMadeAnew(s, &c)
	} else if r.round.TopicID == "" && r.topic.id != "" {
		r.round.TopicID = r.topic.id
		round := r.round
		c.Begin = &round
	}
	var won []claim
	for _, g := range s.Groups {
		t := r.team(g.Team)
		if t == nil {
			continue
		}
		if g.Err != "" {
			t.stale(s.At)
			if t.fault = g.Err; t.faultAt.IsZero() {
				t.faultAt = s.At
			}
			continue
		}
		l := look{State: t, room: r, group: g, at: s.At, out: &c}
		l.take()
		won = append(won, l.claims()...)
	}
	r.award(won, s.At, &c)
	r.diffStates(&c)
	return c
}

// Scores takes what score found out into the room. Counts of another round change nothing.
func (r *Room) Scores(s Scores) Changes {
	c := r.changes()
	if s.Round != r.round.Number {
		return c
	}
	r.scores = s
	var won []claim
	for _, w := range s.Teams {
		t := r.team(w.Team)
		if t == nil {
			continue
		}
		t.judge(w, s.At)
		t.work = w
		for _, n := range w.Leaving {
			r.leaves(t, n, &c)
		}
		for _, n := range w.Pauses {
			r.paused(t, n, &c)
		}
		won = append(won, t.claimsByWork(r.setup.Lesson)...)
	}
	for _, n := range s.Notes {
		r.add(happened(s.At, 0, Noted{n}), &c)
	}
	r.award(won, s.At, &c)
	if s.Err == "" {
		c.Scores = &s
	}
	r.diffStates(&c)
	return c
}

func (r *Room) changes() Changes { return Changes{Round: r.round.Number} }

// diffStates adds the states that differ from what was last handed out to be stored.
func (r *Room) diffStates(c *Changes) {
	for i, t := range r.teams {
		text := t.marshal()
		if bytes.Equal(text, r.states[i]) {
			continue
		}
		r.states[i] = text
		if c.States == nil {
			c.States = map[int]json.RawMessage{}
		}
		c.States[t.team] = text
	}
}

// Stored makes awards that are in the database now visible.
func (r *Room) Stored(c Changes) {
	for _, a := range c.Awards {
		if t := r.team(a.Team); t != nil && a.Round == r.round.Number {
			if e := t.earned[a.Badge]; e != nil && !e.stored {
				e.stored = true
				r.logged++
			}
		}
	}
}

// Adopt takes awards over that an earlier Room earned and could not store, where this one lacks
// them, and returns what is to be stored.
func (r *Room) Adopt(awards []Award) Changes {
	c := r.changes()
	for _, a := range awards {
		t := r.team(a.Team)
		if t == nil || a.Round != r.round.Number || t.has(a.Badge) {
			continue
		}
		a.First = a.First && !r.taken(a.Badge)
		t.earned[a.Badge] = &earned{Award: a}
		c.Awards = append(c.Awards, a)
	}
	return c
}

// Merge puts newer changes onto older ones that are not stored yet.
func (c Changes) Merge(newer Changes) Changes {
	out := newer
	out.Awards = append(slices.Clone(c.Awards), newer.Awards...)
	out.Events = append(slices.Clone(c.Events), newer.Events...)
	if c.States != nil {
		out.States = maps.Clone(c.States)
		maps.Copy(out.States, newer.States)
	}
	if newer.Begin == nil {
		out.Begin = c.Begin
	}
	if newer.Scores == nil {
		out.Scores = c.Scores
	}
	if newer.Freeze == nil && !newer.Reveal {
		out.Freeze, out.Reveal = c.Freeze, c.Reveal
	}
	return out
}

// Empty reports that there is nothing to store.
func (c Changes) Empty() bool {
	return c.Begin == nil && len(c.Awards)+len(c.Removed)+len(c.Events)+len(c.States)+len(c.Names) == 0 &&
		c.Scores == nil && c.Message == nil && c.Freeze == nil && !c.Reveal
}
