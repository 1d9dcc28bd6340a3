package game

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// sizes are the assignments of five partitions to one to five members.
var sizes = []string{"a:0,1,2,3,4", "a:0,1,2 b:3,4", "a:0,1 b:2,3 c:4", "a:0,1 b:2 c:3 d:4", "a:0 b:1 c:2 d:3 e:4"}

// foresee lets a team with that many members predict correctly what happens when another joins, and lets it join.
func (s *stage) foresee(members int) {
	s.t.Helper()
	s.after(time.Minute).sweep(stable(1, sizes[members-1]))
	right := slices.Index(s.room.question(AskSplit, 1).Options, sharesText(evenly(5, members+1)))
	s.ask(AskSplit, 1, right, right, (right+1)%3)
	s.after(time.Second).sweep(stable(1, sizes[members]))
}

func TestForesightIsThreeRightOnes(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10)
	for i := 1; i <= 3; i++ {
		s.foresee(i)
		s.wantOutcome(sharesText(evenly(5, i+1)))
		if has := s.room.teams[0].has(Foresight); has != (i == 3) {
			t.Errorf("after %d right ones the team has the badge: %v", i, has)
		}
		s.restart()
	}
	awards := s.team(1).Awards
	if text := awards[len(awards)-1].EvidenceText(); text != "The majority of the team's votes was right on 3 predictions." {
		t.Errorf("the evidence is %q", text)
	}

	s.do(s.room.Begin(s.now))
	if got := Foreseen(s.room.predictions, 1); len(got) != 0 {
		t.Errorf("a new round begins with %v", got)
	}
}

// An answer by hand counts like one from the facts, even if the process ends right after it.
func TestAnAnswerByHandCountsOverAKill(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10)
	s.foresee(1)
	s.foresee(2)
	s.after(time.Minute).sweep(stable(1, sizes[2]))
	s.ask(AskSplit, 1, 1, 1)
	s.after(decideWithin + time.Second)
	c, err := s.room.AnswerPrediction(s.now, 1)
	if err != nil {
		t.Fatal(err)
	}
	s.do(c)
	s.restart()
	s.after(time.Second).sweep(stable(1, sizes[2]))
	if !s.room.teams[0].has(Foresight) {
		t.Errorf("of %v predictions right, no Foresight", Foreseen(s.room.predictions, 1))
	}
}

func TestHowATeamVoted(t *testing.T) {
	p := Prediction{ClosedAt: t0, Tally: &Tally{
		Counts: []int{5, 4}, Teams: map[int][]int{1: {3, 1}, 2: {1, 1}, 3: {0, 1}},
		First: []int{4, 5}, FirstTeams: map[int][]int{1: {1, 3}},
	}}
	for team, want := range map[int]TeamVote{
		1: {Counts: []int{3, 1}, First: []int{1, 3}, Choice: 0},
		2: {Counts: []int{1, 1}, Choice: -1}, 3: {Counts: []int{0, 1}, Choice: 1}, 4: {Choice: -1},
	} {
		if got := p.Of(team); !slices.Equal(got.Counts, want.Counts) || !slices.Equal(got.First, want.First) || got.Choice != want.Choice || got.Right {
			t.Errorf("team %d, before the answer: %+v, want %+v", team, got, want)
		}
	}
	p.Answer = &Answer{Option: 1}
	for team, right := range map[int]bool{1: false, 2: false, 3: true, 4: false} {
		if got := p.Of(team).Right; got != right {
			t.Errorf("team %d is right: %v", team, got)
		}
	}
	p.ClosedAt = time.Time{}
	if got := p.Of(1); got.Counts != nil || got.First != nil {
		t.Errorf("while the vote is open: %+v", got)
	}
}

// During the freeze, the room votes and sees the answers, just as it sees the lanes. Who was right is part of the score.
func TestForesightHidesBehindTheFreeze(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10)
	s.foresee(1)
	s.foresee(2)
	before, _ := s.room.Boards()
	s.after(time.Second).freeze()
	s.foresee(3)
	s.wantOutcome("2 + 1 + 1 + 1")
	s.restart()
	s.after(time.Second).sweep(stable(1, sizes[3]))

	room, truth := s.room.Boards()
	was, is := before.Teams[0], room.Teams[0]
	if is.Points != was.Points || len(is.Badges) != len(was.Badges) || len(is.Awards) != len(was.Awards) || len(Foreseen(room.Predictions, 1)) != 2 {
		t.Errorf("the room sees %d points, %d badges, %v right", is.Points, len(is.Badges), Foreseen(room.Predictions, 1))
	}
	for _, e := range slices.Concat(room.Ticker, is.Events) {
		if e.Badge == Foresight || strings.Contains(e.Text, "foresight") {
			t.Errorf("the room sees %q", e.Text)
		}
	}
	last := room.Predictions[2]
	if !last.Hidden || last.Answer == nil || last.Of(1).Counts != nil || room.Predictions[1].Hidden {
		t.Errorf("the room sees %+v", last)
	}
	if room.Prediction.Answer == nil || !slices.Equal(room.Prediction.Counts, truth.Prediction.Counts) {
		t.Errorf("the room sees no answer: %+v", room.Prediction)
	}
	if t1 := truth.Teams[0]; !s.room.teams[0].has(Foresight) || t1.Points <= was.Points || len(Foreseen(truth.Predictions, 1)) != 3 || truth.Predictions[2].Hidden {
		t.Errorf("the truth is %d points, %v right", t1.Points, Foreseen(truth.Predictions, 1))
	}

	s.reveal(RevealAll)
	if room, _ := s.room.Boards(); len(Foreseen(room.Predictions, 1)) != 3 || room.Predictions[2].Hidden {
		t.Errorf("after the reveal: %+v", room.Predictions[2])
	}
}

func TestARoundThatEndsCancelsItsQuestion(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10).sweep(stable(1, sizes[0]))
	s.ask(AskSplit, 1)
	c := s.room.Begin(s.now)
	if got := c.Changes.Predictions; len(got) != 1 || got[0].Phase != PredictionCancelled || got[0].Round != 1 || got[0].Reason != "the round ended" {
		t.Errorf("stored: %+v", got)
	}
}

// A prediction's own events are those that the room's log has of it.
func TestTheEventsOfAPrediction(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 2)
	s.produce(10).sweep(stable(1, sizes[0]))
	c, err := s.room.OpenPrediction(s.now, AskSplit, 1)
	if err != nil {
		t.Fatal(err)
	}
	s.do(c)
	if c, err = s.room.VoteAgain(s.after(time.Second).now, Tally{Counts: make([]int, 4)}); err != nil {
		t.Fatal(err)
	}
	s.do(c)
	s.after(time.Second).close(1, 1, 2)
	s.after(time.Second).sweep(stable(1, sizes[1]))

	var logged, told []string
	for _, e := range s.room.Log() {
		if e.Kind == KindPrediction {
			logged = append(logged, e.At.String()+e.Text)
		}
	}
	for _, e := range s.room.predictions[0].Events() {
		told = append(told, e.At.String()+e.Text)
	}
	if !slices.Equal(logged, told) || len(told) != 4 {
		t.Errorf("the log has\n%s\nthe prediction tells\n%s", strings.Join(logged, "\n"), strings.Join(told, "\n"))
	}
}

// A question about the topic concerns every team: it is on each timeline.
func TestAQuestionAboutTheTopicConcernsEveryTeam(t *testing.T) {
	r := newReading(t, 5)
	r.load = &LoadFact{Rate: 25, Keys: workshop.KeysNull, FixedKeys: 4}
	r.run(10 * time.Second)
	r.ask(AskKeys, 0)
	r.restart()
	for _, team := range r.room.teams {
		if !slices.ContainsFunc(team.events, func(e Event) bool { return e.Kind == KindPrediction && strings.Contains(e.Text, "has one of 4 keys") }) {
			t.Errorf("team %d has no such event", team.team)
		}
	}
	record := RoundExport{Teams: []TeamExport{{Team: 1}, {Team: 2}}, Events: []Event{{Kind: KindPrediction}, {Kind: KindInstructor}, {Team: 2, Kind: KindJoin}}}.Record()
	if one, two := len(record.Teams[0].Events), len(record.Teams[1].Events); one != 1 || two != 2 {
		t.Errorf("of a round that has ended, the teams have %d and %d events", one, two)
	}
}
