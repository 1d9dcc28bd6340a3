package game

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// ask opens a question, lets a team vote and closes it.
func (s *stage) ask(kind string, team int, votes ...int) {
	s.t.Helper()
	c, err := s.room.OpenPrediction(s.now, kind, team)
	if err != nil {
		s.t.Fatal(err)
	}
	s.do(c)
	s.close(votes...)
}

func (s *stage) close(votes ...int) {
	s.t.Helper()
	t := Tally{Counts: make([]int, len(s.room.prediction.Question.Options)), Teams: map[int][]int{1: make([]int, len(s.room.prediction.Question.Options))}}
	for _, v := range votes {
		t.Votes++
		t.Counts[v]++
		t.Teams[1][v]++
	}
	c, err := s.room.ClosePrediction(s.now, t)
	if err != nil {
		s.t.Fatal(err)
	}
	s.do(c)
}

// outcome returns the right option's text, or why there is none.
func (s *stage) outcome() string {
	p := s.room.prediction
	switch {
	case p.Answer != nil:
		return p.Question.Options[p.Answer.Option]
	case p.Phase == PredictionCancelled:
		return "cancelled: " + p.Reason
	}
	return p.Phase + " " + p.Reason
}

func (s *stage) wantOutcome(want string) {
	s.t.Helper()
	if got := s.outcome(); !strings.HasPrefix(got, want) {
		s.t.Errorf("got %q, want %q", got, want)
	}
}

func TestSplitIsAnsweredByTheNextStableAssignment(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10).sweep(stable(1, "a:0,1,2,3,4"))
	s.ask(AskSplit, 1)
	s.after(time.Second).sweep(stable(1, "a:0,1,2,3,4"))
	s.wantOutcome("closed ")
	s.after(time.Second).sweep(group(1, "PreparingRebalance", "a: b:"))
	s.wantOutcome("closed ")
	s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4"))
	s.wantOutcome("3 + 2")
	if p := s.room.prediction; p.Answer.Because == "" || !strings.Contains(string(p.Answer.Evidence), `"after":{"A":[0,1,2],"B":[3,4]}`) {
		t.Errorf("because %q, evidence %s", p.Answer.Because, p.Answer.Evidence)
	}
}

func TestAnotherChangeCancels(t *testing.T) {
	for name, after := range map[string]string{
		"two joined": "a:0,1 b:2,3 c:4", "one left": "", "one for another": "b:0,1,2,3,4",
	} {
		s := newStage(t, workshop.ScaleUp, 1)
		s.produce(10).sweep(stable(1, "a:0,1,2,3,4"))
		s.ask(AskSplit, 1)
		if after == "" {
			s.after(time.Second).sweep(group(1, "Empty", ""))
			s.after(time.Second).sweep(stable(1, "c:0,1,2,3,4"))
		} else {
			s.after(time.Second).sweep(stable(1, after))
		}
		if got := s.outcome(); !strings.HasPrefix(got, "cancelled: team-1 changed otherwise") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestTheIdleOneIsNamed(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10).sweep(stable(1, "a:0 b:1 c:2 d:3 e:4"))
	s.ask(AskIdle, 1)
	s.after(time.Second).sweep(stable(1, "a:0 b:1 c: d:3 e:4 f:2"))
	s.wantOutcome("One member has nothing to read")
	if because := s.room.prediction.Answer.Because; !strings.Contains(because, "there before") {
		t.Errorf("because %q", because)
	}
}

// crash kills the owner of lanes 3 and 4 and lets the other member take over after the session timeout.
func crash(t *testing.T, kind string, left bool) *reading {
	r := newReading(t, 2).run(32 * time.Second)
	r.ask(kind, 1)
	r.dead = map[int]bool{3: true, 4: true}
	r.run(11 * time.Second)
	r.owners = "a:0,1,2,3,4"
	r.dead = nil
	if left {
		r.scores(Work{Team: 1, Leaving: []ClientNote{{At: r.now, MemberID: "b"}}})
	}
	return r.run(5 * time.Second)
}

func TestSilenceIsMeasuredBetweenCommits(t *testing.T) {
	r := crash(t, AskSilence, false)
	r.wantOutcome("3 to 20 s")
	if because := r.room.prediction.Answer.Because; !strings.Contains(because, "member B was dead") {
		t.Errorf("because %q", because)
	}
	crash(t, AskSilence, true).wantOutcome("cancelled: member B left on its own")
	crash(t, AskGoodbye, false).wantOutcome("cancelled: member B timed out")
}

func TestGoodbyeIsMeasuredFromTheNote(t *testing.T) {
	r := newReading(t, 2).run(32 * time.Second)
	r.ask(AskGoodbye, 1)
	r.scores(Work{Team: 1, Leaving: []ClientNote{{At: r.now, MemberID: "b"}}})
	r.owners = "a:0,1,2,3,4"
	r.run(5 * time.Second)
	r.wantOutcome("Less than 3 s")
}

func TestDuplicatesAnswerWhetherRecordsAreReadAgain(t *testing.T) {
	for _, c := range []struct {
		kind      string
		duplicate int64
		want      string
	}{
		{AskTwice, 12, "Yes, those since the last commit"}, {AskResume, 12, "At the last commit"},
		{AskTwice, 90, "Yes, all from the start of the topic"}, {AskResume, 0, "cancelled: could not be observed"},
	} {
		r := newReading(t, 2).run(32 * time.Second)
		r.scores(Work{Team: 1, Accepted: 100, Duplicate: 3})
		r.ask(c.kind, 1)
		r.dead = map[int]bool{3: true, 4: true}
		r.run(11 * time.Second)
		r.owners, r.dead = "a:0,1,2,3,4", nil
		r.run(time.Second)
		r.scores(Work{Team: 1, Accepted: 100, Duplicate: 3 + c.duplicate})
		r.run(35 * time.Second)
		r.wantOutcome(c.want)
	}
}

func TestKeysFillAsManyPartitionsAsHashesDo(t *testing.T) {
	r := newReading(t, 5)
	r.load = &LoadFact{Rate: 25, Keys: workshop.KeysNull, FixedKeys: 4}
	r.run(10 * time.Second)
	r.ask(AskKeys, 0)
	r.load = &LoadFact{Rate: 25, Keys: workshop.KeysFixed, FixedKeys: 4}
	r.each[1], r.each[4] = 0, 0
	r.run(15 * time.Second)
	r.wantOutcome("At most 4")
	if because := r.room.prediction.Answer.Because; !strings.HasPrefix(because, "3 of 5 partitions") {
		t.Errorf("because %q", because)
	}
}

func TestANewPartitionIsDealtOut(t *testing.T) {
	for owners, want := range map[string]string{
		"a:0,1,2 b:3,4,5": "One member gets it", "a:0,1,2,3 b:4,5": "All partitions are dealt out again",
	} {
		s := newStage(t, workshop.ScaleUp, 1)
		s.produce(10).sweep(stable(1, "a:0,1,2 b:3,4"))
		s.ask(AskGrow, 1)
		s.end = append(slices.Clone(s.end), 0)
		s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4"))
		s.wantOutcome("closed ")
		s.after(time.Second).sweep(stable(1, owners))
		s.wantOutcome(want)
	}
}

// For any behaviour of members, an answer is right or there is none.
func TestNoAnswerIsWrong(t *testing.T) {
	states := []string{"Stable", "Stable", "Stable", "PreparingRebalance"}
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		s := newStage(t, workshop.ScaleUp, 1)
		members := []string{"a"}
		deal := func() string {
			sizes, p := evenly(5, len(members)), 0
			var out []string
			for i, m := range members {
				var own []string
				for range sizes[i] {
					own = append(own, fmt.Sprint(p))
					p++
				}
				out = append(out, m+":"+strings.Join(own, ","))
			}
			return strings.Join(out, " ")
		}
		s.produce(10).sweep(stable(1, deal()))
		kind := []string{AskSplit, AskGrow, AskIdle}[rnd.IntN(3)]
		c, err := s.room.OpenPrediction(s.now, kind, 1)
		if err != nil {
			continue
		}
		s.do(c)
		s.close()
		before := len(members)
		for range 20 {
			switch rnd.IntN(6) {
			case 0:
				members = append(members, fmt.Sprintf("m%d", rnd.IntN(1000)))
			case 1:
				if len(members) > 1 {
					members = members[1:]
				}
			}
			s.after(time.Second).sweep(group(1, states[rnd.IntN(len(states))], deal()))
			p := s.room.prediction
			if p.Answer == nil {
				continue
			}
			owned := 0
			for _, m := range s.team(1).Members {
				if len(m.Partitions) > 0 {
					owned++
				}
			}
			if kind != AskSplit || owned != before+1 || s.outcome() != sharesText(evenly(5, before+1)) {
				t.Fatalf("seed %d: %s of %d members, now %d owners: %q", seed, kind, before, owned, s.outcome())
			}
			break
		}
	}
}
