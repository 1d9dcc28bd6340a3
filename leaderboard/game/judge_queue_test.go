package game

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// asked opens a question when it can be asked, closes it, and clears the record of earlier events.
func (q *queueSim) asked(kind string) bool {
	q.t.Helper()
	for range 200 {
		if c, err := q.room.OpenPrediction(q.now, kind, 1); err == nil {
			q.do(c)
			q.close()
			clear(q.killed)
			q.joined, q.left = nil, nil
			return true
		}
		q.step()
	}
	return false
}

// untrue returns what is wrong with the answer that was given; empty if nothing is, or without an answer.
func (q *queueSim) untrue() string {
	p := q.room.prediction
	if p == nil || p.Answer == nil {
		return ""
	}
	switch p.Question.Kind {
	case AskCrew:
		for _, w := range q.workers {
			if q.since[w.id] == 0 {
				return w.id + " accepted nothing since the newcomer joined"
			}
		}
		if len(q.joined) != 1 || len(q.left) > 0 || p.Answer.Option != crewAll {
			return fmt.Sprintf("%v joined, %v left", q.joined, q.left)
		}
	case AskOrder:
		if at, ok := q.wrongOrder(); !ok {
			return at
		}
	case AskReturn:
		dead := p.World.Queue.Dead
		held, died := q.killed[dead]
		if len(q.joined)+len(q.left) > 0 || !died || p.Answer.Option != returnAtOnce {
			return fmt.Sprintf("%v died, %v joined, %v left", q.killed, q.joined, q.left)
		}
		if held == 0 {
			return "" // another worker gave back what came back in the same seconds, which cannot be distinguished
		}
		for _, r := range q.back {
			if r.from == dead && r.at.Before(p.World.GoneAt) {
				return ""
			}
		}
		return "nothing came back while the group had the worker"
	}
	return ""
}

func (q *queueSim) wantEnd(seed any, want string) {
	q.t.Helper()
	if got := q.outcome(); !strings.HasPrefix(got, want) {
		q.t.Errorf("%v: %q, want %q", seed, got, want)
	}
}

func TestAllWorkersGetJobs(t *testing.T) {
	for seed := range uint64(20) {
		q := newQueueSim(t, seed, 2).run(10 * time.Second)
		if !q.asked(AskCrew) {
			t.Fatalf("cannot be asked: %+v", q.room.question(AskCrew, 1))
		}
		q.run(3*time.Second).wantEnd(seed, PredictionClosed)
		q.join()
		q.run(30*time.Second).wantEnd(seed, "All of them: each takes")
		var e answerEvidence
		if err := json.Unmarshal(q.room.prediction.Answer.Evidence, &e); err != nil || len(e.Jobs) != 3 || e.Done < e.Jobs["A"]+e.Jobs["B"]+e.Jobs["C"] {
			t.Errorf("%d: evidence %+v", seed, e)
		}
	}
}

// A newcomer that reports nothing may get jobs or not.
func TestAWorkerThatDoesNotReportDecidesNothing(t *testing.T) {
	q := newQueueSim(t, 1, 2).run(10 * time.Second)
	q.asked(AskCrew)
	w := q.join()
	w.next = q.now.Add(time.Hour)
	q.run(100*time.Second).wantEnd("mute", "closed could not be observed")
}

// Workers that report more than the broker counts decide nothing.
func TestBoastingWorkersDecideNothing(t *testing.T) {
	q := newQueueSim(t, 1, 2).run(10 * time.Second)
	q.asked(AskCrew)
	q.join()
	for range 400 {
		for _, w := range q.workers {
			w.counts.Processed += 50
		}
		q.step()
	}
	q.wantEnd("boasting", "closed could not be observed")
}

func TestThatOrderIsLostIsTheAnswer(t *testing.T) {
	for seed := range uint64(20) {
		q := newQueueSim(t, seed, 3).run(10 * time.Second)
		if !q.asked(AskOrder) {
			t.Fatalf("cannot be asked: %+v", q.room.question(AskOrder, 1))
		}
		q.run(60*time.Second).wantEnd(seed, "No, a later job")
		if what := q.untrue(); what != "" {
			t.Errorf("%d: %s", seed, what)
		}
	}
}

func TestTheJobsOfAKilledWorkerGoToOthers(t *testing.T) {
	answered := 0
	for seed := range uint64(30) {
		q := newQueueSim(t, seed, 4).run(10 * time.Second)
		if !q.asked(AskReturn) {
			t.Fatalf("cannot be asked: %+v", q.room.question(AskReturn, 1))
		}
		q.run(5 * time.Second)
		q.kill(q.workers[seed%4])
		q.run(9*time.Second).wantEnd(seed, PredictionClosed) // the group knows only later whether it is dead
		q.run(15 * time.Second)
		if what := q.untrue(); what != "" {
			t.Errorf("%d: %s", seed, what)
		}
		if strings.HasPrefix(q.outcome(), "To others, before") {
			answered++
		} else {
			q.wantEnd(seed, "cancelled: could not be observed")
		}
	}
	if answered < 25 {
		t.Errorf("%d of 30 were answered", answered)
	}
}

// What looks like a kill but is none, or may have another cause, has no answer.
func TestWhatIsNoKillHasNoAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		act  func(q *queueSim)
		want string
	}{
		"left":   {func(q *queueSim) { q.leave(q.workers[1]) }, "cancelled: worker B left on its own"},
		"joined": {func(q *queueSim) { q.kill(q.workers[1]); q.run(2 * time.Second); q.join() }, "cancelled: team-1 changed otherwise"},
		"two":    {func(q *queueSim) { q.kill(q.workers[1]); q.kill(q.workers[2]) }, "cancelled: "},
		"frozen, and all came back when the group missed it": {func(q *queueSim) { q.freeze(q.workers[1]) }, "cancelled: could not be observed"},
		"frozen, and another gives back meanwhile": {func(q *queueSim) {
			for w := q.workers[1]; len(w.held) < 2; {
				q.step()
			}
			q.freeze(q.workers[1])
			q.run(5 * time.Second)
			q.giveBack(q.workers[2])
			q.giveBack(q.workers[3])
		}, "cancelled: could not be observed: a partition of worker B did not move on"},
		"another dies unseen": {func(q *queueSim) {
			q.kill(q.workers[1])
			q.run(8 * time.Second)
			q.kill(q.workers[2])
		}, "cancelled: could not be observed"},
		"others gave back before": {func(q *queueSim) {
			q.giveBack(q.workers[2])
			q.run(8 * time.Second)
			q.kill(q.workers[1])
		}, "cancelled: could not be observed: jobs came back before"},
		"nobody": {func(*queueSim) {}, PredictionClosed},
	} {
		q := newQueueSim(t, 4, 4).run(10 * time.Second)
		q.asked(AskReturn)
		q.run(2 * time.Second)
		c.act(q)
		q.run(20*time.Second).wantEnd(name, c.want)
	}
}

// A worker that falls silent and reports again is not dead.
func TestASilentWorkerThatComesBackIsNotDead(t *testing.T) {
	q := newQueueSim(t, 4, 4).run(10 * time.Second)
	q.asked(AskReturn)
	w := q.workers[0]
	w.next = q.now.Add(6 * time.Second)
	q.run(8*time.Second).wantEnd("silent", PredictionClosed)
	q.run(30*time.Second).wantEnd("back", PredictionClosed)
	if dead := q.room.prediction.World.Queue.Dead; dead != "" {
		t.Errorf("%s is taken for dead", dead)
	}
}

func TestAQuestionOfAQueueThatCannotBeAsked(t *testing.T) {
	if q := newQueueSim(t, 1, 2).run(10 * time.Second); q.room.question(AskOrder, 1).Askable {
		t.Error("where each partition has one worker nothing observed proves the answer")
	}
	q := newQueueSim(t, 1, 1).run(10 * time.Second)
	for kind, why := range map[string]string{AskCrew: "fewer workers", AskOrder: "no two workers", AskReturn: "only one worker takes from", AskIdle: "has no member"} {
		if got := q.room.question(kind, 1); got.Askable || !strings.Contains(got.Why, why) {
			t.Errorf("%s: %+v", kind, got)
		}
	}
	if _, err := q.room.OpenPrediction(q.now, AskSplit, 1); err == nil {
		t.Error("a share group's partitions are not split")
	}
	q.workers[0].next = q.now.Add(time.Hour)
	q.run(5 * time.Second)
	if got := q.room.question(AskCrew, 1); !strings.Contains(got.Why, "does not report") {
		t.Errorf("%+v", got)
	}
}

func TestTheIdleMemberBesideIsNamed(t *testing.T) {
	s := queues(t)
	with := func(beside string) GroupFact {
		g := crew(1, 50, "a")
		b := stable(1, beside)
		b.Name = "team-1"
		g.Beside = &b
		return g
	}
	s.sweep(with("x:0 y:1"))
	s.ask(AskIdle, 1)
	s.after(time.Second).sweep(with("x:0 y:1"))
	s.wantOutcome(PredictionClosed)
	s.after(time.Second).sweep(with("x:0 y:1 z:"))
	s.wantOutcome("One member has nothing to read")
	if text := s.room.prediction.Answer.EvidenceText(); text != "Before: A P0, B P1. After: A P0, B P1, C nothing." {
		t.Errorf("evidence %q", text)
	}
}
