package score

import (
	"testing"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A kill falls between an action about another team's user and the same action again, in another partition. Whichever is read
// first afterwards, the old one counts as the first.
func TestANewActionWaitsForThoseThatAreReadAgain(t *testing.T) {
	r := newRoom(t, 1)
	r.batch = 1
	to := r.Client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	act := func(partition int32, u workshop.User) {
		m := made{team: 1, action: deed(1, u.Email), at: epoch}
		rec := &kgo.Record{Topic: r.Actions(1), Partition: partition, Value: encode(m.action), Timestamp: m.at}
		if err := to.ProduceSync(t.Context(), rec).FirstErr(); err != nil {
			t.Fatal(err)
		}
		r.records = append(r.records, m)
	}
	var users []workshop.User
	for i := range 50 {
		users = append(users, person(i, false, false))
		r.send(made{user: users[i], at: epoch})
	}
	for _, u := range users {
		act(1, u)
	}
	s := r.run(game.Resume{Round: game.Round{Number: 1}})
	stored := s.until("the first copies", r.all)
	s.stop()
	for i, u := range users {
		act(int32(i%2)*2, u)
	}
	again := r.run(game.Resume{Round: game.Round{Number: 1}, Scores: stored})
	r.check(again.until("the second copies", r.all))
}
