package game

import (
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

func TestConnectedAndScaled(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 2)
	s.sweep(stable(1, "a:0,1,2,3,4"), GroupFact{Team: 2, State: "NotJoined"})
	s.wants(1, Connected)
	s.after(time.Second).sweep(group(1, "PreparingRebalance", "a: b:"))
	s.wants(1, Connected)
	s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4"))
	s.wants(1, Connected, Scaled)
	if got := s.team(1).Points; got != 220 {
		t.Fatalf("points %d, want 2 × 100 and twice first", got)
	}
	s.after(time.Second).sweep(empty(1))
	s.wants(1, Connected, Scaled)
}

func TestAMemberOfAnotherTopicConnectsNothing(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	g := stable(1, "a:")
	g.Members[0].OnTopic = false
	s.sweep(g)
	s.wants(1)
}

func TestOneOwnerAndAnIdleMemberAreNotScaled(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.sweep(stable(1, "a:0,1,2,3,4 b:"))
	s.wants(1, Connected)
}

func TestTeamsThatEarnInTheSameSweepShareFirst(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 3)
	s.sweep(stable(1, "a:0"), stable(2, "b:0"))
	s.after(time.Second).sweep(stable(3, "c:0"))
	for team, want := range map[int]int{1: 110, 2: 110, 3: 100} {
		if got := s.team(team).Points; got != want {
			t.Errorf("team %d has %d points, want %d", team, got, want)
		}
	}
}

func TestFullHouseAndSpare(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	full := stable(1, "a:0 b:1 c:2 d:3 e:4")
	s.sweep(full)
	s.wants(1, Connected, Scaled, FullHouse)
	six := stable(1, "a:0 b:1 c:2 d:3 e:4 f:")
	s.after(time.Second).sweep(six)
	s.after(4 * time.Second).sweep(six)
	s.wants(1, Connected, Scaled, FullHouse)
	s.after(time.Second).sweep(six)
	s.wants(1, Connected, Scaled, FullHouse, Spare)
}

func TestSpareWaitsAnewAfterARebalance(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.sweep(stable(1, "a:0,1,2,3,4 b:"))
	s.after(4 * time.Second).sweep(stable(1, "a: b:0,1,2,3,4")) // between two sweeps
	s.after(4 * time.Second).sweep(stable(1, "a: b:0,1,2,3,4"))
	s.wants(1, Connected)
	s.after(time.Second).sweep(stable(1, "a: b:0,1,2,3,4"))
	s.wants(1, Connected, Spare)
}

func TestSpareOutlivesARestartAndAMissingAnswer(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	g := stable(1, "a:0,1,2,3,4 b:")
	s.sweep(g)
	s.after(2 * time.Second).sweep(GroupFact{Team: 1, Err: "away"})
	s.after(2 * time.Second).restart()
	s.after(time.Second).sweep(g)
	s.wants(1, Connected, Spare)
}

func TestFaultTolerant(t *testing.T) {
	type step struct {
		after   time.Duration
		produce int64
		group   GroupFact
		want    bool
	}
	for name, steps := range map[string][]step{
		"crash, taken over and gone on with": {
			{time.Second, 10, stable(1, "a:0,1,2,3,4", 10, 10, 10, 10, 10), false},
			{time.Second, 10, stable(1, "a:0,1,2,3,4", 20, 20, 20, 20, 20), true},
		},
		"nothing more came": {
			{time.Second, 0, stable(1, "a:0,1,2,3,4", 10, 10, 10, 10, 10), true},
		},
		"records came and are not read": {
			{time.Second, 10, stable(1, "a:0,1,2,3,4", 20, 20, 20, 10, 10), false},
			{time.Second, 10, stable(1, "a:0,1,2,3,4", 20, 20, 20, 11, 10), false},
			{time.Second, 10, stable(1, "a:0,1,2,3,4", 20, 20, 20, 11, 12), true},
		},
		"one that came later took over": {
			{time.Second, 0, stable(1, "a:0,1,2 c:3,4", 10, 10, 10, 10, 10), false},
			{time.Second, 0, stable(1, "a:0,1,2,3 c:4", 10, 10, 10, 10, 10), false},
			{time.Second, 0, stable(1, "a:0,1,2,3,4 c:", 10, 10, 10, 10, 10), true},
		},
		"too late": {
			{time.Second, 10, stable(1, "a:0,1,2,3,4", 20, 20, 20, 10, 10), false},
			{61 * time.Second, 10, stable(1, "a:0,1,2,3,4", 30, 30, 30, 30, 30), false},
		},
		"seen in the middle of the rebalance": {
			{time.Second, 10, group(1, "PreparingRebalance", "a:", 10, 10, 10, 10, 10), false},
			{time.Second, 10, stable(1, "a:0,1,2,3,4", 10, 10, 10, 10, 10), false},
			{time.Second, 10, stable(1, "a:0,1,2,3,4", 20, 20, 20, 20, 20), true},
		},
		"everybody went": {
			{time.Second, 0, empty(1, 10, 10, 10, 10, 10), false},
			{time.Second, 10, stable(1, "c:0,1,2,3,4", 20, 20, 20, 20, 20), false},
		},
		"it came back under its own id": {
			{time.Second, 10, group(1, "PreparingRebalance", "a:", 10, 10, 10, 10, 10), false},
			{time.Second, 10, stable(1, "a:0,1,2 b:3,4", 30, 30, 30, 30, 30), false},
		},
		"an idle one went": {
			{time.Second, 0, stable(1, "a:0,1,2 b:3,4 c:", 10, 10, 10, 10, 10), false},
			{time.Second, 0, stable(1, "a:0,1,2 b:3,4", 10, 10, 10, 10, 10), false},
		},
	} {
		for _, restarts := range []bool{false, true} {
			s := newStage(t, workshop.ScaleUp, 1)
			s.produce(10).sweep(stable(1, "a:0,1,2 b:3,4", 10, 10, 10, 10, 10))
			for i, st := range steps {
				if restarts {
					s.restart()
				}
				s.after(st.after).produce(st.produce).sweep(st.group)
				if got := s.room.teams[0].has(FaultTolerant); got != st.want {
					t.Errorf("%s (restarts %v), step %d: %v, want %v", name, restarts, i, got, st.want)
				}
			}
		}
	}
}

func TestFirstLoadWithoutActions(t *testing.T) {
	s := newStage(t, workshop.RebalancingDemo, 2)
	s.produce(10).sweep(stable(1, "a:0,1,2,3"))
	s.wants(1, Connected)
	s.after(time.Second).sweep(stable(1, "a:0,1,2,3", 5, -1, -1, 3))
	s.wants(1, Connected, FirstLoad)
	s.after(time.Second).sweep(stable(1, "a:0,1,2,3", 10, -1, -1, 10), stable(2, "b:0,1,2,3", 10, 10, 10, 10))
	s.do(s.room.Begin(s.now))
	s.after(time.Second).sweep(stable(1, "a:0,1,2,3", 10, -1, -1, 10), stable(2, "b:0,1,2,3", 10, 10, 10, 10))
	s.wants(1)
	s.after(time.Second).produce(5).sweep(stable(1, "a:0,1,2,3", 12, -1, -1, 10))
	s.wants(1, FirstLoad)
}

func TestOffsetsSetByHandLoadNothing(t *testing.T) {
	s := newStage(t, workshop.RebalancingDemo, 1)
	s.produce(10).sweep(empty(1))
	s.after(time.Second).sweep(empty(1, 10, 10, 10, 10))
	s.after(time.Second).sweep(stable(1, "a:0,1,2,3", 10, 10, 10, 10))
	s.wants(1, Connected)
	s.after(time.Second).produce(1).sweep(stable(1, "a:0,1,2,3", 11, 11, 11, 11))
	s.wants(1, Connected, FirstLoad)
}

func TestBadgesByWork(t *testing.T) {
	for name, c := range map[string]struct {
		work Work
		want []string
	}{
		"nothing accepted":     {Work{Rejected: 10}, nil},
		"one accepted":         {Work{Accepted: 1}, []string{FirstLoad}},
		"stats":                {Work{StatsAt: t0}, []string{StatsPublished}},
		"exactly 100 verified": {Work{Accepted: 100, Found: 100, Meeting: 100}, []string{FirstLoad}},
		"sharp":                {Work{Accepted: 101, Rejected: 1, Found: 96, Meeting: 100}, []string{FirstLoad, Sharpshooter}},
		"not precise":          {Work{Accepted: 100, Rejected: 2, Found: 100, Meeting: 100}, []string{FirstLoad}},
		"misses some":          {Work{Accepted: 200, Found: 94, Meeting: 100}, []string{FirstLoad}},
		"duplicates are no verdict": {Work{Accepted: 90, Duplicate: 90, Unverifiable: 90, Found: 90, Meeting: 90},
			[]string{FirstLoad}},
	} {
		s := newStage(t, workshop.ScaleUp, 1)
		c.work.Team = 1
		s.scores(c.work)
		var got []string
		for _, e := range s.team(1).Badges {
			got = append(got, e.Badge)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestScoresOfAnotherRoundChangeNothing(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.room.Scores(Scores{At: s.now, Round: 7, Teams: []Work{{Team: 1, Accepted: 5}}})
	if got := s.team(1).Actions.Accepted; got != 0 {
		t.Fatalf("%d accepted actions from another round", got)
	}
}

func TestLagBuster(t *testing.T) {
	const lag = 300 // a partition
	for name, c := range map[string]struct {
		change func(s *stage, commit *[]int64, busy *bool)
		want   bool
	}{
		"reads it":        {func(*stage, *[]int64, *bool) {}, true},
		"load paused":     {func(s *stage, _ *[]int64, _ *bool) { s.load = &LoadFact{Rate: 10, Paused: true} }, false},
		"offsets by hand": {func(_ *stage, _ *[]int64, busy *bool) { *busy = false }, false},
	} {
		s := newStage(t, workshop.ScaleUp, 1)
		s.load = &LoadFact{Rate: 10}
		commit := []int64{1, 1, 1, 1, 1}
		busy := true
		look := func() {
			g := empty(1, commit...)
			if busy {
				g = stable(1, "a:0,1,2,3,4", commit...)
			}
			s.after(time.Second).produce(2).sweep(g)
		}
		s.sweep(stable(1, "a:0,1,2,3,4"))
		look()
		s.produce(lag) // a burst
		for range 35 {
			look()
		}
		if s.room.teams[0].Behind == nil {
			t.Fatalf("%s: 1,500 records and 35 s behind, and not armed", name)
		}
		c.change(s, &commit, &busy)
		look()
		look()
		for range 15 {
			commit = slices.Clone(s.end)
			look()
		}
		if got := s.room.teams[0].has(LagBuster); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestALagThatIsReadInTimeArmsNothing(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	for range 60 { // far behind in records, but never in time
		s.after(time.Second).produce(1000)
		s.sweep(stable(1, "a:0,1,2,3,4", s.end[0]-900, s.end[0]-900, s.end[0]-900, s.end[0]-900, s.end[0]-900))
	}
	if s.room.teams[0].Behind != nil {
		t.Fatal("a second behind armed lag_buster")
	}
}
