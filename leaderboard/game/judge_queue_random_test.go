package game

import (
	"testing"
	"time"
)

// For any events in a queue, an answer is right or there is none, and a reported loss of order is real.
func TestNoAnswerAboutAQueueIsWrong(t *testing.T) {
	answered := map[string]int{}
	for seed := range uint64(400) {
		q := newQueueSim(t, seed, 2+int(seed%4))
		q.run(10 * time.Second)
		kind := []string{AskCrew, AskOrder, AskReturn}[seed%3]
		if !q.asked(kind) {
			continue
		}
		for range 12 {
			q.randomAct()
			for range 4 + q.rnd.IntN(24) {
				q.step()
				if what := q.untrue(); what != "" {
					t.Fatalf("%d, %s: %s; %q", seed, kind, what, q.outcome())
				}
				if what, ok := q.wrongOrder(); !ok {
					t.Fatalf("%d: %s", seed, what)
				}
				if q.room.prediction.Answer != nil {
					break
				}
			}
			if q.room.prediction.Answer != nil {
				answered[kind]++
				break
			}
		}
	}
	for _, kind := range []string{AskCrew, AskOrder, AskReturn} {
		if answered[kind] == 0 { // at least one question of each kind has an answer
			t.Errorf("%s was never answered", kind)
		}
	}
}

func (q *queueSim) randomAct() {
	if len(q.workers) == 0 {
		q.join()
		return
	}
	w := q.workers[q.rnd.IntN(len(q.workers))]
	switch q.rnd.IntN(9) {
	case 0, 1:
		q.join()
	case 2, 3:
		if w.alive {
			q.kill(w)
		}
	case 4:
		if w.alive {
			q.freeze(w)
		}
	case 5:
		if w.alive {
			q.leave(w)
		}
	case 6:
		if w.alive {
			q.giveBack(w)
		}
	}
}
