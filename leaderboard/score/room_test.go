package score

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

const patience = 2 * time.Minute

// A room is a cluster with the topics of some teams, and all records that were written to them.
type room struct {
	*kafkatest.Cluster
	t        testing.TB
	teams    int
	producer *kgo.Client
	records  []made
	batch    int
	people   int // so that no two users share an email
}

func newRoom(t testing.TB, teams int) *room {
	t.Helper()
	r := &room{Cluster: kafkatest.New(t), t: t, teams: teams, batch: batch}
	r.CreateTopic(t, r.Topic(), 5, nil)
	compact := "compact"
	for team := 1; team <= teams; team++ {
		r.CreateTopic(t, r.Actions(team), 3, nil)
		r.CreateTopic(t, r.Stats(team), 1, map[string]*string{"cleanup.policy": &compact})
	}
	r.connect()
	return r
}

// connect gives the room a producer that knows no topics yet.
func (r *room) connect() {
	r.t.Helper()
	r.producer = r.Client(r.t, kgo.RecordPartitioner(kgo.UniformBytesPartitioner(1, false, true, nil)))
}

// send produces the records in order of arrival, and stores them for the oracle.
func (r *room) send(records ...made) {
	r.t.Helper()
	var out []*kgo.Record
	for _, m := range records {
		rec := &kgo.Record{Topic: r.Topic(), Value: encode(m.user), Timestamp: m.at}
		if m.team > 0 {
			rec.Topic, rec.Value = r.Actions(m.team), encode(m.action)
		}
		out = append(out, rec)
	}
	if err := r.producer.ProduceSync(r.t.Context(), out...).FirstErr(); err != nil {
		r.t.Fatal(err)
	}
	r.records = append(r.records, records...)
}

// work makes n users and the teams' actions about some of them, some of these wrong, late or duplicate.
func (r *room) work(rnd *rand.Rand, n int) {
	r.t.Helper()
	first := r.people
	r.people += n
	at := func(ms int) time.Time { return epoch.Add(time.Duration(10*first+ms) * time.Millisecond) }
	var users, deeds []made
	for i := range n {
		u := person(first+i, rnd.IntN(2) == 0, rnd.IntN(2) == 0)
		users = append(users, made{user: u, at: at(i)})
		for team := 1; team <= r.teams; team++ {
			a := deed(team, u.Email)
			switch kind := rnd.IntN(20); {
			case kind == 0:
				a.Reason = "EUROPE"
			case kind == 1:
				a.Customer = "nobody@" + u.Email
			case kind == 2 || kind > 4 && !workshop.CriterionOf(team).Match(&u):
				continue
			}
			for range 1 + rnd.IntN(8)/7 {
				deeds = append(deeds, made{team: team, action: a, at: at(rnd.IntN(2 * n))})
			}
		}
	}
	r.send(users...)
	r.send(deeds...)
}

func (r *room) config() Config {
	return Config{
		Kafka: r.Config, Room: workshop.Room{Lesson: workshop.ScaleUp, Namespace: r.Namespace, Teams: r.teams}, Users: 100_000,
		Every: 5 * time.Millisecond,
	}
}

// A running scorer passes its Scores to the test one by one.
type running struct {
	t      testing.TB
	scorer *Scorer
	scores chan game.Scores
	stop   func()
	notes  []string
}

func (r *room) run(resume game.Resume) *running {
	r.t.Helper()
	return r.runWith(r.config(), resume)
}

func (r *room) runWith(cfg Config, resume game.Resume) *running {
	r.t.Helper()
	s, err := New(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	s.batch = r.batch
	s.Resume(resume)
	ctx, cancel := context.WithCancel(context.Background())
	out := &running{t: r.t, scorer: s, scores: make(chan game.Scores)}
	var done sync.WaitGroup
	done.Go(func() {
		_ = s.Run(ctx, func(got game.Scores) { // its only error is the context's
			select {
			case out.scores <- got:
			case <-ctx.Done():
			}
		})
	})
	out.stop = sync.OnceFunc(func() { cancel(); done.Wait() })
	r.t.Cleanup(out.stop)
	return out
}

func (r *running) next() game.Scores {
	r.t.Helper()
	select {
	case s := <-r.scores:
		r.notes = append(r.notes, s.Notes...)
		return s
	case <-time.After(patience):
		r.t.Fatal("no scores")
		return game.Scores{}
	}
}

func (r *running) until(what string, ok func(game.Scores) bool) game.Scores {
	r.t.Helper()
	var last game.Scores
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if last = r.next(); ok(last) {
			return last
		}
	}
	r.t.Fatalf("no scores showed %s; the last: %+v", what, last)
	return last
}

func (r *room) all(s game.Scores) bool {
	return s.Err == "" && verdicts(s.Teams) == int64(len(slices.DeleteFunc(slices.Clone(r.records), func(m made) bool { return m.team == 0 }))) && s.Behind == 0
}

func verdicts(works []game.Work) (n int64) {
	for _, w := range works {
		n += w.Accepted + w.Rejected + w.Duplicate + w.Unverifiable
	}
	return n
}

func (r *room) check(s game.Scores) {
	r.t.Helper()
	got, want := bare(s.Teams), oracle(r.records, r.teams, time.Now())
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			r.t.Errorf("team %d:\n got %+v\nwant %+v", i+1, got[i], want[i])
		}
	}
}
