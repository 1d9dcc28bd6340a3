package game

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

func TestNobodyActs(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10).sweep(stable(1, "a:0,1,2,3,4"))
	s.ask(AskSplit, 1, 0)
	if _, err := s.room.AnswerPrediction(s.now, 0); !errors.Is(err, ErrFactsDecide) {
		t.Errorf("at once: %v", err)
	}
	for range 100 {
		s.after(time.Second).sweep(stable(1, "a:0,1,2,3,4"))
	}
	s.wantOutcome("closed could not be observed")
	c, err := s.room.AnswerPrediction(s.now, 2)
	if err != nil {
		t.Fatal(err)
	}
	s.do(c)
	if p := s.room.prediction; p.Phase != PredictionAnswered || !p.Answer.ByHand || p.Answer.Option != 2 {
		t.Errorf("%+v", p)
	}
}

func TestTheRoomVotesTwice(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10).sweep(stable(1, "a:0,1,2,3,4"))
	c, err := s.room.OpenPrediction(s.now, AskSplit, 0)
	if err != nil {
		t.Fatal(err)
	}
	s.do(c)
	if v := s.room.prediction.View(); v.Counts != nil || v.Answer != nil || len(v.Options) < 3 || len(v.Options) > 5 {
		t.Errorf("while it is open: %+v", v)
	}
	if _, err := s.room.OpenPrediction(s.now, AskSplit, 1); !errors.Is(err, ErrPredictionRunning) {
		t.Errorf("a second question: %v", err)
	}
	c, err = s.room.VoteAgain(s.now, Tally{Votes: 2, Counts: []int{2, 0, 0, 0}})
	if err != nil {
		t.Fatal(err)
	}
	s.do(c)
	if v := s.room.prediction.View(); v.Phase != PredictionAgain || v.Counts != nil {
		t.Errorf("in the second vote: %+v", v)
	}
	s.close(1, 1, 2)
	if v := s.room.prediction.View(); v.Phase != PredictionClosed || !slices.Equal(v.FirstCounts, []int{2, 0, 0, 0}) || !slices.Equal(v.Counts, []int{0, 2, 1, 0}) {
		t.Errorf("closed: %+v", v)
	}
	if _, err := s.room.ClosePrediction(s.now, Tally{}); !errors.Is(err, ErrPredictionPhase) {
		t.Errorf("closed twice: %v", err)
	}
}

func TestAGroupThatChangedBeforeTheCloseIsNotAsked(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10).sweep(stable(1, "a:0,1,2,3,4"))
	c, err := s.room.OpenPrediction(s.now, AskSplit, 1)
	if err != nil {
		t.Fatal(err)
	}
	s.do(c)
	s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4"))
	s.close(0)
	s.wantOutcome("cancelled: the group changed before")
}

func TestTheDeckSaysWhyAQuestionCannotBeAsked(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 2)
	s.produce(10).sweep(group(1, "Empty", ""), group(2, "Empty", ""))
	for _, q := range s.room.Deck() {
		if q.Askable || q.Why == "" {
			t.Errorf("in an empty room: %+v", q)
		}
	}
	s.after(time.Second).sweep(stable(1, "a:0,1,2,3,4"), stable(2, "a:0,1,2 b:3,4"))
	asked := map[string][]int{}
	for _, q := range s.room.Deck() {
		if q.Askable {
			asked[q.Kind] = append(asked[q.Kind], q.Team)
			if len(q.Options) < 3 || len(q.Options) > 5 {
				t.Errorf("%d options: %+v", len(q.Options), q)
			}
		} else if q.Why == "" {
			t.Errorf("no reason: %+v", q)
		}
	}
	if fmt.Sprint(asked) != fmt.Sprint(map[string][]int{AskSplit: {1, 2}, AskSilence: {2}, AskGoodbye: {2}, AskGrow: {2}}) {
		t.Errorf("asked: %v", asked)
	}
	if _, err := s.room.OpenPrediction(s.now, AskIdle, 1); !errors.As(err, new(NotAskableError)) {
		t.Errorf("idle of one member: %v", err)
	}
	if _, err := s.room.OpenPrediction(s.now, "weather", 0); !errors.As(err, new(NotAskableError)) {
		t.Errorf("no question: %v", err)
	}
}
