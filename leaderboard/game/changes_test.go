package game

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// While Postgres is unavailable, merged changes lose nothing, and the newest of replacing values wins.
func TestMergedChangesLoseNothing(t *testing.T) {
	state := func(text string) json.RawMessage { return json.RawMessage(text) }
	older := Changes{
		Round: 1, Begin: &Round{Number: 1}, Awards: []Award{{Team: 1, Badge: Connected}}, Events: []Event{{ID: 1}},
		States: map[int]json.RawMessage{1: state("old"), 2: state("two")}, Scores: &Scores{Round: 1, Behind: 1}, Freeze: &Frozen{Event: 1},
	}
	newer := Changes{
		Round: 1, Awards: []Award{{Team: 2, Badge: Scaled}}, Events: []Event{{ID: 2}}, States: map[int]json.RawMessage{1: state("new"), 3: state("three")},
	}
	want := Changes{
		Round: 1, Begin: older.Begin, Awards: []Award{older.Awards[0], newer.Awards[0]}, Events: []Event{{ID: 1}, {ID: 2}},
		States: map[int]json.RawMessage{1: state("new"), 2: state("two"), 3: state("three")}, Scores: older.Scores, Freeze: older.Freeze,
	}
	if got := older.Merge(newer); !reflect.DeepEqual(got, want) {
		t.Errorf("merged %+v, want %+v", got, want)
	}
	if string(older.States[1]) != "old" || len(older.Awards) != 1 {
		t.Errorf("what was merged has changed: %+v", older)
	}

	again := Changes{Begin: &Round{Number: 2}, Scores: &Scores{Round: 2}, Freeze: &Frozen{Event: 2}}
	if got := older.Merge(again); got.Begin != again.Begin || got.Scores != again.Scores || got.Freeze != again.Freeze {
		t.Errorf("the newer is not taken: %+v", got)
	}
	if got := older.Merge(Changes{Reveal: true}); !got.Reveal || got.Freeze != nil {
		t.Errorf("the freeze that was lifted is back: %+v", got)
	}
	if got := (Changes{Reveal: true}).Merge(Changes{Events: []Event{{ID: 3}}}); !got.Reveal {
		t.Errorf("the freeze is not lifted: %+v", got)
	}
}

// Awards that a leaderboard could not store before another took over are offered to the stored room.
func TestAdoptedBadges(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 3)
	s.sweep(GroupFact{Team: 1, State: "NotJoined"}, stable(2, "a:0"))
	s.restart()
	earned := func(round, team int, badge string) Award {
		return Award{Round: round, Team: team, Badge: badge, At: s.now, First: true, Evidence: json.RawMessage(`{}`)}
	}
	c := s.room.Adopt([]Award{
		earned(1, 1, Connected), // team 2 was the first meanwhile
		earned(1, 2, Connected), // stored already
		earned(1, 3, Scaled),
		earned(7, 1, Spare), // of another round
		earned(1, 9, Scaled),
	})

	want := []Award{earned(1, 1, Connected), earned(1, 3, Scaled)}
	want[0].First = false
	if !reflect.DeepEqual(c.Awards, want) || c.Round != 1 {
		t.Errorf("to be stored: %+v, want %+v", c.Awards, want)
	}
	if got := s.team(3).Points; got != 0 {
		t.Errorf("%d points are shown before they are stored", got)
	}
	s.store(c)
	for team, want := range map[int]int{1: 100, 2: 110, 3: 110} {
		if got := s.team(team).Points; got != want {
			t.Errorf("team %d has %d points, want %d", team, got, want)
		}
	}
}

func TestABadgeThatIsNotStoredShowsNowhere(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	c := s.room.Sweep(Sweep{At: s.now, Topic: TopicFact{ID: "aa", End: s.end}, Groups: []GroupFact{stable(1, "a:0")}})
	if got := s.team(1).Badges; len(got) != 0 {
		t.Errorf("badges %+v", got)
	}
	s.room.Stored(c)
	s.wants(1, Connected)
}

func TestABadgeTakenBackTakesItsPoints(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.sweep(stable(1, "a:0"))
	act, err := s.room.RemoveBadge(s.now, 1, Connected)
	if err != nil {
		t.Fatal(err)
	}
	s.do(act)
	if got := s.team(1).Points; got != 0 {
		t.Errorf("%d points are left", got)
	}
}

// Counts that come with an error are as old as the last good ones, which were stored with their offsets.
func TestCountsOfAReadThatFailedAreNotStored(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	works := []Work{{Team: 1, Accepted: 3}}
	if c := s.room.Scores(Scores{At: s.now, Round: 1, Teams: works, Err: "away"}); c.Scores != nil {
		t.Errorf("to be stored: %+v", c.Scores)
	}
	if c := s.room.Scores(Scores{At: s.now, Round: 1, Teams: works}); c.Scores == nil {
		t.Error("good counts are not stored")
	}
}

// A topic that was recreated while the leaderboard was down is detected at the start.
func TestATopicMadeAnewWhileWeWereAway(t *testing.T) {
	s := newStage(t, workshop.RebalancingDemo, 1)
	s.produce(100).sweep(stable(1, "a:0,1,2,3", 100, 100, 100, 100))
	s.do(s.room.Begin(s.now))
	s.restart()
	s.id, s.end = "bb", []int64{5, 5, 5, 5}
	s.after(time.Second).sweep(stable(1, "a:0,1,2,3", 3, 3, 3, 3))
	if r := s.room.Round(); r.TopicID != "bb" || r.StartOf(0) != 0 {
		t.Errorf("the round begins at %+v", r)
	}
}

// Commits of the last round do not count in this one, even after a restart.
func TestCommitsOfTheLastRoundBeginNothing(t *testing.T) {
	s := newStage(t, workshop.RebalancingDemo, 1)
	s.produce(10).sweep(stable(1, "a:0,1,2,3", 10, 10, 10, 10))
	s.do(s.room.Begin(s.now))
	s.restart()
	s.after(time.Second).sweep(stable(1, "a:0,1,2,3", 10, 10, 10, 10))
	if s.room.teams[0].Began {
		t.Error("a commit that did not move counts as one of this round")
	}
}
