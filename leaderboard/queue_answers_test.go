package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/leaderboard/game"
)

// A room gets each kind of question of the queues lesson, real workers act, and the answer is what the broker's admin API and
// the workers' own output show.
func TestKafkaAnswersEachKindOfQuestionAboutQueues(t *testing.T) {
	q := newQueueClass(t)
	q.feed(t)
	q.hire(t)
	q.hire(t)
	q.at(t, 2)
	q.answersCrew(t)
	q.answersOrder(t)
	q.hire(t)
	q.at(t, 4)
	q.answersIdle(t)
	q.answersReturn(t)
	q.deckIsOfQueues(t)
}

func (q *queueClass) answersCrew(t *testing.T) {
	t.Helper()
	q.ask(t, game.AskCrew)
	q.hire(t)
	now := q.at(t, 3)
	evidence := q.answered(t, "All of them: each takes the next free jobs")
	if jobs := evidence["jobs"].(map[string]any); len(jobs) != len(now.members) {
		t.Errorf("evidence %v, the broker has the members %v", evidence, now.members)
	}
	for _, w := range q.crew {
		if len(w.of("accepted")) == 0 {
			t.Error("a worker has accepted nothing")
		}
	}
}

func (q *queueClass) answersOrder(t *testing.T) {
	t.Helper()
	q.ask(t, game.AskOrder)
	q.burst(t)
	evidence := q.answered(t, "No, a later job can be done first")
	at := place{int32(evidence["partitions"].([]any)[0].(float64)), int64(evidence["open"].(float64))}
	wait.For(t, "the same in the workers' output", func() error {
		if n := q.laterFirst(at); float64(n) < evidence["later"].(float64) {
			return fmt.Errorf("%d later ones were accepted before %v, the evidence is %v", n, at, evidence)
		}
		return nil
	})
}

func (q *queueClass) answersIdle(t *testing.T) {
	t.Helper()
	q.joinBeside(t, 2)
	q.ask(t, game.AskIdle)
	q.joinBeside(t, 1)
	q.answered(t, "One member has nothing to read")
	groups, err := q.admin.DescribeGroups(t.Context(), q.Beside(1))
	if err != nil {
		t.Fatal(err)
	}
	idle := 0
	for _, m := range groups[q.Beside(1)].Members {
		if assigned, ok := m.Assigned.AsConsumer(); !ok || len(assigned.Topics) == 0 {
			idle++
		}
	}
	if idle != 1 {
		t.Errorf("the broker has %d idle members", idle)
	}
}

// answersReturn kills a worker that holds jobs. When others accepted the first of them, the broker still had it as a member.
func (q *queueClass) answersReturn(t *testing.T) {
	t.Helper()
	q.ask(t, game.AskReturn)
	victim := q.crew[1]
	q.burst(t)
	wait.Until(t, "a worker that holds three jobs", func() bool { return len(victim.holds()) >= 3 })
	l, err := q.describe(t)
	if err != nil {
		t.Fatal(err)
	}
	id := victim.member(l)
	victim.kill()
	held := victim.holds()

	var gone time.Time
	q.until(t, "the group misses it", func(l shareLook) bool {
		_, there := l.members[id]
		gone = time.Now()
		return !there
	})
	q.answered(t, "To others, before the group has missed it")
	all := q.accepted()
	first := slices.MinFunc(places(held), func(a, b place) int { return all[a].At.Compare(all[b].At) })
	if at := all[first].At; at.IsZero() || !at.Before(gone.Add(-time.Second)) {
		t.Errorf("the first job was accepted again at %v, the group missed the worker by %v", at, gone)
	}
}

func places(of map[place]bool) (out []place) {
	for p := range of {
		out = append(out, p)
	}
	return out
}

func (q *queueClass) deckIsOfQueues(t *testing.T) {
	t.Helper()
	status, text := q.program.authorised(t, "/api/instructor/questions")
	var deck []game.Question
	if err := json.Unmarshal([]byte(text), &deck); err != nil || status != http.StatusOK {
		t.Fatalf("the deck: %d %v %s", status, err, text)
	}
	for _, question := range deck {
		if !slices.Contains(q.Lesson.Questions(), question.Kind) || question.Askable == (question.Why != "") {
			t.Errorf("in the deck: %+v", question)
		}
	}
}
