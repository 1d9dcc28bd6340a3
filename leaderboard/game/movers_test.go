package game

import (
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// Only what moves is hatched: everything with an eager assignor, only the movers with a cooperative one.
func TestWhatARebalanceStops(t *testing.T) {
	consumer := func(state, members string, movers ...int32) GroupFact {
		g := group(1, state, members)
		g.Protocol, g.Assignor, g.Moving, g.Movers = "consumer", "uniform", len(movers) > 0, movers
		return g
	}
	sticky := func(state, members string) GroupFact {
		g := group(1, state, members)
		g.Assignor = "cooperative-sticky"
		if state != "Stable" {
			g.Assignor = "" // the broker does not report it while the group rebalances
		}
		return g
	}
	for name, c := range map[string]struct {
		sweeps []GroupFact
		want   []int32
	}{
		"settled":                  {[]GroupFact{stable(1, "a:0,1,2,3,4")}, nil},
		"eager":                    {[]GroupFact{stable(1, "a:0,1,2,3,4"), group(1, "PreparingRebalance", "a: b:")}, []int32{0, 1, 2, 3, 4}},
		"cooperative, all owned":   {[]GroupFact{sticky("Stable", "a:0,1,2,3,4"), sticky("PreparingRebalance", "a: b:")}, nil},
		"cooperative, two let go":  {[]GroupFact{sticky("Stable", "a:0,1,2 b:"), sticky("PreparingRebalance", "a: b:")}, []int32{3, 4}},
		"the broker names movers":  {[]GroupFact{consumer("Stable", "a:0,1,2,3,4"), consumer("Reconciling", "a:0,1,2,3,4 b:", 3, 4)}, []int32{3, 4}},
		"let go and not taken yet": {[]GroupFact{consumer("Stable", "a:0,1,2,3,4"), consumer("Reconciling", "a:0,1,2 b:3", 4)}, []int32{4}},
		"settled again":            {[]GroupFact{group(1, "PreparingRebalance", "a: b:"), stable(1, "a:0,1,2 b:3,4")}, nil},
		"nobody there":             {[]GroupFact{group(1, "PreparingRebalance", "")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, workshop.ScaleUp, 1)
			for _, g := range c.sweeps {
				s.after(time.Second).sweep(g)
			}
			if got := s.team(1).Moving; !slices.Equal(got, c.want) {
				t.Errorf("moving %v, want %v", got, c.want)
			}
		})
	}
}
