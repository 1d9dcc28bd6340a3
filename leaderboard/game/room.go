package game

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kafka-workshop/internal/workshop"
)

// A Room is the whole game: the states of all teams, the round, and what is known about the topic. It is
// not safe for concurrent use.
type Room struct {
	setup   workshop.Room // lesson, names and teams
	round   Round
	message string
	frozen  *Frozen
	scene   scene         // of frozen
	teams   []*teamState  // by number, from 1
	states  []storedState // of teams
	encoded bytes.Buffer  // reused by addChangedStates
	log     []Event       // of all teams, the newest last
	nextID  int64         // of the next event

	standings []standing // of teams, as of the last board
	ranks     []int      // of teams, by standings

	sheet    workshop.Sheet
	position Position
	podium   Podium

	prediction     *Prediction  // the latest of this round; nil for none
	predictions    []Prediction // of this round
	lastPrediction int64        // the highest ID of any round
	spot           spot         // the choice of an automatic spotlight

	watchedAt time.Time // as last returned in Changes
	unwatched Changes   // ends of spans after a gap in watching, to be stored with the next sweep

	topic     topic
	scores    Scores
	load      *LoadFact
	strangers []Stranger
	asOf      time.Time
}

// How many events are kept in memory.
const (
	keptEvents = 200 // of a team
	keptLog    = 500 // of the room
	tickerSize = 12
)

// NewRoom returns the saved room, or one whose first round has yet to begin. The room is usable even with an error: teams
// whose saved state cannot be read start with an empty one.
func NewRoom(setup workshop.Room, saved Saved, now time.Time) (*Room, error) {
	r := &Room{
		setup: setup, round: saved.Round, message: saved.Message, position: saved.Position, podium: saved.Podium,
		nextID: max(saved.NextID, 1), scores: saved.Scores,
		states: make([]storedState, setup.Teams),
		asOf:   now,
	}

	var errs []error
	for n := 1; n <= setup.Teams; n++ {
		t := &teamState{team: n, name: nameOf(saved.Names, n), groupName: setup.Group(n)}
		if text := saved.States[n]; text != nil {
			if err := json.Unmarshal(text, &t.persisted); err != nil {
				errs = append(errs, fmt.Errorf("stored state of team %d: %w", n, err))
				t.persisted = persisted{}
			}
			r.states[n-1] = t.stored()
			t.clampFuture(now)
		}
		t.init()
		r.teams = append(r.teams, t)
	}

	r.setFrozen(saved.Frozen)
	for _, a := range saved.Awards {
		if t := r.team(a.Team); t != nil && a.Round == r.round.Number {
			t.earned.add(a, true)
		}
	}
	for _, w := range saved.Scores.Teams {
		if t := r.team(w.Team); t != nil {
			t.work = w
		}
	}
	for _, e := range saved.Events {
		r.appendLog(e)
	}
	r.resumeHistory(saved, now)
	r.lastPrediction = saved.LastPrediction
	for i := range saved.Predictions {
		r.setPrediction(&saved.Predictions[i])
	}
	return r, errors.Join(errs...)
}

// nameOf returns the team's name, or its ID, such as team-7.
func nameOf(names map[int]string, team int) string {
	return cmp.Or(names[team], workshop.TeamID(team))
}

func (r *Room) team(n int) *teamState {
	if n < 1 || n > len(r.teams) {
		return nil
	}
	return r.teams[n-1]
}

// Round returns the current round.
func (r *Room) Round() Round { return r.round }

func (r *Room) changes() Changes { return Changes{Round: r.round.Number} }

// Sweep applies a sweep. Data that it lacks stays as it was, and is marked stale.
func (r *Room) Sweep(s Sweep) Changes {
	c := r.changes()
	if s.Err != "" {
		for _, t := range r.teams {
			t.markStaleSince(s.At)
			t.stopWatchingAfterGap(s.At, &c)
		}
		return c
	}

	r.asOf = s.At
	if s.Load != nil {
		r.load = s.Load
	}
	r.strangers = s.Strangers
	if r.updateTopic(s.Topic, s.At, s.Load) {
		r.resetOffsets(s, &c)
	} else if r.round.TopicID == "" && r.topic.id != "" {
		r.round.TopicID = r.topic.id
		round := r.round
		c.Begin = &round
	}

	var claims []claim
	for _, g := range s.Groups {
		t := r.team(g.Team)
		switch {
		case t == nil:
		case g.Err != "":
			t.markUnread(g.Err, s.At)
			t.stopWatchingAfterGap(s.At, &c)
		default:
			u := groupUpdate{teamState: t, room: r, group: g, at: s.At, out: &c}
			u.apply()
			claims = append(claims, u.claims()...)
		}
	}
	r.judgePrediction(s.At, &c)
	claims = append(claims, r.foresightClaims()...)
	r.award(claims, s.At, &c)
	r.moveSpotlight(s.At)
	r.noteWatched(s.At, &c)
	r.addChangedStates(&c)
	return c
}

// Scores applies the counts of teams' work. It ignores counts of another round.
func (r *Room) Scores(s Scores) Changes {
	c := r.changes()
	if s.Round != r.round.Number {
		return c
	}

	r.scores = s
	var claims []claim
	for _, w := range s.Teams {
		t := r.team(w.Team)
		if t == nil {
			continue
		}
		if r.setup.Lesson.Share {
			t.matchReports(&w)
		}
		t.recordVerdict(w, s.At)
		t.work = w
		for _, n := range w.Leaving {
			r.recordLeaving(t, n, &c)
		}
		for _, n := range w.Pauses {
			r.recordPause(t, n, &c)
		}
		if r.setup.Lesson.Share {
			t.recordWorkers(w.Workers, s.At)
		}
		claims = append(claims, t.workClaims(r.setup.Lesson)...)
		if r.setup.Lesson.Actions {
			claims = append(claims, t.remember(&r.topic, w.States)...)
		}
	}
	for _, text := range s.Notes {
		r.addEvent(newEvent(s.At, 0, note{text}), &c)
	}
	r.award(claims, s.At, &c)

	if s.Err == "" {
		c.Scores = &s
	}
	r.addChangedStates(&c)
	return c
}

// Stored shows the awards of changes that are now in the database.
func (r *Room) Stored(c Changes) {
	for _, a := range c.Awards {
		if t := r.team(a.Team); t != nil && a.Round == r.round.Number {
			t.earned.store(a.Badge)
		}
	}
}

// Adopt gives teams the awards that an earlier Room could not store and that this one lacks. It returns the changes to store.
func (r *Room) Adopt(awards []Award) Changes {
	c := r.changes()
	for _, a := range awards {
		t := r.team(a.Team)
		if t == nil || a.Round != r.round.Number || t.has(a.Badge) {
			continue
		}
		a.First = a.First && !r.taken(a.Badge)
		t.earned.add(a, false)
		c.Awards = append(c.Awards, a)
	}
	return c
}
