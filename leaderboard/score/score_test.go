package score

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCountsAreTheOracles(t *testing.T) {
	r := newRoom(t, 15)
	rnd := rand.New(rand.NewPCG(1, 2))
	r.work(rnd, 200)
	s := r.run(game.Resume{Round: game.Round{Number: 1}})
	r.work(rnd, 200)
	r.check(s.until("everything", r.all))
	if len(s.notes) > 0 {
		t.Errorf("notes: %q", s.notes)
	}
}

func TestAKillAtAnyMomentChangesNoCount(t *testing.T) {
	// given a store that keeps the last Scores it received, and kills before and after that
	r := newRoom(t, 3)
	r.batch = 7 // so that kills fall between batches
	rnd := rand.New(rand.NewPCG(3, 4))
	stored := game.Scores{}
	for range 40 {
		s := r.run(game.Resume{Round: game.Round{Number: 1}, Scores: stored})
		r.work(rnd, 1+rnd.IntN(60))
		for range rnd.IntN(4) {
			if stored = s.next(); r.all(stored) {
				break
			}
		}
		if rnd.IntN(2) == 0 && !r.all(stored) {
			s.next() // emitted but never stored
		}
		s.stop()
	}
	s := r.run(game.Resume{Round: game.Round{Number: 1}, Scores: stored})
	r.check(s.until("everything", r.all))
}

func TestARoundBeginsCleanAndGoesOnAfterAKill(t *testing.T) {
	r := newRoom(t, 2)
	rnd := rand.New(rand.NewPCG(5, 6))
	s := r.run(game.Resume{Round: game.Round{Number: 1}})
	r.work(rnd, 100)
	s.until("round 1", r.all)
	users, err := r.Admin(t).ListEndOffsets(t.Context(), r.Topic())
	if err != nil {
		t.Fatal(err)
	}
	round := game.Round{Number: 2, Began: epoch, Start: make([]int64, 5)}
	users.Each(func(o kadm.ListedOffset) { round.Start[o.Partition] = o.Offset })

	s.scorer.Resume(game.Resume{Round: round})
	begun := s.until("round 2", func(s game.Scores) bool { return s.Round == 2 })
	if verdicts(begun.Teams) != 0 || len(begun.Offsets) != 5+2*4 || begun.Teams[0].Rejections != nil {
		t.Fatalf("round 2 begins with %+v", begun)
	}
	old := r.records[0].user.Email
	r.records = nil
	r.work(rnd, 100)
	r.send(made{team: 1, action: deed(1, old), at: epoch.Add(time.Second)}) // a user of round 1
	r.records = r.records[:len(r.records)-1]
	done := func(s game.Scores) bool { return r.all(s) && s.Teams[0].Earlier == 1 }
	r.check(s.until("round 2's work", done))
	s.stop()

	s = r.run(game.Resume{Round: round, Scores: begun})
	r.check(s.until("round 2 again", done))
}

func TestATopicMadeAnewCountsFromItsStart(t *testing.T) {
	r := newRoom(t, 1)
	rnd := rand.New(rand.NewPCG(7, 8))
	s := r.run(game.Resume{Round: game.Round{Number: 1}})
	r.work(rnd, 50)
	before := s.until("the first work", r.all)
	if _, err := r.Admin(t).DeleteTopics(t.Context(), r.Actions(1)); err != nil {
		t.Fatal(err)
	}
	r.CreateTopic(t, r.Actions(1), 3, nil)
	r.connect()
	u := person(1_000_000, true, false)
	r.send(made{user: u, at: epoch}, made{team: 1, action: deed(1, u.Email), at: epoch})
	after := s.until("the new topic's action", r.all)
	if after.Teams[0].Accepted != before.Teams[0].Accepted+1 {
		t.Errorf("accepted %d, then %d", before.Teams[0].Accepted, after.Teams[0].Accepted)
	}
	if !slices.ContainsFunc(s.notes, func(n string) bool { return strings.Contains(n, "created again") }) {
		t.Errorf("notes: %q", s.notes)
	}
}

func TestNewUsersMadeAnew(t *testing.T) {
	r := newRoom(t, 1)
	rnd := rand.New(rand.NewPCG(9, 10))
	s := r.run(game.Resume{Round: game.Round{Number: 1}})
	r.work(rnd, 50)
	s.until("the first work", r.all)
	if _, err := r.Admin(t).DeleteTopics(t.Context(), r.Topic()); err != nil {
		t.Fatal(err)
	}
	s.until("the error", func(s game.Scores) bool { return s.Err != "" })
	r.CreateTopic(t, r.Topic(), 6, nil)
	r.connect()
	r.work(rnd, 50)
	r.check(s.until("the new work", r.all))
}

// The log has lost its tail: what is left was counted already, and is read again without counting.
func TestAnOffsetPastTheEndCountsNothingTwice(t *testing.T) {
	r := newRoom(t, 1)
	rnd := rand.New(rand.NewPCG(11, 12))
	r.work(rnd, 20)
	s := r.run(game.Resume{Round: game.Round{Number: 1}})
	stored := s.until("everything", r.all)
	s.stop()
	stored.Offsets = slices.Clone(stored.Offsets)
	for i := range stored.Offsets {
		if stored.Offsets[i].Topic == r.Actions(1) {
			stored.Offsets[i].Next += 1000
		}
	}
	s = r.run(game.Resume{Round: game.Round{Number: 1}, Scores: stored})
	r.check(s.until("the same again", r.all))
	r.work(rnd, 20)
	r.check(s.until("what was added", r.all))
	if len(s.notes) != 3 {
		t.Errorf("notes: %q", s.notes)
	}
}

func TestATopicThatComesLater(t *testing.T) {
	r := newRoom(t, 1)
	r.teams = 2
	s := r.run(game.Resume{Round: game.Round{Number: 1}})
	s.until("scores", func(s game.Scores) bool { return s.Err == "" && len(s.Teams) == 2 })
	r.CreateTopic(t, r.Actions(2), 3, nil)
	r.work(rand.New(rand.NewPCG(13, 14)), 30)
	r.check(s.until("both teams' work", r.all))
}

func TestTransactionsCountOnceTheyCommit(t *testing.T) {
	r := newRoom(t, 1)
	s := r.run(game.Resume{Round: game.Round{Number: 1}})
	client := r.Client(t, kgo.TransactionalID(r.TransactionalID(1, "1")), kgo.DefaultProduceTopic(r.Actions(1)))
	act := func(commit bool, n int) {
		t.Helper()
		u := person(n, true, false)
		r.send(made{user: u, at: epoch})
		if err := client.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		m := made{team: 1, action: deed(1, u.Email), at: epoch}
		if err := client.ProduceSync(t.Context(), &kgo.Record{Value: encode(m.action), Timestamp: m.at}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := client.EndTransaction(t.Context(), kgo.TransactionEndTry(commit)); err != nil {
			t.Fatal(err)
		}
		if commit {
			r.records = append(r.records, m)
		}
	}
	act(false, 1)
	act(true, 2)
	act(false, 3)
	stored := s.until("the committed action", r.all)
	r.check(stored)
	s.stop()
	r.check(r.run(game.Resume{Round: game.Round{Number: 1}, Scores: stored}).until("the same again", r.all))
}

func TestTheBrokerAwayForAWhile(t *testing.T) {
	r := newRoom(t, 1)
	if r.Real {
		lacks.Cluster(t, "a shared one is not the test's to stop")
	}
	rnd := rand.New(rand.NewPCG(15, 16))
	s := r.run(game.Resume{Round: game.Round{Number: 1}})
	r.work(rnd, 20)
	before := s.until("the first work", r.all)
	r.Stop(t)
	gone := s.until("the error", func(s game.Scores) bool { return s.Err != "" })
	if verdicts(gone.Teams) != verdicts(before.Teams) || len(gone.Offsets) == 0 {
		t.Errorf("while away: %+v", gone)
	}
	r.Start(t)
	r.work(rnd, 20)
	r.check(s.until("the rest", r.all))
}

func TestATopicThatMayNotBeReadLeavesTheOthers(t *testing.T) {
	t.Run("nor looked at", func(t *testing.T) { readWithoutRights(t) })
	t.Run("though looked at", func(t *testing.T) {
		readWithoutRights(t, allow("team-2.actions", kmsg.ACLOperationDescribe))
	})
}

func allow(topic string, do kmsg.ACLOperation) kfake.ACL {
	return kfake.ACL{
		Resource: kmsg.ACLResourceTypeTopic, Name: topic, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: do, Allow: true,
	}
}

// readWithoutRights runs a scorer that may read team 1's actions but not team 2's.
func readWithoutRights(t *testing.T, more ...kfake.ACL) {
	t.Helper()
	acls := append(slices.Clone(more), allow("new_users", kmsg.ACLOperationRead), allow("team-1.actions", kmsg.ACLOperationRead))
	c, err := kfake.NewCluster(
		kfake.NumBrokers(1), kfake.SeedTopics(2, "new_users", "team-1.actions", "team-2.actions"), kfake.EnableSASL(), kfake.EnableACLs(),
		kfake.Superuser("SCRAM-SHA-256", "admin", "admin"),
		kfake.User("SCRAM-SHA-256", "board", "secret", acls...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	login := kafka.Config{Brokers: c.ListenAddrs(), SASL: "SCRAM-SHA-256", Username: "admin", Password: "admin"}
	r := &room{Cluster: &kafkatest.Cluster{Room: workshop.Room{Lesson: workshop.ScaleUp}, Config: login}, t: t, teams: 2, batch: batch}
	r.connect()
	u := person(1, true, false)
	r.send(made{user: u, at: epoch}, made{team: 1, action: deed(1, u.Email), at: epoch})
	r.Config.Username, r.Config.Password = "board", "secret"
	s := r.run(game.Resume{Round: game.Round{Number: 1}})
	r.check(s.until("team 1's action", r.all))
	if !strings.Contains(strings.Join(s.notes, "\n"), "team-2.actions") {
		t.Errorf("notes: %q", s.notes)
	}
}

func TestALessonWithoutActionsHasNothingToScore(t *testing.T) {
	r := &room{Cluster: kafkatest.New(t), t: t, teams: 1}
	cfg := r.config()
	cfg.Lesson = workshop.WebEvents
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ctx, func(s game.Scores) { t.Errorf("scores: %+v", s) }); err == nil {
		t.Error("Run ended without the context's error")
	}
	cfg.Teams = 0
	if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "--teams") {
		t.Errorf("no teams: %v", fmt.Sprint(err))
	}
}
