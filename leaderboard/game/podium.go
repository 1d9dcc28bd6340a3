package game

import (
	"cmp"
	"slices"
	"time"
)

// A Podium holds the first three teams of a round. The board shows it until the instructor dismisses it. It belongs to the
// room: it survives a restart and the start of the next round.
type Podium struct {
	Round  int     `json:"round"`  // the latest round that had one
	Places []Place `json:"places"` // the first place first; none once it was dismissed
}

// A Place is a team on the podium, as of the end of the round.
type Place struct {
	Team   int      `json:"team"`
	Name   string   `json:"name"`
	Rank   int      `json:"rank"`
	Points int      `json:"points"`
	Badges []Earned `json:"badges"`
}

const podiumPlaces = 3

// newPodium returns the podium of the current round, by the true score. Teams without points get no place.
func (r *Room) newPodium() Podium {
	_, truth := r.Boards()
	out := Podium{Round: r.round.Number, Places: []Place{}}
	for _, t := range truth.Teams {
		if t.Rank <= podiumPlaces && t.Points > 0 {
			out.Places = append(out.Places, Place{t.Team, t.Name, t.Rank, t.Points, t.Badges})
		}
	}
	slices.SortFunc(out.Places, func(a, b Place) int { return cmp.Compare(a.Rank, b.Rank) })
	return out
}

// DismissPodium replaces the podium with the teams again.
func (r *Room) DismissPodium(now time.Time) (Command, error) {
	if len(r.podium.Places) == 0 {
		return Command{}, ErrNoPodium
	}

	none := Podium{Round: r.podium.Round, Places: []Place{}}
	c := r.changes()
	c.Podium = &none
	return r.command(c, now, 0, podiumDismissed{}, func() { r.podium = none }), nil
}
