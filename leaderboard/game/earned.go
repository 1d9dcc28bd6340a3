package game

import (
	"cmp"
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
)

// earned is a badge that a team has earned. It is shown only once it is stored.
type earned struct {
	Award
	stored bool
}

// earnings holds what a team has earned in the round.
type earnings struct {
	byBadge map[string]*earned
	shown   *scorecard // nil after a change
}

// A scorecard is what Views show of a team's badges. It is never modified.
type scorecard struct {
	badges   []Earned // stored and not removed, in the order of the rules
	awards   []Award  // stored, by time, including removed ones
	standing standing // from the stored badges
	waits    bool     // some badge is not stored yet
}

// of returns the badge, whether stored or removed, or nil if it was not earned.
func (e *earnings) of(badge string) *earned { return e.byBadge[badge] }

func (e *earnings) add(a Award, stored bool) {
	if e.byBadge == nil {
		e.byBadge = map[string]*earned{}
	}
	e.byBadge[a.Badge] = &earned{a, stored}
	e.shown = nil
}

// store marks the badge as stored, so that it is shown.
func (e *earnings) store(badge string) {
	if won := e.byBadge[badge]; won != nil {
		won.stored = true
		e.shown = nil
	}
}

func (e *earnings) remove(won *earned, at time.Time) {
	won.Removed = &at
	e.shown = nil
}

func (e *earnings) scorecard() *scorecard {
	if e.shown == nil {
		e.shown = e.count()
	}
	return e.shown
}

func (e *earnings) count() *scorecard {
	s := scorecard{badges: []Earned{}}
	for _, won := range e.byBadge {
		if !won.stored {
			s.waits = true
			continue
		}
		s.awards = append(s.awards, won.Award)
		s.standing.add(won.Award)
	}
	slices.SortFunc(s.awards, func(a, b Award) int { return cmp.Or(a.At.Compare(b.At), badgeIndex(a.Badge)-badgeIndex(b.Badge)) })

	for _, b := range badges {
		if won := e.byBadge[b.ID]; won != nil && won.stored && won.Removed == nil {
			s.badges = append(s.badges, Earned{b.ID, b.Icon, workshop.At(won.At), won.First})
		}
	}
	s.badges, s.awards = slices.Clip(s.badges), slices.Clip(s.awards)
	return &s
}
