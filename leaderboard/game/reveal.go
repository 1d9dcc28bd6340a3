package game

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Reveal is how far the room has been shown what happened behind the freeze.
type Reveal struct {
	To      map[int]FrozenRow `json:"to"`   // the score when the reveal began: what it ends with
	Step    int               `json:"step"` // how many hidden things are shown
	Playing bool              `json:"playing"`
}

// How long the room looks at a step: at a badge, and at a row that climbs.
const (
	revealPause = time.Second
	climbPause  = 2 * time.Second
)

// A RevealStep shows one hidden thing: a badge that a team earned, or had taken back.
type RevealStep struct {
	Team   int
	Badge  Earned
	Taken  bool
	Points int // of the team from then on
	From   int // its rank before
	Rank   int // and from then on
}

// A Revealing tells where a reveal stands.
type Revealing struct {
	Step    int    `json:"step"`
	Steps   int    `json:"steps"`
	Playing bool   `json:"playing"`
	Next    string `json:"next"` // what the next step shows, for the instructor alone
}

// A scene is what a frozen board shows at one moment of its reveal.
type scene struct {
	rows  map[int]FrozenRow
	steps []RevealStep // all of them, the shown ones first
}

// scene plays the reveal as far as its step. It depends on what was frozen and what it ends with
// alone, so that a restart, and a step back, show the same again.
func (f *Frozen) scene() scene {
	rows := maps.Clone(f.Teams)
	if f.Reveal == nil {
		return scene{rows: rows}
	}
	for _, team := range slices.Sorted(maps.Keys(f.Reveal.To)) {
		if _, ok := rows[team]; !ok {
			rows[team] = FrozenRow{Rank: len(rows) + 1, Badges: []Earned{}}
		}
	}
	s := scene{}
	for {
		if len(s.steps) == f.Reveal.Step {
			s.rows = settledRows(rows, f.Reveal.To)
		}
		team, badge, taken, ok := nextHidden(rows, f.Reveal.To)
		if !ok {
			break
		}
		step := RevealStep{Team: team, Badge: badge, Taken: taken, From: rows[team].Rank}
		rows = revealed(rows, team, badge, taken)
		step.Points, step.Rank = rows[team].Points, rows[team].Rank
		s.steps = append(s.steps, step)
	}
	if s.rows == nil { // a step beyond the last
		s.rows = f.Reveal.To
	}
	return s
}

// nextHidden is the oldest hidden thing of the lowest row that has one: when a team climbs, the same
// row comes again with whoever fell into it. What was taken back comes first.
func nextHidden(rows, to map[int]FrozenRow) (team int, badge Earned, taken, ok bool) {
	lowest := 0
	for n, end := range to {
		if (lowest == 0 || rows[n].Rank > rows[lowest].Rank) && !slices.EqualFunc(rows[n].Badges, end.Badges, sameEarned) {
			lowest = n
		}
	}
	if lowest == 0 {
		return 0, Earned{}, false, false
	}
	now, then := rows[lowest].Badges, to[lowest].Badges
	for _, b := range now {
		if !holds(then, b) {
			return lowest, b, true, true
		}
	}
	hidden := slices.DeleteFunc(slices.Clone(then), func(b Earned) bool { return holds(now, b) })
	return lowest, slices.MinFunc(hidden, func(a, b Earned) int { return a.EarnedAt.Compare(b.EarnedAt.Time) }), false, true
}

func sameEarned(a, b Earned) bool {
	return a.Badge == b.Badge && a.First == b.First && a.EarnedAt.Equal(b.EarnedAt.Time)
}

func holds(badges []Earned, b Earned) bool {
	return slices.ContainsFunc(badges, func(x Earned) bool { return sameEarned(x, b) })
}

// revealed is the rows after one hidden thing is shown; those before stay as they are.
func revealed(rows map[int]FrozenRow, team int, badge Earned, taken bool) map[int]FrozenRow {
	out := maps.Clone(rows)
	row := out[team]
	row.Badges = slices.DeleteFunc(slices.Clone(row.Badges), func(b Earned) bool { return taken && sameEarned(b, badge) })
	if !taken {
		row.Badges = append(row.Badges, badge)
		slices.SortFunc(row.Badges, func(a, b Earned) int { return cmp.Compare(place(a.Badge), place(b.Badge)) })
	}
	out[team] = row
	standings := make([]Standing, 0, len(out))
	for n, row := range out {
		s := Standing{Team: n}
		for _, b := range row.Badges {
			s.add(Award{Badge: b.Badge, At: b.EarnedAt.Time, First: b.First})
		}
		standings = append(standings, s)
	}
	ranks := Ranks(standings)
	for _, s := range standings {
		row := out[s.Team]
		row.Points, row.Rank = s.Points, ranks[s.Team]
		out[s.Team] = row
	}
	return out
}

// place is where a badge stands in the order of the rules.
func place(badge string) int {
	return slices.IndexFunc(badges, func(b Badge) bool { return b.ID == badge })
}

// settledRows shows all of a team that has no hidden badge left: its counts too.
func settledRows(rows, to map[int]FrozenRow) map[int]FrozenRow {
	out := maps.Clone(rows)
	for n, row := range out {
		end, ok := to[n]
		if ok && slices.EqualFunc(row.Badges, end.Badges, sameEarned) {
			end.Rank, end.Points = row.Rank, row.Points
			out[n] = end
		}
	}
	return out
}

// Revealing tells where the reveal stands; nil without one.
func (r *Room) Revealing() *Revealing {
	if r.frozen == nil || r.frozen.Reveal == nil {
		return nil
	}
	v := r.frozen.Reveal
	out := &Revealing{Step: v.Step, Steps: len(r.scene.steps), Playing: v.Playing, Next: "the board goes on live"}
	if v.Step < len(r.scene.steps) {
		out.Next = r.shows(r.scene.steps[v.Step]).text()
	}
	return out
}

// shows is what a step tells.
func (r *Room) shows(s RevealStep) Revealed {
	name := nameOf(nil, s.Team)
	if t := r.team(s.Team); t != nil {
		name = t.name
	}
	return Revealed{Name: name, Badge: s.Badge.Badge, Taken: s.Taken, Points: s.Points, From: s.From, Rank: s.Rank}
}

// turn is the team that the room looks at.
func (s scene) turn(f *Frozen) int {
	if f.Reveal == nil || len(s.steps) == 0 {
		return 0
	}
	return s.steps[min(max(f.Reveal.Step-1, 0), len(s.steps)-1)].Team
}

// told is the ticker: what was frozen, and a line a step.
func (r *Room) told() []Event {
	out := r.frozen.Ticker
	if r.frozen.Reveal == nil {
		return out
	}
	for _, s := range r.scene.steps[:min(r.frozen.Reveal.Step, len(r.scene.steps))] {
		out = appendKept(out, happened(s.Badge.EarnedAt.Time, s.Team, r.shows(s)), tickerSize)
	}
	return out
}

// setFrozen changes what the room sees of the score; nil shows it live.
func (r *Room) setFrozen(f *Frozen) {
	r.frozen, r.scene = f, scene{}
	if f != nil {
		r.scene = f.scene()
	}
}

// Ways of Reveal.
const (
	RevealPlay  = "play"  // go on by itself
	RevealPause = "pause" // stand still
	RevealNext  = "next"  // one step, and stand still
	RevealBack  = "back"  // one step back, and stand still
	RevealAll   = "all"   // show everything at once
)

// Reveal shows the room what was hidden, from the last place up. The first call begins it: with
// play it goes on by Advance, else it stands before its first step.
func (r *Room) Reveal(now time.Time, how string) (Act, error) {
	if r.frozen == nil {
		return Act{}, ErrNotFrozen
	}
	f := *r.frozen
	if how == RevealAll {
		return r.lift(now), nil
	}
	if f.Reveal == nil {
		f.Reveal = &Reveal{To: r.freeze(now).Teams, Playing: how == RevealPlay}
		if len(f.scene().steps) == 0 {
			return r.lift(now), nil
		}
		c := r.changes()
		c.Freeze = &f
		return r.act(c, now, 0, RevealBegan{}, func() { r.setFrozen(&f) }), nil
	}
	v := *f.Reveal
	v.Playing = how == RevealPlay
	switch how {
	case RevealPlay, RevealPause:
	case RevealNext:
		v.Step++
	case RevealBack:
		v.Step = max(v.Step-1, 0)
	default:
		return Act{}, fmt.Errorf("%w: %q", ErrReveal, how)
	}
	if v.Step > len(r.scene.steps) {
		return r.lift(now), nil
	}
	f.Reveal = &v
	c := r.changes()
	c.Freeze = &f
	return Act{c, func() { r.setFrozen(&f) }}, nil
}

// lift ends the freeze.
func (r *Room) lift(now time.Time) Act {
	c := r.changes()
	c.Reveal = true
	return r.act(c, now, 0, ScoreRevealed{}, func() { r.setFrozen(nil) })
}

// Pause is how long the room looks at what it sees before Advance; ok is false while no reveal plays.
func (r *Room) Pause() (d time.Duration, ok bool) {
	if r.frozen == nil || r.frozen.Reveal == nil || !r.frozen.Reveal.Playing {
		return 0, false
	}
	if n := r.frozen.Reveal.Step; n > 0 && n <= len(r.scene.steps) && r.scene.steps[n-1].Rank < r.scene.steps[n-1].From {
		return climbPause, true
	}
	return revealPause, true
}

// Advance shows the next step of a reveal that plays; after the last one the board is live again. A
// step whose changes are lost is shown once more after a restart.
func (r *Room) Advance(now time.Time) Changes {
	if _, playing := r.Pause(); !playing {
		return Changes{}
	}
	f, v := *r.frozen, *r.frozen.Reveal
	v.Step++
	f.Reveal = &v
	if v.Step > len(r.scene.steps) {
		act := r.lift(now)
		act.Apply()
		return act.Changes
	}
	r.setFrozen(&f)
	c := r.changes()
	c.Freeze = &f
	return c
}
