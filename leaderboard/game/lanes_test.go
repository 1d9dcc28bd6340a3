package game

import (
	"math/rand/v2"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

const sweepGap = 250 * time.Millisecond

// A reading simulates lanes whose members commit every five seconds, in sweeps.
type reading struct {
	*stage
	each    []float64 // records per second by partition
	made    []float64
	commits []int64
	owners  string
	next    time.Time    // of the next commit
	dead    map[int]bool // lanes whose owner no longer commits
}

func newReading(t *testing.T, rate float64) *reading {
	r := &reading{stage: newStage(t, workshop.ScaleUp, 1), owners: "a:0,1,2 b:3,4", commits: make([]int64, 5), made: make([]float64, 5), dead: map[int]bool{}}
	for range 5 {
		r.each = append(r.each, rate)
	}
	r.next = r.now.Add(5 * time.Second)
	return r
}

// run sweeps for a while.
func (r *reading) run(d time.Duration) *reading {
	for end := r.now.Add(d); r.now.Before(end); {
		r.after(sweepGap)
		for p := range r.made {
			r.made[p] += r.each[p] * sweepGap.Seconds()
			r.end[p] = int64(r.made[p])
		}
		if !r.now.Before(r.next) {
			r.next = r.next.Add(5 * time.Second)
			for p := range r.commits {
				if !r.dead[p] {
					r.commits[p] = r.end[p]
				}
			}
		}
		r.sweep(stable(1, r.owners, r.commits...))
	}
	return r
}

// silent returns the silent lanes and since when they have been silent.
func (r *reading) silent() map[int32]time.Time {
	out := map[int32]time.Time{}
	for _, l := range r.team(1).Lanes {
		if l.SilentSince != nil {
			out[l.Partition] = l.SilentSince.Time
		}
	}
	return out
}

func TestALaneIsSilentOnceItsCommitIsLate(t *testing.T) {
	for _, rate := range []float64{0.1, 0.5, 2, 200} {
		r := newReading(t, rate).run(2 * time.Minute)
		if got := r.silent(); len(got) > 0 {
			t.Errorf("at %v/s: lanes of living owners are silent: %v", rate, got)
		}

		last := r.now
		r.dead = map[int]bool{3: true, 4: true}
		r.run(40 * time.Second)
		got := r.silent()
		if len(got) != 2 || got[3].Before(last.Add(-5*time.Second)) {
			t.Errorf("at %v/s: after 40 s without a commit: %v", rate, got)
		}
	}
}

// The board must show a crash within 3 s of the first missing commit.
func TestASilenceIsSeenInThreeSeconds(t *testing.T) {
	r := newReading(t, 2).run(31 * time.Second)
	r.dead = map[int]bool{3: true, 4: true}
	missing := r.next
	r.run(missing.Sub(r.now) + 3*time.Second)
	if got := r.silent(); len(got) != 2 {
		t.Errorf("3 s after the missing commit: %v", got)
	}

	r.owners = "a:0,1,2,3,4"
	r.run(sweepGap)
	if got := r.silent(); len(got) != 0 {
		t.Errorf("the new owner is blamed for the old one's silence: %v", got)
	}
}

// Members commit when the group rebalances, too. Those commits come early, so the next one of a member that keeps its lanes is
// not late.
func TestNoOwnerIsSilentAfterARebalance(t *testing.T) {
	r := newReading(t, 2)
	r.owners = "a:0,1,2,3,4"
	r.run(32 * time.Second)
	for _, owners := range []string{"a:0,1,2 b:3,4", "a:0,1 b:2,3 c:4", "a:0,1,2,3,4"} {
		r.owners = owners
		r.next = r.now // all commit, and again five seconds later
		for range 100 {
			if got := r.run(sweepGap).silent(); len(got) > 0 {
				t.Fatalf("%s: silent lanes %v at %v", owners, got, r.now)
			}
		}
		r.run(2 * time.Second) // off the beat
	}
}

// Owners that commit irregularly are silent only if a record waits longer than they have ever let one wait.
func TestNoLivingOwnerIsSilent(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 6 {
		r := newReading(t, 0)
		for p := range r.each {
			r.each[p] = rnd.Float64() * 3
		}
		for range 40 {
			r.run(5 * time.Second)
			if got := r.silent(); len(got) > 0 {
				t.Fatalf("rates %v: silent lanes %v", r.each, got)
			}
			for p := range r.each {
				if rnd.IntN(4) == 0 {
					r.each[p] = rnd.Float64() * rnd.Float64() * 3
				}
			}
		}
	}
}

func TestALaneCountsRecordsThatExist(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.start = []int64{0, 0, 0, 0, 80}
	s.produce(100).sweep(stable(1, "a:0,1,2 b:3", 90, 100, 0, 30, 10))
	lanes := s.team(1).Lanes
	for p, want := range []int64{10, 0, 100, 70, 20} {
		if l := lanes[p]; l.Lag == nil || *l.Lag != want || l.Moving || (l.Owner == nil) != (p == 4) {
			t.Errorf("lane %d: %+v, want a lag of %d", p, l, want)
		}
	}

	s.after(time.Second).sweep(group(1, "PreparingRebalance", "a:0,1,2 b:3", 90, 100, 0, 30, 10))
	for _, l := range s.team(1).Lanes {
		if !l.Moving || l.SilentSince != nil {
			t.Errorf("in a rebalance: %+v", l)
		}
	}
	if empty := s.room.teams[0].laneRows(nil, &topic{}, 3, s.now); len(empty) != 3 || empty[0].Lag != nil {
		t.Errorf("lanes of an unknown topic: %+v", empty)
	}
}

func TestTheTopicSharesItsRecords(t *testing.T) {
	r := newReading(t, 1)
	r.each[2] = 16
	r.run(20 * time.Second)
	public, _ := r.room.Boards()
	for _, p := range public.TopicPartitions {
		rate, share := 1.0, 0.05
		if p.Partition == 2 {
			rate, share = 16, 0.8
		}
		if p.Rate < rate*0.9 || p.Rate > rate*1.1 || p.Share < share*0.9 || p.Share > share*1.1 || p.End != r.end[p.Partition] {
			t.Errorf("partition %+v, want a rate of %v and a share of %v", p, rate, share)
		}
	}
}
