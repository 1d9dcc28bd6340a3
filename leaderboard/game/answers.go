package game

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

const (
	noteAfter   = 3 * time.Second // until the note of a client that left has arrived
	rereadAfter = 30 * time.Second
	keysAfter   = 2 * time.Second // a producer has records of before in flight
	keysOver    = 10 * time.Second
	keysLeast   = 20 // records, to tell which partitions fill
)

// A world is what a prediction compares with: the group as it was when the vote closed, and what was seen of
// it since. It is stored, so that a restart goes on.
type world struct {
	Members    map[string][]int32 `json:"members"` // partitions by member
	Letters    map[string]string  `json:"letters"` // by member, as pages show them
	Partitions int                `json:"partitions"`
	Duplicate  int64              `json:"duplicate"` // actions, before anything happened

	// What was last seen of each member's lanes while the member was there: when a living owner had to have
	// committed, and since when nothing was committed.
	Due   map[string]time.Time `json:"due,omitempty"`
	Quiet map[string]time.Time `json:"quiet,omitempty"`

	// The change that is judged.
	Gone    string    `json:"gone,omitempty"` // the member that went
	GoneAt  time.Time `json:"gone_at,omitzero"`
	KeysAt  time.Time `json:"keys_at,omitzero"`
	KeysEnd []int64   `json:"keys_end,omitempty"` // log ends when the keys had changed
}

func (r *Room) worldOf(q Question) *world {
	w := &world{Partitions: r.partitions(), Members: map[string][]int32{}, Letters: map[string]string{}}
	if t := r.team(q.Team); t != nil {
		for _, m := range t.Members {
			w.Members[m.ID] = slices.Clone(m.Partitions)
			w.Letters[m.ID] = sign(m.Colour)
		}
		w.Duplicate = t.work.Duplicate
	}
	return w
}

// judgePrediction finds the answer in the facts, once the vote is closed.
func (r *Room) judgePrediction(at time.Time, c *Changes) {
	p := r.prediction
	if p == nil || p.Phase != PredictionClosed || p.World == nil {
		return
	}

	j := &judge{Room: r, question: p.Question, world: *p.World, team: r.team(p.Question.Team), at: at}
	switch p.Question.Kind {
	case AskKeys:
		j.keys()
	default:
		if j.team == nil || !j.team.staleAt.IsZero() && j.team.moving == nil || !r.topic.fresh {
			break // no fact to judge by
		}
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

// A judge looks for the answer of one question in one sweep.
type judge struct {
	*Room
	question Question
	world    world
	team     *teamState
	at       time.Time

	changed   bool // the world is to be stored
	answer    *Answer
	cancelled string
}

func (j *judge) decide(option int, evidence any, format string, args ...any) {
	text, err := json.Marshal(evidence)
	if err != nil {
		panic(fmt.Sprintf("encode evidence: %v", err)) // maps and figures only
	}
	j.answer = &Answer{Option: option, Because: fmt.Sprintf(format, args...), Evidence: text}
}

func (j *judge) cancel(format string, args ...any) { j.cancelled = fmt.Sprintf(format, args...) }

// unobserved ends the question in words: what happened does not decide it.
func (j *judge) unobserved(format string, args ...any) {
	j.cancel("could not be observed: "+format, args...)
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

	if j.world.Gone != "" { // the member is gone: what follows is seen over time
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
			j.cancel("%s changed otherwise: %s joined and %s left", t.name, countOf(len(joined), "member"), countOf(len(gone), "member"))
			return
		}
		j.joined(joined[0], present)
	default:
		if len(joined) != 0 || len(gone) != 1 {
			j.cancel("%s changed otherwise: %s joined and %s left", t.name, countOf(len(joined), "member"), countOf(len(gone), "member"))
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

// difference returns who is new and who is gone, sorted.
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

// watch keeps what is known of each member's commits while the member is there.
func (j *judge) watch(present map[string][]int32) {
	j.world.Due = map[string]time.Time{}
	j.world.Quiet = map[string]time.Time{}
	for id, partitions := range j.world.Members {
		if _, there := present[id]; !there {
			continue
		}
		for _, p := range partitions {
			if int(p) >= len(j.team.lanes) {
				continue
			}
			l := &j.team.lanes[p]
			if quiet := l.quietSince(); quiet.After(j.world.Quiet[id]) {
				j.world.Quiet[id] = quiet
			}
			if l.waitingAt.IsZero() {
				continue
			}
			if due, known := j.world.Due[id]; !known || l.due().Before(due) {
				j.world.Due[id] = l.due()
			}
		}
	}
	j.world.Duplicate = j.team.work.Duplicate
}

// joined answers what a join did: split and idle.
func (j *judge) joined(newcomer string, present map[string][]int32) {
	var sizes []int
	idle := 0
	for _, partitions := range present {
		if len(partitions) == 0 {
			idle++
			continue
		}
		sizes = append(sizes, len(partitions))
	}
	if covered := sum64(sizes); covered != j.world.Partitions {
		return // some partition has no owner yet
	}

	letters := map[string][]int32{}
	for _, m := range j.team.Members {
		letters[sign(m.Colour)] = m.Partitions
	}
	evidence := map[string]any{"before": byLetter(j.world), "after": letters}
	got := sharesText(sorted(slices.Clone(sizes)))

	if j.question.Kind == AskIdle {
		if idle != 1 {
			j.unobserved("%d members have nothing to read", idle)
			return
		}
		who := "the newcomer"
		if len(present[newcomer]) > 0 {
			who = "one that was there before: members are sorted by their IDs"
		}
		j.decide(1, evidence, "Each partition has one owner in a group, and all %d have one. The member without any is %s.", j.world.Partitions, who)
		return
	}

	for i := 0; i < idle; i++ {
		got += " + 0"
	}
	option := slices.Index(j.question.Options, got)
	if option < 0 {
		j.unobserved("the partitions are shared %s, which nobody could vote for", got)
		return
	}
	j.decide(option, evidence, "Each partition has one owner in a group. %s shares them out anew: %s.", upperFirst(j.assignorOf(j.team)), got)
}

func upperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

func sum64(sizes []int) int {
	n := 0
	for _, s := range sizes {
		n += s
	}
	return n
}

func byLetter(w world) map[string][]int32 {
	out := map[string][]int32{}
	for id, partitions := range w.Members {
		out[w.Letters[id]] = partitions
	}
	return out
}

// grown answers who gets a new partition.
func (j *judge) grown(joined, gone []string, settled bool) {
	if len(joined)+len(gone) > 0 {
		j.cancel("%s changed otherwise: %s joined and %s left", j.team.name, countOf(len(joined), "member"), countOf(len(gone), "member"))
		return
	}
	n := j.partitions()
	if n == j.world.Partitions {
		return
	}
	if n != j.world.Partitions+1 {
		j.cancel("the topic got %d partitions at once", n-j.world.Partitions)
		return
	}
	if !settled {
		return
	}

	owner := ownership(j.team.Members)
	if _, owned := owner[int32(n-1)]; !owned {
		return // groups look for partitions now and then: after 90 s the question ends undecided
	}
	moved := 0
	for id, partitions := range j.world.Members {
		for _, p := range partitions {
			if owner[p] != id {
				moved++
			}
		}
	}
	letters := map[string][]int32{}
	for _, m := range j.team.Members {
		letters[sign(m.Colour)] = m.Partitions
	}
	evidence := map[string]any{"before": byLetter(j.world), "after": letters}
	if moved == 0 {
		j.decide(1, evidence, "P%d went to one member, and no other lane changed hands.", n-1)
		return
	}
	j.decide(2, evidence, "P%d has an owner, and %d other lanes changed hands with it.", n-1, moved)
}

// afterDeparture answers what followed when a member went: silence, goodbye, resume and twice.
func (j *judge) afterDeparture(joined, gone []string, settled bool) {
	if len(joined) != 0 || len(gone) != 1 || gone[0] != j.world.Gone {
		j.cancel("%s changed once more before it was clear: %s joined and %s left", j.team.name, countOf(len(joined), "member"), countOf(len(gone), "member"))
		return
	}
	since := j.at.Sub(j.world.GoneAt)
	if since < noteAfter || !settled {
		return // a note of the member may be on its way
	}

	letter := j.world.Letters[j.world.Gone]
	kind := KindGone
	for _, d := range j.team.departed {
		if d.member == j.world.Gone {
			if i := indexEvent(j.team.events, d.event); i >= 0 {
				kind = j.team.events[i].Kind
			}
		}
	}
	switch j.question.Kind {
	case AskSilence:
		if kind == KindLeave {
			j.cancel("member %s left by itself: it was not killed", letter)
			return
		}
		j.silence(letter)
	case AskGoodbye:
		if kind == KindTimeout {
			j.cancel("member %s timed out: it was killed, not stopped", letter)
			return
		}
		j.goodbye(letter)
	default:
		if kind == KindLeave {
			j.cancel("member %s left by itself: it was not killed", letter)
			return
		}
		j.reread(letter, since)
	}
}

// silence bounds when the member died: after its last commit, and before the one that did not come.
func (j *judge) silence(letter string) {
	id := j.world.Gone
	quiet, known := j.world.Quiet[id]
	due, waited := j.world.Due[id]
	if !known || !waited {
		j.unobserved("no record waited for member %s, so nobody can tell when it died", letter)
		return
	}
	most := j.world.GoneAt.Sub(quiet).Seconds()
	least := max(j.world.GoneAt.Sub(due).Seconds(), 0)
	j.delay(letter, least, most, "Nobody knew that member %s was dead until its session timed out: its partitions were not read for %s.")
}

// goodbye bounds when the member left: its note says so, else its last commit.
func (j *judge) goodbye(letter string) {
	id := j.world.Gone
	most := j.world.GoneAt.Sub(j.world.Quiet[id]).Seconds()
	least := 0.0
	if at, noted := j.team.leaving[id]; noted {
		most = max(j.world.GoneAt.Sub(at).Seconds(), 0)
	} else if j.world.Quiet[id].IsZero() {
		j.unobserved("no commit of member %s was seen", letter)
		return
	}
	j.delay(letter, least, most, "Member %s said goodbye, so the group shared its partitions out at once: they were not read for %s.")
}

// delay answers with the option that holds both bounds.
func (j *judge) delay(letter string, least, most float64, because string) {
	evidence := map[string]any{"least_s": round1(least), "most_s": round1(most), "partitions": j.world.Members[j.world.Gone]}
	for i, d := range delays {
		if least >= d.from && most < d.to {
			text := fmt.Sprintf("%.0f to %.0f s", least, most)
			if most < 3 {
				text = fmt.Sprintf("at most %.1f s", most)
			}
			j.decide(i, evidence, because, letter, text)
			return
		}
	}
	j.unobserved("it was between %.0f and %.0f s, which is more than one of the options", least, most)
}

// reread answers from duplicates: actions about users that the member had read and not committed.
func (j *judge) reread(letter string, since time.Duration) {
	again := j.team.work.Duplicate - j.world.Duplicate
	if again <= 0 {
		if since > rereadAfter {
			j.unobserved("no action came twice in %.0f s: member %s had just committed, or found nobody", since.Seconds(), letter)
		}
		return
	}
	if since < 2*noteAfter {
		return // more may come
	}

	evidence := map[string]any{"duplicates": again, "accepted": j.team.work.Accepted, "partitions": j.world.Members[j.world.Gone]}
	if again >= j.team.work.Accepted/2 {
		if j.question.Kind == AskTwice {
			j.decide(2, evidence, "%d actions came twice: the new owners began far behind the last commit.", again)
			return
		}
		j.decide(0, evidence, "%d actions came twice: the new owners began far behind the last commit.", again)
		return
	}
	j.decide(1, evidence, "%s came twice: member %s had read those records and not committed them, so the new owner read them again from the last commit.",
		countOf(int(again), "action"), letter)
}

// keys answers how many partitions fill once records have few keys.
func (j *judge) keys() {
	l := j.load
	if l == nil || !j.topic.fresh {
		return
	}
	if j.partitions() != j.world.Partitions {
		j.cancel("the topic has %d partitions now: the question was about %d", j.partitions(), j.world.Partitions)
		return
	}
	if l.Keys != workshop.KeysFixed {
		if j.world.KeysEnd != nil {
			j.cancel("the keys were changed again before it was clear")
		}
		return
	}
	switch {
	case j.world.KeysAt.IsZero():
		j.world.KeysAt = j.at
		j.changed = true
		return
	case j.at.Sub(j.world.KeysAt) < keysAfter:
		return
	case j.world.KeysEnd == nil:
		j.world.KeysEnd = slices.Clone(j.topic.end)
		j.changed = true
		return
	case j.at.Sub(j.world.KeysAt) < keysAfter+keysOver:
		return
	}

	filled, records := 0, int64(0)
	for p, end := range j.topic.end {
		if grew := end - j.world.KeysEnd[p]; grew > 0 {
			filled++
			records += grew
		}
	}
	if records < keysLeast {
		j.unobserved("only %d records came in %.0f s", records, keysOver.Seconds())
		return
	}
	evidence := map[string]any{"filled": filled, "records": records, "keys": l.FixedKeys}
	switch {
	case filled == 1:
		j.decide(0, evidence, "All keys hash to one partition.")
	case filled <= l.FixedKeys:
		j.decide(1, evidence, "%d of %d partitions fill: a key always goes to the same one.", filled, j.world.Partitions)
	case filled == j.world.Partitions:
		j.decide(2, evidence, "All %d partitions fill.", filled)
	default:
		j.unobserved("%d partitions fill, which nobody could vote for", filled)
	}
}

// clonePredictions returns the round's predictions for a View.
func (r *Room) clonePredictions() []Prediction { return slices.Clone(r.predictions) }

// votesOf returns how a team's own voters voted on a prediction, by option; nil if none did.
func (p *Prediction) votesOf(team int) []int {
	if p.Tally == nil {
		return nil
	}
	return maps.Clone(p.Tally.Teams)[team]
}
