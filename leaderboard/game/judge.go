package game

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

const (
	noteAfter   = 3 * time.Second // for the note of a client that left to arrive
	rereadAfter = 30 * time.Second
	keysAfter   = 2 * time.Second // a producer still has earlier records in flight
	keysOver    = 10 * time.Second
	keysLeast   = 20 // records needed to see which partitions fill
)

// A world is what a prediction is judged against: the group when the vote closed, and what has been seen of it since. It is
// stored, so that judging continues after a restart.
type world struct {
	Members    map[string][]int32 `json:"members"` // partitions by member
	Letters    map[string]string  `json:"letters"` // by member, as pages show them
	Partitions int                `json:"partitions"`
	FixedKeys  int                `json:"fixed_keys,omitempty"` // that the question is about
	Duplicate  int64              `json:"duplicate"`            // actions, before anything happened

	Seen map[string]lastSeen `json:"seen,omitempty"` // by member, as of the last sweep that saw it

	// The change that is judged.
	Gone    string    `json:"gone,omitempty"` // the member that went
	GoneAt  time.Time `json:"gone_at,omitzero"`
	Left    bool      `json:"left,omitempty"` // it announced that it leaves
	KeysAt  time.Time `json:"keys_at,omitzero"`
	KeysEnd []int64   `json:"keys_end,omitempty"` // log ends when the keys changed

	Queue queueWorld `json:"queue,omitzero"`
}

// lastSeen is what a sweep knew of a member of the group.
type lastSeen struct {
	At     time.Time `json:"at"`              // of the sweep
	Alive  time.Time `json:"alive,omitzero"`  // a time before its last sign of life; zero if none was seen
	Due    time.Time `json:"due,omitzero"`    // when it should have committed the waiting records; zero if none wait
	Behind int64     `json:"behind"`          // records of its partitions that were not committed
	Blank  bool      `json:"blank,omitempty"` // one of its partitions had no commit
}

func (r *Room) worldOf(q Question) *world {
	w := &world{Partitions: r.partitions(), Members: map[string][]int32{}, Letters: map[string]string{}, Seen: map[string]lastSeen{}}
	if t := r.team(q.Team); t != nil {
		for _, m := range r.membersAsked(t, q.Kind) {
			w.Members[m.ID] = slices.Clone(m.Partitions)
			w.Letters[m.ID] = sign(m.Colour)
			w.Seen[m.ID] = r.lastSeen(t, m.ID, m.Partitions, r.asOf)
		}
		w.Duplicate = t.work.Duplicate
		w.Queue.Again = t.again()
	}
	if q.Kind == AskKeys && r.load != nil {
		w.FixedKeys = r.load.FixedKeys
	}
	return w
}

// judgePrediction looks for the answer in the facts once the vote is closed.
func (r *Room) judgePrediction(at time.Time, c *Changes) {
	p := r.prediction
	if p == nil || p.Phase != PredictionClosed || p.World == nil {
		return
	}

	j := &judge{Room: r, question: p.Question, world: *p.World, team: r.team(p.Question.Team), at: at}
	switch {
	case p.Question.Kind == AskKeys:
		j.keys()
	case j.team == nil || !r.topic.fresh:
	case r.setup.Lesson.Share:
		j.queue()
	default:
		j.group()
	}

	switch {
	case j.answer != nil:
		j.answer.At = at
		r.decide(j.answer, "", at, c)
		return
	case j.cancelled != "":
		r.decide(nil, j.cancelled, at, c)
		return
	}

	next := *p
	next.World = &j.world
	if at.Sub(p.ClosedAt) > decideWithin && p.Reason == "" {
		next.Reason = "could not be observed: nothing that decides it happened within 90 s"
		c.Predictions = append(c.Predictions, next)
	} else if j.changed {
		c.Predictions = append(c.Predictions, next)
	}
	r.setPrediction(&next)
}

// A judge looks for the answer to one question in one sweep.
type judge struct {
	*Room
	question Question
	world    world
	team     *teamState
	at       time.Time

	changed   bool // the world has changed and must be stored
	answer    *Answer
	cancelled string
}

func (j *judge) decide(option int, evidence answerEvidence, format string, args ...any) {
	text, err := json.Marshal(evidence)
	if err != nil {
		panic(fmt.Sprintf("encode evidence: %v", err)) // maps and numbers only
	}
	j.answer = &Answer{Option: option, Because: fmt.Sprintf(format, args...), Evidence: text}
}

func (j *judge) cancel(format string, args ...any) { j.cancelled = fmt.Sprintf(format, args...) }

// unobserved cancels the question because the facts cannot decide it.
func (j *judge) unobserved(format string, args ...any) {
	j.cancel("could not be observed: "+format, args...)
}

// changedOtherwise cancels a question about a change because another change happened.
func (j *judge) changedOtherwise(joined, gone []string) {
	j.cancel("%s changed otherwise: %s joined and %s left", j.team.name, countOf(len(joined), "member"), countOf(len(gone), "member"))
}

// membersAsked returns the members of the group that a question is about. In the queues lesson, idle is about the consumer
// group.
func (r *Room) membersAsked(t *teamState, kind string) []seenMember {
	if r.setup.Lesson.Share && kind == AskIdle {
		return t.beside
	}
	return t.Members
}

// group judges the questions about a team's group.
func (j *judge) group() {
	t := j.team
	settled := t.Settled && t.Group == "Stable" && t.staleAt.IsZero()
	present := map[string][]int32{}
	for _, m := range t.Members {
		if m.Missing.IsZero() {
			present[m.ID] = m.Partitions
		}
	}
	joined, gone := difference(j.world.Members, present)

	if j.world.Gone != "" { // the member is gone: what follows is observed over time
		j.afterDeparture(joined, gone, settled)
		return
	}
	j.watch(present)
	if j.question.Kind == AskGrow {
		j.grown(joined, gone, settled)
		return
	}
	if j.partitions() != j.world.Partitions {
		j.cancel("the topic has %d partitions now: the question was about %d", j.partitions(), j.world.Partitions)
		return
	}
	if len(joined)+len(gone) == 0 || !settled {
		return
	}

	switch j.question.Kind {
	case AskSplit, AskIdle:
		if len(joined) != 1 || len(gone) != 0 {
			j.changedOtherwise(joined, gone)
			return
		}
		j.joined(joined[0], present)
	default:
		if len(joined) != 0 || len(gone) != 1 {
			j.changedOtherwise(joined, gone)
			return
		}
		if len(j.world.Members[gone[0]]) == 0 {
			j.cancel("member %s had no partition", j.world.Letters[gone[0]])
			return
		}
		j.world.Gone = gone[0]
		j.world.GoneAt = j.at
		j.changed = true
	}
}

// difference returns the members that are new and those that are gone, sorted.
func difference(before, now map[string][]int32) (joined, gone []string) {
	for id := range now {
		if _, was := before[id]; !was {
			joined = append(joined, id)
		}
	}
	for id := range before {
		if _, is := now[id]; !is {
			gone = append(gone, id)
		}
	}
	slices.Sort(joined)
	slices.Sort(gone)
	return joined, gone
}

// watch stores what is known of each member that is present. The last state of a member that has gone stays.
func (j *judge) watch(present map[string][]int32) {
	seen := maps.Clone(j.world.Seen)
	if seen == nil {
		seen = map[string]lastSeen{}
	}
	for id, partitions := range j.world.Members {
		if _, there := present[id]; !there {
			continue
		}
		now := j.lastSeen(j.team, id, partitions, j.at)
		if now.Alive.IsZero() {
			now.Alive = seen[id].Alive // from before a restart
		}
		seen[id] = now
	}

	j.world.Seen = seen
	if len(present) >= len(j.world.Members) {
		j.world.Duplicate = j.team.work.Duplicate
	}
}

// lastSeen returns what the sweep at a time knows of a member of the team.
func (r *Room) lastSeen(t *teamState, id string, partitions []int32, at time.Time) lastSeen {
	out := lastSeen{At: at}
	for _, p := range partitions {
		committed, known := t.commits[p]
		out.Blank = out.Blank || !known
		out.Behind += max(r.topic.endOf(p)-r.topic.firstFrom(p, committed), 0)
		if int(p) >= len(t.lanes) {
			continue
		}

		l := &t.lanes[p]
		if l.owner != id {
			continue
		}
		if l.aliveAt.After(out.Alive) {
			out.Alive = l.aliveAt
		}
		if !l.waitingAt.IsZero() && (out.Due.IsZero() || l.due().Before(out.Due)) {
			out.Due = l.due()
		}
	}
	return out
}
