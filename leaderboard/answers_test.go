package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/leaderboard/game"
)

// A class is a room on a cluster that it shares with others: a leaderboard, the participants of team 1 with one assignor, and
// a witness that watches the same group.
type class struct {
	*work
	program      *program
	database     string
	programs     string // the folder of the shipped programs
	assignor     string
	session      time.Duration // of the members; with KIP-848, the broker's
	witness      *witness
	participants []*participant
}

func newClass(t *testing.T, cluster *kafkatest.Cluster, programs, assignor string) *class {
	t.Helper()
	w := newWork(t, cluster.Another(t))
	c := &class{work: w, database: postgrestest.URL(t), programs: programs, assignor: assignor, session: sessionTimeout}
	c.program = start(t, w.Cluster, c.database)
	c.program.ready(t, http.StatusOK)
	c.witness = watch(t, w.Cluster, assignor == "server")
	return c
}

// A room gets each kind of question, a real member acts, and Kafka's answer is what the members themselves and a witness saw.
// All rooms share one cluster.
func TestKafkaAnswersEachKindOfQuestion(t *testing.T) {
	cluster, programs := kafkatest.New(t), buildPrograms(t)
	kinds := map[string]func(*class, *testing.T){
		"members": (*class).membersComeAndGo, "silence": (*class).silence, "resume": (*class).resume, "twice": (*class).twice,
	}
	var all sync.WaitGroup
	for _, assignor := range []string{"range", "cooperative-sticky", "server"} {
		for name, play := range kinds {
			all.Go(func() {
				t.Run(name+" "+assignor, func(t *testing.T) {
					c := newClass(t, cluster, programs, assignor)
					feed(t, c.Cluster)
					play(c, t)
					c.deckHasReasons(t)
				})
			})
		}
	}
	all.Go(func() {
		t.Run("keys", func(t *testing.T) { newClass(t, cluster, programs, "range").keys(t) })
	})
	all.Wait()
}

// ask opens the question, has three phones vote, one for the first option and two for the second, and closes the vote.
func (c *class) ask(t *testing.T, kind string) game.PredictionView {
	t.Helper()
	for left := tries; ; left-- {
		asked := c.askOnce(t, kind)
		if asked.Phase == game.PredictionClosed {
			holdVotes(t, asked, []int{1, 2})
			return asked
		}
		// the board saw the class's last action a moment later than the witness
		if left == 1 || !strings.HasPrefix(asked.Reason, "the group changed before the vote was closed") {
			t.Fatalf("closed: %+v", asked)
		}
	}
}

func (c *class) askOnce(t *testing.T, kind string) game.PredictionView {
	t.Helper()
	c.open(t, kind)
	for _, option := range []string{"0", "1", "1"} {
		if status := c.program.vote(t, option); status != http.StatusOK {
			t.Fatalf("%s: a vote is answered %d", kind, status)
		}
	}
	wait.Until(t, "three votes", func() bool { return c.program.prediction(t).Votes == 3 })
	return c.closeNow(t)
}

// open waits until the board shows the group as it is and the question can be asked.
func (c *class) open(t *testing.T, kind string) {
	t.Helper()
	wait.For(t, "the question "+kind, func() error {
		if err := c.shown(); err != nil {
			return err
		}
		if status := c.program.act(t, "prediction", fmt.Sprintf(`{"question":%q,"team":1}`, kind)); status != http.StatusOK {
			_, deck := c.program.authorised(t, "/api/instructor/questions")
			return fmt.Errorf("%d; the deck: %s", status, deck)
		}
		return nil
	})
}

// shown returns an error unless the board has the members of the witness's last look.
func (c *class) shown() error {
	if c.witness == nil {
		return nil // a crew, whose looks are taken when they are needed
	}
	looks := c.witness.seen()
	b, ok := c.program.board()
	if !ok || len(looks) == 0 {
		return errors.New("no look at the group yet, or no board")
	}

	var members []string
	for _, m := range b.Teams[0].Members {
		members = append(members, m.MemberID)
	}
	slices.Sort(members)
	if now := slices.Sorted(maps.Keys(looks[len(looks)-1].members)); !slices.Equal(members, now) {
		return fmt.Errorf("the board has the members %q, the broker %q", members, now)
	}
	return nil
}

// close closes the vote, and checks that the first options have these votes.
func (c *class) close(t *testing.T, votes []int) {
	t.Helper()
	holdVotes(t, c.closeNow(t), votes)
}

func (c *class) closeNow(t *testing.T) game.PredictionView {
	t.Helper()
	if status := c.program.act(t, "prediction/close", "{}"); status != http.StatusOK {
		t.Fatalf("closing is answered %d", status)
	}
	return c.program.prediction(t)
}

// holdVotes fails unless the vote is closed, and the first options have got these votes.
func holdVotes(t *testing.T, asked game.PredictionView, votes []int) {
	t.Helper()
	if asked.Phase != game.PredictionClosed || len(asked.Counts) < len(votes) || !slices.Equal(asked.Counts[:len(votes)], votes) {
		t.Fatalf("closed: %+v", asked)
	}
}

// decided waits for the end of the question.
func (c *class) decided(t *testing.T) game.PredictionView {
	t.Helper()
	var got game.PredictionView
	wait.Until(t, "an answer, or why there is none", func() bool {
		got = c.program.prediction(t)
		return got.Phase == game.PredictionAnswered || got.Phase == game.PredictionCancelled
	})
	return got
}

// answered waits for the answer, which must be this option, and compares the stored answer with the one shown. It returns the
// evidence.
func (c *class) answered(t *testing.T, option string) map[string]any {
	t.Helper()
	got := c.decided(t)
	if got.Answer == nil || got.Options[got.Answer.Option].Text != option || got.Answer.Because == "" {
		t.Fatalf("%q: want %q, got %+v %+v", got.Question, option, got, got.Answer)
	}
	t.Logf("%s %s: %s %s", got.Question, option, got.Answer.Because, got.Answer.Evidence)

	var stored game.Prediction
	wait.Until(t, "a stored answer", func() bool {
		text := one[string](t, c.database, fmt.Sprintf("SELECT prediction::text FROM predictions WHERE id = %d", got.ID))
		stored = game.Prediction{}
		if err := json.Unmarshal([]byte(text), &stored); err != nil {
			t.Fatal(err)
		}
		return stored.Answer != nil
	})
	var evidence, kept map[string]any
	if json.Unmarshal(got.Answer.Evidence, &evidence) != nil || json.Unmarshal(stored.Answer.Evidence, &kept) != nil {
		t.Fatalf("evidence %s, stored %s", got.Answer.Evidence, stored.Answer.Evidence)
	}
	if len(evidence) == 0 || fmt.Sprint(kept) != fmt.Sprint(evidence) || stored.Answer.Option != got.Answer.Option || stored.Tally.Votes != 3 {
		t.Errorf("shown %+v, stored %+v of %+v", got.Answer, stored.Answer, stored.Tally)
	}
	return evidence
}

// deckHasReasons checks that the deck has each kind, and a reason for those that cannot be asked. The protocol is never the
// reason.
func (c *class) deckHasReasons(t *testing.T) {
	t.Helper()
	status, text := c.program.authorised(t, "/api/instructor/questions")
	var deck []game.Question
	if err := json.Unmarshal([]byte(text), &deck); err != nil || status != http.StatusOK {
		t.Fatalf("the deck: %d %v %s", status, err, text)
	}
	kinds := map[string]bool{}
	for _, q := range deck {
		kinds[q.Kind] = true
		if q.Askable == (q.Why != "") {
			t.Errorf("askable or a reason, not both: %+v", q)
		}
		for _, word := range []string{"protocol", "KIP-848", "classic", c.assignor} {
			if strings.Contains(q.Why, word) {
				t.Errorf("%s: %s", q.Kind, q.Why)
			}
		}
	}
	if len(kinds) != 8 {
		t.Errorf("the deck has the kinds %v", kinds)
	}
}

// startProducer starts the producer service, and returns once the board knows its load.
func (c *class) startProducer(t *testing.T, rate string) {
	t.Helper()
	addr, err := process.FreeAddr("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(c.programs, "producer-svc"), "--listen", addr, "--rate", rate, "--log-level", "warn")
	cmd.Env = append(environment(c.Cluster), "INSTRUCTOR_TOKEN="+instructorToken)
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	c.program.until(t, "records of the producer", func(b game.Board) bool { return b.RecordsPerSecond > 1 })
}
