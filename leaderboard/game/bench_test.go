package game

import (
	"fmt"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// A tenth of the teams commit between two sweeps, and nothing else happens. In a growing log, records keep arriving, so that
// the lag of every lane changes with each sweep.
func BenchmarkStepOfATenth(b *testing.B) {
	for _, teams := range []int{100, 1000} {
		b.Run(fmt.Sprint(teams), func(b *testing.B) { stepOfATenth(b, teams, false) })
		b.Run(fmt.Sprintf("%d-growing", teams), func(b *testing.B) { stepOfATenth(b, teams, true) })
	}
}

func stepOfATenth(b *testing.B, teams int, growing bool) {
	s := newStage(b, workshop.ScaleUp, teams)
	s.produce(1 << 40)
	at := int64(1)
	if growing {
		at = s.end[0]
	}

	groups := make([]GroupFact, teams)
	for i := range groups {
		groups[i] = stable(i+1, "a:0 b:1 c:2 d:3 e:4", at, at, at, at, at)
	}
	s.sweep(groups...)
	for range 200 { // until every window of time that the rules use is full
		s.stepOfATenth(groups, &at, growing)
	}

	b.ReportAllocs()
	for b.Loop() {
		s.stepOfATenth(groups, &at, growing)
	}
}

func (s *stage) stepOfATenth(groups []GroupFact, at *int64, growing bool) {
	s.after(250 * time.Millisecond)
	*at++
	if growing {
		s.produce(1)
	}
	for i := int(*at) % 10; i < len(groups); i += 10 {
		groups[i].Committed = map[int32]int64{0: *at, 1: *at, 2: *at, 3: *at, 4: *at}
	}
	s.sweep(groups...)
	s.room.Boards()
}

// A step is a sweep of all teams with five members each, and the boards after it.
func BenchmarkStep(b *testing.B) {
	for _, teams := range []int{15, 100, 1000} {
		b.Run(fmt.Sprint(teams), func(b *testing.B) {
			s := newStage(b, workshop.ScaleUp, teams)
			b.ReportAllocs()
			for b.Loop() {
				s.after(500 * time.Millisecond).produce(2)
				groups := make([]GroupFact, teams)
				for i := range groups {
					c := s.end[0]
					groups[i] = stable(i+1, "a:0 b:1 c:2 d:3 e:4", c, c, c, c, c)
				}
				s.sweep(groups...)
				s.room.Boards()
			}
		})
	}
}
