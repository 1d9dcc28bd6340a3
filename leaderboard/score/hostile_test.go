package score

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/processtest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// sendRaw produces a batch that no library would.
func (r *room) sendRaw(topic string, b kafkatest.Batch) {
	r.t.Helper()
	if err := r.ProduceBatch(r.t, r.producer, topic, 0, b); err != nil {
		r.t.Fatalf("produce a raw batch to %s: %v", topic, err)
	}
}

// junk returns a batch that the embedded broker accepts, because it unpacks nothing.
func junk() kafkatest.Batch {
	return kafkatest.Batch{Codec: 4, Count: 3, Time: time.Now(), Records: []byte("nineteen bytes of x")}
}

// bad returns batches that the cluster accepts but that cannot be read.
func (r *room) bad() []kafkatest.Batch {
	out := []kafkatest.Batch{kafkatest.Bomb(r.t, 300)}
	if !r.Real { // Kafka validates batches
		out = append(out, junk(), kafkatest.Batch{Count: 1 << 30, Time: time.Now(), Records: []byte{1}})
	}
	return out
}

// rejectedFor counts a team's rejections whose reason contains a text.
func rejectedFor(s game.Scores, team int, reason string) int {
	return len(slices.DeleteFunc(slices.Clone(s.Teams[team-1].Rejections), func(r game.Rejection) bool {
		return !strings.Contains(r.Reason, reason)
	}))
}

func TestABatchThatCannotBeReadConcernsItsTeamAlone(t *testing.T) {
	r := newRoom(t, 2)
	rnd := rand.New(rand.NewPCG(21, 22))
	r.work(rnd, 30)
	s := r.run(game.Resume{Round: game.Round{Number: 1}})
	s.until("the first work", r.all)

	// when team 2 writes unreadable batches to both of its topics
	bad := r.bad()
	for _, b := range bad {
		r.sendRaw(r.Actions(2), b)
		r.sendRaw(r.Stats(2), b)
	}
	r.work(rnd, 30)

	// then every team's actions count, and each bad batch is a rejection of team 2
	want := 2 * len(bad)
	done := func(s game.Scores) bool {
		return s.Err == "" && s.Behind == 0 && rejectedFor(s, 2, "cannot be read") == want &&
			verdicts(s.Teams) == int64(want)+r.actions()
	}
	stored := s.until("the rest, and the rejections", done)
	s.stop()
	if n := rejectedFor(stored, 1, "cannot be read"); n != 0 {
		t.Errorf("team 1 has %d rejections for batches of team 2", n)
	}
	if !slices.ContainsFunc(s.notes, func(n string) bool { return strings.Contains(n, r.Actions(2)) }) {
		t.Errorf("notes: %q", s.notes)
	}

	// and a restart counts none of it again
	again := r.run(game.Resume{Round: game.Round{Number: 1}, Scores: stored})
	r.work(rnd, 10)
	after := again.until("the work after a restart", done)
	if after.Teams[1].Rejected < stored.Teams[1].Rejected {
		t.Errorf("rejected %d, then %d", stored.Teams[1].Rejected, after.Teams[1].Rejected)
	}
}

func TestABadBatchOnNewUsersIsPassedOver(t *testing.T) {
	r := newRoom(t, 2)
	rnd := rand.New(rand.NewPCG(23, 24))
	r.work(rnd, 30)
	for _, b := range r.bad() {
		r.sendRaw(r.Topic(), b)
	}
	r.work(rnd, 30)
	s := r.run(game.Resume{Round: game.Round{Number: 1}})
	done := s.until("everything", r.all)
	want := oracle(r.records, r.teams, time.Now())
	for i, w := range done.Teams {
		// the unknown users may have been in the bad batches
		if w.Accepted != want[i].Accepted || w.Duplicate != want[i].Duplicate || w.Rejected+w.Unverifiable != want[i].Rejected {
			t.Errorf("team %d: %+v, want %+v", i+1, w, want[i])
		}
	}
	if !slices.ContainsFunc(s.notes, func(n string) bool { return strings.Contains(n, "cannot be read") }) {
		t.Errorf("notes: %q", s.notes)
	}
}

func (r *room) actions() (n int64) {
	for _, m := range r.records {
		if m.team > 0 {
			n++
		}
	}
	return n
}

// floods returns batches that are small on the wire and large in memory, or contain many records in few bytes.
func floods(t testing.TB) []kafkatest.Batch {
	t.Helper()
	var tiny []byte
	const records = 20_000
	for i := range records {
		tiny = append(tiny, kafkatest.WireRecord(i, []byte{'k'}, nil)...)
	}
	headers := make([]kgo.RecordHeader, 1_000_000)
	pack := func(codec int16, count int32, records []byte) kafkatest.Batch {
		return kafkatest.Batch{Codec: codec, Count: count, Time: time.Now(), Records: kafkatest.Compress(t, kgo.ZstdCompression(), records)}
	}
	return []kafkatest.Batch{
		pack(4, records, tiny),
		pack(4, 1, kafkatest.WireRecord(0, []byte("k"), nil, headers...)),
		pack(4, 1, kafkatest.WireRecord(0, []byte("k"), make([]byte, 7<<20))),
		pack(4, 1, kafkatest.WireRecord(0, make([]byte, 7<<20), []byte(`{}`))),
		kafkatest.Bomb(t, 300),
	}
}

// The limit of the whole leaderboard is 256 MB; scoring has the largest part of it.
func TestMemoryStaysBoundedWhateverTeamsWrite(t *testing.T) {
	r := newRoom(t, 15)
	rnd := rand.New(rand.NewPCG(25, 26))
	r.work(rnd, 50)

	// given that all teams except the first have written 34 such batches each
	batches := floods(t)
	for team := 2; team <= r.teams; team++ {
		for _, b := range batches {
			r.sendRaw(r.Actions(team), b)
			r.sendRaw(r.Stats(team), b)
		}
	}
	debug.FreeOSMemory()
	before := processtest.Resident(t)

	// when all of it is read, the peak memory of the process stays bounded
	s := r.run(game.Resume{Round: game.Round{Number: 1}})
	most := before
	want := verdicts(oracle(r.records, r.teams, time.Now())[:1])
	s.until("team 1's actions, and the end of the others'", func(s game.Scores) bool {
		most = max(most, processtest.Resident(t))
		return s.Err == "" && s.Behind == 0 && verdicts(s.Teams[:1]) == want
	})
	t.Logf("%.0f MB before, %.0f MB at most", before, most)
	if most-before > 160 {
		t.Errorf("scoring took %.0f MB more than the %.0f MB of before", most-before, before)
	}
}

func TestADeletedTopicIsMadeAgain(t *testing.T) {
	r := newRoom(t, 2)
	rnd := rand.New(rand.NewPCG(27, 28))
	r.work(rnd, 30)
	cfg := r.config()
	cfg.MakeTopics = func(context.Context) ([]string, error) {
		r.CreateTopic(t, r.Actions(2), 3, nil)
		return []string{r.Actions(2)}, nil
	}
	s := r.runWith(cfg, game.Resume{Round: game.Round{Number: 1}})
	s.until("the first work", r.all)

	if _, err := r.Admin(t).DeleteTopics(t.Context(), r.Actions(2)); err != nil {
		t.Fatal(err)
	}
	noted := func(what string) func(game.Scores) bool {
		return func(game.Scores) bool {
			return slices.ContainsFunc(s.notes, func(n string) bool { return strings.Contains(n, what) && strings.Contains(n, r.Actions(2)) })
		}
	}
	s.until("that it is gone", noted("deleted"))
	s.until("that it is there again", noted("created again"))
	r.connect()
	r.work(rnd, 30)
	r.check(s.until("the work of both teams", r.all))
}

func TestARecordsTimeIsBounded(t *testing.T) {
	r := newRoom(t, 1)
	u := person(1, true, false)
	began := epoch
	r.send(made{user: u, at: epoch})
	value := encode(deed(1, u.Email))
	stats := encode(workshop.Stats{Team: "team-1"})
	for _, at := range []time.Time{time.UnixMilli(math.MaxInt64), time.UnixMilli(-1 << 60), time.UnixMilli(-5), time.Now().Add(24 * time.Hour)} {
		one := func(topic string, value []byte) {
			b := kafkatest.Batch{Count: 1, Time: at, Records: kafkatest.WireRecord(0, []byte("k"), value)}
			if err := r.ProduceBatch(t, r.producer, topic, 0, b); err != nil && !r.Real { // Kafka rejects some of them
				t.Fatal(err)
			}
		}
		one(r.Actions(1), value)
		one(r.Actions(1), []byte("{}"))
		one(r.Stats(1), stats)
	}
	r.records = append(r.records, made{team: 1, action: deed(1, u.Email), at: epoch})
	r.send(made{team: 1, action: deed(1, u.Email), at: epoch})

	s := r.run(game.Resume{Round: game.Round{Number: 1, Began: began}})
	got := s.until("the actions", func(s game.Scores) bool {
		return s.Err == "" && s.Behind == 0 && s.Teams[0].Accepted == 1 && !s.Teams[0].StatsAt.IsZero()
	})
	w := got.Teams[0]
	times := []time.Time{w.FirstAt, w.StatsAt}
	for _, rejection := range w.Rejections {
		times = append(times, rejection.At)
	}
	for _, at := range times {
		if at.Before(began) || at.After(got.At) {
			t.Errorf("a record's time is taken as %s, though the round began at %s and it is %s", at, began, got.At)
		}
	}
}
