package main

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Whatever happens between the close of the vote and the answer, the answer is right, or there is none and a reason.
func TestAWrongWorldHasNoWrongAnswer(t *testing.T) {
	cluster, programs := kafkatest.New(t), buildPrograms(t)
	worlds := map[string]func(*class, *testing.T){
		"another one leaves": (*class).anotherLeaves, "two join": (*class).twoJoin, "nobody acts": (*class).nobodyActs,
		"a restart while one joins": (*class).restartedWhileOneJoins, "a restart while one is dead": (*class).restartedWhileOneIsDead,
		"one leaves without a note": (*class).leavesWithoutANote,
	}
	var all sync.WaitGroup
	for _, assignor := range []string{"range", "server"} {
		for name, play := range worlds {
			all.Go(func() {
				t.Run(name+" "+assignor, func(t *testing.T) {
					c := newClass(t, cluster, programs, assignor)
					feed(t, c.Cluster)
					play(c, t)
				})
			})
		}
	}
	all.Wait()
}

// cancelled waits until the question ends without an answer, and returns the reason.
func (c *class) cancelled(t *testing.T) string {
	t.Helper()
	got := c.decided(t)
	if got.Answer != nil || got.Reason == "" {
		t.Fatalf("want no answer and the reason: %+v %+v", got, got.Answer)
	}
	t.Logf("%s No answer: %s", got.Question, got.Reason)
	return got.Reason
}

// fair checks that the question about a delay ends with a reason, or with the option that contains the actual time.
func (c *class) fair(t *testing.T, took func() string) {
	t.Helper()
	got := c.decided(t)
	want := took()
	switch {
	case got.Answer == nil && got.Reason == "":
		t.Errorf("no answer and no reason: %+v", got)
	case got.Answer != nil && got.Options[got.Answer.Option].Text != want:
		t.Errorf("it took %s, the answer is %+v", want, got.Answer)
	default:
		t.Logf("it took %s: %q %+v", want, got.Reason, got.Answer)
	}
}

// anotherLeaves: one of three is killed, and before that is clear, another one leaves cleanly.
func (c *class) anotherLeaves(t *testing.T) {
	c.two(t)
	third := c.join(t, 1)
	c.witness.settled(t, 3)
	c.open(t, game.AskSilence)
	c.close(t, nil)
	c.participants[0].kill()
	third.interrupt()
	c.cancelled(t)
}

// twoJoin: another member joins at the same time.
func (c *class) twoJoin(t *testing.T) {
	c.join(t, 1)
	c.witness.settled(t, 1)
	c.open(t, game.AskSplit)
	c.close(t, nil)
	c.join(t, 2)
	c.witness.settled(t, 3)
	got := c.decided(t)
	if got.Answer == nil {
		t.Logf("no answer: %s", got.Reason)
		return
	}
	for _, l := range c.witness.seen() { // one of the two was alone for a moment
		if l.stable && len(l.members) == 2 && l.sizes() == got.Options[got.Answer.Option].Text {
			return
		}
	}
	t.Errorf("the group never was as answered: %+v", got.Answer)
}

// nobodyActs: the instructor may answer only after 90 s, and the answer is marked as theirs. The time passes in the database:
// everything stored of the vote becomes older while the leaderboard is down.
func (c *class) nobodyActs(t *testing.T) {
	c.join(t, 1)
	c.witness.settled(t, 1)
	c.open(t, game.AskSplit)
	c.close(t, nil)
	if status := c.program.act(t, "prediction/answer", `{"option":2}`); status != http.StatusConflict {
		t.Errorf("an answer by hand while the facts may decide: %d", status)
	}

	c.program.kill()
	execute(t, c.database, `UPDATE predictions SET prediction = jsonb_set(prediction, '{closed_at}',
		to_jsonb(to_char((prediction->>'closed_at')::timestamptz AT TIME ZONE 'utc' - interval '91 seconds', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))`)
	c.restart(t)
	wait.Until(t, "the word that nobody acted", func() bool {
		got := c.program.prediction(t)
		return got.Phase == game.PredictionClosed && strings.HasPrefix(got.Reason, "could not be observed: ")
	})
	if status := c.program.act(t, "prediction/answer", `{"option":2}`); status != http.StatusOK {
		t.Errorf("an answer by hand after 90 s: %d", status)
	}
	got := c.program.prediction(t)
	if got.Answer == nil || got.Answer.Option != 2 || got.Answer.Because != "As the instructor saw it." {
		t.Errorf("answered by hand: %+v %+v", got, got.Answer)
	}
	if status := c.program.act(t, "prediction/answer", `{"option":1}`); status != http.StatusConflict {
		t.Errorf("a second answer: %d", status)
	}
}

// restart starts the leaderboard again after it was killed.
func (c *class) restart(t *testing.T) {
	t.Helper()
	c.program = start(t, c.Cluster, c.database)
	c.program.ready(t, http.StatusOK)
}

func (c *class) restartedWhileOneJoins(t *testing.T) {
	c.join(t, 1)
	c.witness.settled(t, 1)
	c.ask(t, game.AskSplit)
	c.program.kill()
	c.join(t, 1)
	now := c.witness.settled(t, 2)
	c.restart(t)
	c.answered(t, now.sizes())
}

// restartedWhileOneIsDead: the new process never saw the member alive.
func (c *class) restartedWhileOneIsDead(t *testing.T) {
	c.two(t)
	c.open(t, game.AskSilence)
	c.close(t, nil)
	gone, member, partitions, at := c.killBetweenCommits(t)
	c.program.kill()
	c.witness.until(t, "the dead member, for a while", func(l look) bool {
		_, there := l.members[member]
		return !there || l.began.Sub(at) > sessionTimeout-sessionTimeout/4
	})
	c.restart(t)
	again := c.readAgain(t, gone, partitions, at)
	c.fair(t, func() string { return delayOption(longest(at, again)) })
}

// leavesWithoutANote: a member with another client library is stopped while the question is about a kill.
func (c *class) leavesWithoutANote(t *testing.T) {
	c.join(t, 1)
	c.witness.settled(t, 1)
	opts := []kgo.Opt{kgo.Balancers(kgo.RangeBalancer()), kgo.SessionTimeout(sessionTimeout)}
	if c.assignor == "server" {
		opts = []kgo.Opt{kgo.Balancers(kgo.RangeBalancer()), kgo.ServerSideBalancer()}
	}
	other := join(t, c.Cluster, "other", opts...)
	c.witness.settled(t, 2)
	committing(t, c.program, other)
	c.open(t, game.AskSilence)
	c.close(t, nil)
	other.CloseAllowingRebalance()
	c.cancelled(t)
}

// While the broker is down, nothing is seen; what happened meanwhile is not dated to the time of its return.
func TestABrokerThatIsAwayMakesNoWrongAnswer(t *testing.T) {
	programs := buildPrograms(t)
	for name, play := range map[string]func(*class, *testing.T, *kafkatest.Cluster){"join": joinsAfterwards, "kill": killedMeanwhile} {
		t.Run(name, func(t *testing.T) {
			cluster := kafkatest.New(t)
			if cluster.Real {
				lacks.Cluster(t, "a shared one is not the test's to stop")
			}
			c := newClass(t, cluster, programs, "range")
			feed(t, c.Cluster)
			play(c, t, cluster)
		})
	}
}

// away stops the broker and waits until the board has noticed.
func (c *class) away(t *testing.T, cluster *kafkatest.Cluster) {
	t.Helper()
	cluster.Stop(t)
	wait.Until(t, "the word that Kafka is away", func() bool {
		_, body := c.program.get("/api/board")
		return strings.Contains(body, `"stale_since":"`)
	})
	cluster.Start(t)
}

func joinsAfterwards(c *class, t *testing.T, cluster *kafkatest.Cluster) {
	c.join(t, 1)
	c.witness.settled(t, 1)
	c.ask(t, game.AskSplit)
	c.away(t, cluster)
	c.join(t, 1)
	c.answered(t, c.witness.settled(t, 2).sizes())
}

func killedMeanwhile(c *class, t *testing.T, cluster *kafkatest.Cluster) {
	c.two(t)
	c.open(t, game.AskSilence)
	c.close(t, nil)
	gone, _, partitions, at := c.killBetweenCommits(t)
	c.away(t, cluster)
	again := c.readAgain(t, gone, partitions, at)
	c.fair(t, func() string { return delayOption(longest(at, again)) })
}
