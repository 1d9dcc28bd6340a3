package game

import (
	"strings"
	"testing"

	"kafka-workshop/internal/workshop"
)

// answered returns a prediction of a kind with its votes and the option that happened.
func answered(id int64, kind string, right int, counts ...int) Prediction {
	q := Question{Kind: kind}
	switch kind {
	case AskSplit:
		q.offer(splitOptions(5, 1, 0)...) // 3 + 2, 5 + 0, 4 + 1, 5 + 5
	case AskIdle:
		q.offer(idleOptions...)
	case AskSilence:
		q.offer(delayOptions(crashBeliefs)...)
	}
	return Prediction{ID: id, Question: q, Phase: PredictionAnswered, Tally: &Tally{Counts: counts}, Answer: &Answer{Option: right, Because: "because"}}
}

func TestWhatTheRoomBelievedMostWrongly(t *testing.T) {
	open, cancelled, old := answered(1, AskIdle, 1, 30, 5, 0, 0), answered(1, AskIdle, 1, 30, 5, 0, 0), answered(1, AskIdle, 1, 30, 5, 0, 0)
	open.Answer, cancelled.Answer = nil, nil
	old.Question.Beliefs = nil
	for name, c := range map[string]struct {
		of   []Prediction
		want string
	}{
		"nothing was asked":               {nil, ""},
		"options of one belief together":  {[]Prediction{answered(1, AskIdle, 1, 20, 19, 21, 0)}, "41 of 60 believed that every member gets work"},
		"the larger share, not number":    {[]Prediction{answered(1, AskIdle, 1, 30, 50, 0, 0), answered(2, AskSplit, 0, 4, 6, 0, 0)}, "6 of 10 believed that a member that joins has to wait until another leaves"},
		"all were right":                  {[]Prediction{answered(1, AskSplit, 0, 40, 0, 0, 0)}, ""},
		"few of many":                     {[]Prediction{answered(1, AskSplit, 0, 40, 3, 4, 0)}, ""},
		"too few votes":                   {[]Prediction{answered(1, AskSplit, 0, 0, 2, 0, 0)}, ""},
		"three votes":                     {[]Prediction{answered(1, AskSplit, 0, 0, 3, 0, 0)}, "3 of 3 believed that a member that joins has to wait until another leaves"},
		"a tie of two":                    {[]Prediction{answered(1, AskSplit, 0, 0, 10, 10, 0)}, ""},
		"a tie over two predictions":      {[]Prediction{answered(1, AskSplit, 0, 5, 5, 0, 0), answered(2, AskIdle, 1, 20, 20, 0, 0)}, ""},
		"the same belief twice":           {[]Prediction{answered(1, AskSplit, 0, 5, 5, 0, 0), answered(2, AskSplit, 0, 5, 5, 0, 0)}, "5 of 10 believed that a member that joins has to wait until another leaves"},
		"a tie below the worst":           {[]Prediction{answered(1, AskSplit, 0, 0, 10, 10, 0), answered(2, AskSplit, 0, 1, 0, 0, 9)}, "9 of 10 believed that every member reads every partition"},
		"a tie above what came before":    {[]Prediction{answered(1, AskSplit, 0, 6, 4, 0, 0), answered(2, AskSplit, 0, 0, 10, 10, 0)}, ""},
		"a belief that the right one has": {[]Prediction{answered(1, AskSilence, 2, 1, 1, 3, 30)}, ""},
		"no answer yet":                   {[]Prediction{open}, ""},
		"cancelled":                       {[]Prediction{cancelled}, ""},
		"asked before beliefs were kept":  {[]Prediction{old}, ""},
	} {
		got := ""
		if b := WorstBelief(c.of); b != nil {
			got = b.Sentence()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Every option of every question that can be asked has a belief that completes "believed that".
func TestEveryOptionHasABelief(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 2)
	s.load = &LoadFact{Rate: 10, Keys: workshop.KeysNull, FixedKeys: 4}
	s.produce(10).sweep(stable(1, sizes[1]), stable(2, sizes[4]))
	s.scores(Work{Team: 1, Accepted: 100})
	asked := map[string]bool{}
	for _, q := range s.room.Deck() {
		if !q.Askable {
			continue
		}
		asked[q.Kind] = true
		if len(q.Beliefs) != len(q.Options) {
			t.Errorf("%s: options %q, beliefs %q", q.Kind, q.Options, q.Beliefs)
		}
		for _, b := range q.Beliefs {
			if b == "" || strings.HasSuffix(b, ".") || strings.HasPrefix(b, "that ") {
				t.Errorf("%s: the belief %q", q.Kind, b)
			}
		}
	}
	for _, kind := range workshop.ScaleUp.Questions() {
		if !asked[kind] {
			t.Errorf("%s was not looked at", kind)
		}
	}
}
