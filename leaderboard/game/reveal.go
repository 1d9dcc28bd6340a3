package game

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A revealState is the progress of the reveal of a frozen board.
type revealState struct {
	To      map[int]FrozenRow `json:"to"`   // the score when the reveal began, which is its final score
	Step    int               `json:"step"` // how many steps are shown
	Playing bool              `json:"playing"`
}

// How long the board shows a step before the next one: for a badge, and for a row that climbs.
const (
	revealPause = time.Second
	climbPause  = 2 * time.Second
)

// A revealStep shows one badge that a team earned, or lost, during the freeze.
type revealStep struct {
	Team    int
	Badge   Earned
	Removed bool
	Points  int // of the team after the step
	From    int // its rank before the step
	Rank    int // its rank after the step
}

// RevealProgress is the progress of a reveal.
type RevealProgress struct {
	Step    int    `json:"step"`
	Steps   int    `json:"steps"`
	Playing bool   `json:"playing"`
	Next    string `json:"next"` // what the next step shows, for the instructor only
}

// A scene is the score that a frozen board shows.
type scene struct {
	rows  map[int]FrozenRow
	steps []revealStep // of the whole reveal
}

// scene replays the reveal from its start to its current step. It depends only on the frozen score and the final score, so it
// is the same after a restart or a step back.
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
		step, ok := nextStep(rows, f.Reveal.To)
		if !ok {
			break
		}
		rows = applyStep(rows, step)
		step.Points = rows[step.Team].Points
		step.Rank = rows[step.Team].Rank
		s.steps = append(s.steps, step)
	}
	if s.rows == nil { // a step after the last
		s.rows = f.Reveal.To
	}
	return s
}

// nextStep returns the oldest hidden badge of the lowest row that has one; removed badges come first. When a team climbs, the
// next step is about the team that fell to that row.
func nextStep(rows, to map[int]FrozenRow) (revealStep, bool) {
	lowest := 0
	for n, end := range to {
		if (lowest == 0 || rows[n].Rank > rows[lowest].Rank) && !slices.EqualFunc(rows[n].Badges, end.Badges, sameEarned) {
			lowest = n
		}
	}
	if lowest == 0 {
		return revealStep{}, false
	}

	step := revealStep{Team: lowest, From: rows[lowest].Rank}
	shown, end := rows[lowest].Badges, to[lowest].Badges
	for _, b := range shown {
		if !containsEarned(end, b) {
			step.Badge, step.Removed = b, true
			return step, true
		}
	}

	hidden := slices.DeleteFunc(slices.Clone(end), func(b Earned) bool { return containsEarned(shown, b) })
	step.Badge = slices.MinFunc(hidden, func(a, b Earned) int { return a.EarnedAt.Compare(b.EarnedAt.Time) })
	return step, true
}

func sameEarned(a, b Earned) bool {
	return a.Badge == b.Badge && a.First == b.First && a.EarnedAt.Equal(b.EarnedAt.Time)
}

func containsEarned(badges []Earned, b Earned) bool {
	return slices.ContainsFunc(badges, func(x Earned) bool { return sameEarned(x, b) })
}

// applyStep returns the rows after a step. It does not modify rows.
func applyStep(rows map[int]FrozenRow, step revealStep) map[int]FrozenRow {
	out := maps.Clone(rows)
	row := out[step.Team]
	row.Badges = slices.Clone(row.Badges)
	if step.Removed {
		row.Badges = slices.DeleteFunc(row.Badges, func(b Earned) bool { return sameEarned(b, step.Badge) })
	} else {
		row.Badges = append(row.Badges, step.Badge)
		slices.SortFunc(row.Badges, func(a, b Earned) int { return cmp.Compare(badgeIndex(a.Badge), badgeIndex(b.Badge)) })
	}
	out[step.Team] = row

	standings := make([]standing, 0, len(out))
	for n, row := range out {
		s := standing{Team: n}
		for _, b := range row.Badges {
			s.add(Award{Badge: b.Badge, At: b.EarnedAt.Time, First: b.First})
		}
		standings = append(standings, s)
	}

	ranks := rankTeams(standings)
	for _, s := range standings {
		row := out[s.Team]
		row.Points, row.Rank = s.Points, ranks[s.Team]
		out[s.Team] = row
	}
	return out
}

// settledRows shows the final counts of every team that has no hidden badges left.
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

// revealProgress returns the reveal's progress, or nil without a reveal.
func (r *Room) revealProgress() *RevealProgress {
	if r.frozen == nil || r.frozen.Reveal == nil {
		return nil
	}
	v := r.frozen.Reveal
	out := &RevealProgress{Step: v.Step, Steps: len(r.scene.steps), Playing: v.Playing, Next: "the board is live again"}
	if v.Step < len(r.scene.steps) {
		out.Next = r.stepFact(r.scene.steps[v.Step]).text()
	}
	return out
}

func (r *Room) stepFact(s revealStep) badgeRevealed {
	name := nameOf(nil, s.Team)
	if t := r.team(s.Team); t != nil {
		name = t.name
	}
	return badgeRevealed{Name: name, Badge: s.Badge.Badge, Removed: s.Removed, Points: s.Points, From: s.From, Rank: s.Rank}
}

// turn returns the team that the current step is about, or 0.
func (s scene) turn(f *Frozen) int {
	if f.Reveal == nil || len(s.steps) == 0 {
		return 0
	}
	return s.steps[min(max(f.Reveal.Step-1, 0), len(s.steps)-1)].Team
}

// revealTicker returns the frozen ticker with a line for each step shown.
func (r *Room) revealTicker() []Event {
	out := r.frozen.Ticker
	if r.frozen.Reveal == nil {
		return out
	}
	for _, s := range r.scene.steps[:min(r.frozen.Reveal.Step, len(r.scene.steps))] {
		out = appendCapped(out, newEvent(s.Badge.EarnedAt.Time, s.Team, r.stepFact(s)), tickerSize)
	}
	return out
}

// What Reveal can do.
const (
	RevealPlay  = "play"  // show the steps one after another
	RevealPause = "pause" // stop playing
	RevealNext  = "next"  // show one step, and stop playing
	RevealBack  = "back"  // go back one step, and stop playing
	RevealAll   = "all"   // show everything at once
)

// Reveal shows the room what happened during the freeze, from the last rank up. The first call begins the reveal: with play,
// AdvanceReveal continues it; otherwise it waits before its first step.
func (r *Room) Reveal(now time.Time, how string) (Command, error) {
	if r.frozen == nil {
		return Command{}, ErrNotFrozen
	}
	if how == RevealAll {
		return r.endFreeze(now), nil
	}

	f := *r.frozen
	if f.Reveal == nil {
		f.Reveal = &revealState{To: r.snapshotScore(now).Teams, Playing: how == RevealPlay}
		if len(f.scene().steps) == 0 {
			return r.endFreeze(now), nil
		}
		c := r.changes()
		c.Freeze = &f
		return r.command(c, now, 0, revealBegan{}, func() { r.setFrozen(&f) }), nil
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
		return Command{}, fmt.Errorf("%w: %q", ErrReveal, how)
	}
	if v.Step > len(r.scene.steps) {
		return r.endFreeze(now), nil
	}

	f.Reveal = &v
	c := r.changes()
	c.Freeze = &f
	return Command{c, func() { r.setFrozen(&f) }}, nil
}

func (r *Room) endFreeze(now time.Time) Command {
	c := r.changes()
	c.Reveal = true
	podium := r.newPodium()
	c.Podium = &podium
	return r.command(c, now, 0, scoreRevealed{}, func() {
		r.setFrozen(nil)
		r.podium = podium
	})
}

// RevealDelay returns how long the board shows the current step before AdvanceReveal; ok is false unless a reveal is playing.
func (r *Room) RevealDelay() (d time.Duration, ok bool) {
	if r.frozen == nil || r.frozen.Reveal == nil || !r.frozen.Reveal.Playing {
		return 0, false
	}
	if n := r.frozen.Reveal.Step; n > 0 && n <= len(r.scene.steps) && r.scene.steps[n-1].Rank < r.scene.steps[n-1].From {
		return climbPause, true
	}
	return revealPause, true
}

// AdvanceReveal shows the next step of a playing reveal; after the last one, the board is live again. A step whose changes
// are not stored is shown again after a restart.
func (r *Room) AdvanceReveal(now time.Time) Changes {
	if _, playing := r.RevealDelay(); !playing {
		return Changes{}
	}

	f, v := *r.frozen, *r.frozen.Reveal
	v.Step++
	f.Reveal = &v
	if v.Step > len(r.scene.steps) {
		end := r.endFreeze(now)
		end.Apply()
		return end.Changes
	}

	r.setFrozen(&f)
	c := r.changes()
	c.Freeze = &f
	return c
}
