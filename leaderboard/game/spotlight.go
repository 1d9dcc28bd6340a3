package game

import (
	"time"

	"kafka-workshop/internal/workshop"
)

const (
	spotAtLeast = 10 * time.Second // the shortest time for a team in the spotlight, unless more happens elsewhere
	newsFor     = 15 * time.Second // how long an event makes its team interesting
)

// spot is the team in the spotlight while the board chooses.
type spot struct {
	team  int // 0 for none
	since time.Time
	shown map[int]time.Time // when each team was last in the spotlight
}

// Levels of interest in a team, from nothing to a crash.
const (
	nothingToSee = iota
	hasMembers
	hasNews
	isMoving
	isSilent
)

// interest returns the level of interest in a team.
func (t *teamState) interest(at time.Time) int {
	for _, l := range t.lanes {
		if !l.silentAt.IsZero() && !t.moves() {
			return isSilent
		}
	}
	switch {
	case t.moves():
		return isMoving
	case len(t.Members) == 0:
		return nothingToSee
	}

	for i := len(t.events) - 1; i >= 0; i-- {
		e := t.events[i]
		if at.Sub(e.At.Time) > newsFor {
			break
		}
		if e.Ticker && e.Kind != KindBadge {
			return hasNews
		}
	}
	return hasMembers
}

func (t *teamState) moves() bool { return len(t.moving) > 0 }

// moveSpotlight chooses the most interesting team. Of equal ones, the team that was shown least recently is next; a team in
// the spotlight stays for a while.
func (r *Room) moveSpotlight(at time.Time) {
	if r.position.Spotlight != workshop.SpotlightAuto {
		return
	}

	s := &r.spot
	best := r.team(s.team)
	most := nothingToSee
	if best != nil {
		most = best.interest(at)
	}
	settled := best != nil && at.Sub(s.since) < spotAtLeast
	for _, t := range r.teams {
		n := t.interest(at)
		if n == nothingToSee || t == best {
			continue
		}
		if n > most || !settled && n == most && (best == nil || s.shown[t.team].Before(s.shown[best.team])) {
			best, most = t, n
		}
	}

	if best == nil || most == nothingToSee {
		return
	}
	if best.team != s.team {
		s.team, s.since = best.team, at
	}
	if s.shown == nil {
		s.shown = map[int]time.Time{}
	}
	s.shown[s.team] = at
}

// Spotlight returns the setting of the spotlight.
func (r *Room) Spotlight() workshop.Spotlight { return r.position.Spotlight }

// spotlit returns the team that the board shows large, or 0.
func (r *Room) spotlit() int {
	if r.position.Spotlight == workshop.SpotlightAuto {
		return r.spot.team
	}
	return int(r.position.Spotlight)
}
