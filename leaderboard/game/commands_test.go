package game

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

func TestANewRoundStartsCleanAndWhoStandsThereEarnsNothing(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	split := stable(1, "a:0,1,2 b:3,4", 1, 1, 1, 1, 1)
	s.produce(10).sweep(split)
	s.wants(1, Connected, Scaled)
	s.do(s.room.Begin(s.now))
	if s.room.Round().Number != 2 || s.room.Round().StartOf(3) != 10 {
		t.Fatalf("round %+v", s.room.Round())
	}
	s.after(time.Second).sweep(split)
	s.after(time.Second).restart()
	s.sweep(split)
	s.wants(1)
	if got := len(s.team(1).Members); got != 2 {
		t.Fatalf("%d members after a new round, want 2", got)
	}
	s.after(time.Second).sweep(stable(1, "a:0,1 b:2,3 c:4", 1, 1, 1, 1, 1))
	s.wants(1, Connected, Scaled)
}

func TestFreezeHidesTheScoreAndNotTheLanes(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 2)
	s.sweep(stable(1, "a:0,1,2,3,4"))
	act, err := s.room.Freeze(s.now)
	if err != nil {
		t.Fatal(err)
	}
	s.do(act)
	if _, err := s.room.Freeze(s.now); !errors.Is(err, ErrFrozen) {
		t.Fatalf("frozen twice: %v", err)
	}
	s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4"), stable(2, "c:0"))
	s.scores(Work{Team: 1, Accepted: 3, Rejected: 1, Rejections: []Rejection{{Reason: "wrong"}}, Processed: 9})
	check := func() {
		t.Helper()
		room, truth := s.room.Boards()
		one, two := room.Teams[0], room.Teams[1]
		if !room.Frozen || one.Points != 110 || two.Points != 0 || len(two.Badges) != 0 || one.Rank != 1 || two.Rank != 2 {
			t.Errorf("the room sees %+v and %+v", one, two)
		}
		if one.Actions != (Counts{}) || one.Precision != nil || len(one.Rejected) != 0 || one.Reported != (Reported{}) {
			t.Errorf("the room sees actions: %+v", one)
		}
		if len(one.Members) != 2 {
			t.Errorf("the room sees %d members, want 2", len(one.Members))
		}
		text, err := json.Marshal([]any{room.Ticker, one.Events, two.Events})
		if err != nil || strings.Contains(string(text), "scale") || strings.Contains(string(text), "team-2 connects") {
			t.Errorf("news of the score leaks: %s %v", text, err)
		}
		if truth.Teams[0].Points != 330 || truth.Teams[1].Points != 100 {
			t.Errorf("the truth is %d and %d points", truth.Teams[0].Points, truth.Teams[1].Points)
		}
	}
	check()
	s.restart()
	s.sweep(stable(1, "a:0,1,2 b:3,4"), stable(2, "c:0"))
	check()
	act, err = s.room.Reveal(s.now, RevealAll)
	if err != nil {
		t.Fatal(err)
	}
	s.do(act)
	if room, _ := s.room.Boards(); room.Frozen || room.Teams[0].Points != 330 {
		t.Errorf("revealed, the room sees %d points", room.Teams[0].Points)
	}
}

func TestANewRoundLiftsTheFreeze(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	act, err := s.room.Freeze(s.now)
	if err != nil {
		t.Fatal(err)
	}
	s.do(act)
	s.do(s.room.Begin(s.now))
	s.restart()
	if room, _ := s.room.Boards(); room.Frozen {
		t.Fatal("frozen in a new round")
	}
}

func TestABadgeTakenBackStaysAway(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 2)
	s.sweep(stable(1, "a:0"))
	if _, err := s.room.RemoveBadge(s.now, 2, Connected); !errors.Is(err, ErrNoBadge) {
		t.Fatalf("took a badge that was not there: %v", err)
	}
	act, err := s.room.RemoveBadge(s.now, 1, Connected)
	if err != nil {
		t.Fatal(err)
	}
	s.do(act)
	s.after(time.Second).sweep(stable(1, "a:0"))
	s.wants(1)
	s.after(time.Second).sweep(stable(1, "a:0"), stable(2, "b:0"))
	if got := s.team(2).Points; got != 110 {
		t.Fatalf("%d points for the first that keeps it, want 110", got)
	}
}

func TestABadgeShowsOnlyOnceItIsStored(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	c := s.room.Sweep(Sweep{At: s.now, Topic: TopicFact{ID: "aa", End: s.end}, Groups: []GroupFact{stable(1, "a:0")}})
	room, _ := s.room.Boards()
	if len(c.Awards) != 1 || room.Teams[0].Points != 0 || len(room.Ticker) != 1 || len(room.Teams[0].Events) != 2 {
		t.Fatalf("awards %v, board %+v", c.Awards, room.Teams[0])
	}
	s.room.Stored(c)
	room, _ = s.room.Boards()
	if room.Teams[0].Points != 110 || len(room.Ticker) != 2 {
		t.Fatalf("stored, and not shown: %+v", room.Teams[0])
	}
}

func TestTiesGoToWhoWasThereFirst(t *testing.T) {
	later := t0.Add(time.Minute)
	ranks := rankTeams([]standing{{1, 200, later}, {2, 200, t0}, {10, 0, time.Time{}}, {9, 0, time.Time{}}, {3, 300, later}})
	for team, want := range map[int]int{3: 1, 2: 2, 1: 3, 9: 4, 10: 5} {
		if ranks[team] != want {
			t.Errorf("team %d is %d, want %d", team, ranks[team], want)
		}
	}
}

func TestMessageAndNames(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.do(s.room.SetMessage(s.now, "now: stop one member"))
	act, err := s.room.Rename(s.now, 1, "<b>Lanes</b>")
	if err != nil {
		t.Fatal(err)
	}
	s.do(act)
	room, _ := s.room.Boards()
	if room.Message != "now: stop one member" || room.Teams[0].Name != "<b>Lanes</b>" {
		t.Fatalf("%q, %q", room.Message, room.Teams[0].Name)
	}
	if _, err := s.room.Rename(s.now, 2, "x"); !errors.Is(err, ErrNoTeam) {
		t.Fatalf("renamed a team that is not there: %v", err)
	}
}

func TestATopicMadeAnewCountsFromZero(t *testing.T) {
	s := newStage(t, workshop.RebalancingDemo, 1)
	s.produce(100).sweep(stable(1, "a:0,1,2,3", 100, 100, 100, 100))
	s.do(s.room.Begin(s.now))
	s.id, s.end = "bb", make([]int64, 4)
	s.after(time.Second).produce(5).sweep(stable(1, "a:0,1,2,3"))
	s.after(time.Second).sweep(stable(1, "a:0,1,2,3", 3))
	s.wants(1, FirstLoad)
	if s.saved.Round.TopicID != "bb" || s.saved.Round.Number != 2 || s.saved.Round.StartOf(0) != 0 {
		t.Fatalf("stored: %+v", s.saved.Round)
	}
}
