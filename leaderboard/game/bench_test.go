package game

import (
	"fmt"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// A tenth of the teams commit between two sweeps, and nothing else happens.
func BenchmarkStepOfATenth(b *testing.B) {
	for _, teams := range []int{100, 1000} {
		b.Run(fmt.Sprint(teams), func(b *testing.B) {
			s := newStage(b, workshop.ScaleUp, teams)
			s.produce(1 << 40)
			groups := make([]GroupFact, teams)
			commit := func(i int, at int64) { groups[i] = stable(i+1, "a:0 b:1 c:2 d:3 e:4", at, at, at, at, at) }
			for i := range groups {
				commit(i, 1)
			}
			s.sweep(groups...)
			at := int64(1)
			b.ReportAllocs()
			for b.Loop() {
				s.after(250 * time.Millisecond)
				at++
				for i := int(at) % 10; i < teams; i += 10 {
					commit(i, at)
				}
				s.sweep(groups...)
				s.room.Boards()
			}
		})
	}
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
