package board

import (
	"fmt"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// newQueueSample returns a room of the queues lesson: each team has more workers than the previous one, up to seven.
func newQueueSample(teams int) *sample {
	s := newSample(teams)
	s.partitions(2, .55, .45)
	for _, b := range []*game.Board{&s.Public, &s.Truth} {
		b.Lesson, b.Topic, b.RecordsPerSecond, b.Badges = workshop.Queues.Name, workshop.Queues.Topic, 5, game.Badges(workshop.Queues)
		b.TopicPartitions[0].Rate, b.TopicPartitions[1].Rate = 2.7, 2.3
		b.Message = "Two more: 2 partitions, three workers. What does the third do?"
	}
	for n := 1; n <= teams; n++ {
		s.change(n, func(t *game.Team) { setWorkers(t, n%8, n) })
	}
	return s
}

// setWorkers gives a team that many workers, the last of which has done nothing yet, and every third team a consumer group as
// well.
func setWorkers(t *game.Team, workers, seed int) {
	t.Group = fmt.Sprintf("crew-%d", t.Team)
	t.Members, t.Workers, t.Moving, t.Lanes, t.Committed = []game.Member{}, []game.Worker{}, nil, nil, nil
	var lag int64
	for p := range int32(2) {
		done, end := int64(400+17*seed), int64(420+23*seed)
		waiting := end - done
		lag += waiting
		t.Committed = append(t.Committed, game.Commit{Partition: p, Committed: &done, End: end})
		t.Lanes = append(t.Lanes, game.Lane{Partition: p, Lag: &waiting})
		if p == 1 && workers > 2 {
			t.Lanes[1].OutOfOrder = &game.OutOfOrder{Offset: done - 4, Later: 3}
		}
	}
	t.Lag = &lag
	protocol := "share"
	t.Protocol, t.State = &protocol, "Stable"
	if workers == 0 {
		t.State = "Empty"
	}

	for i := range workers {
		id := fmt.Sprintf("%s-w%d", t.Group, i)
		name := fmt.Sprintf("%s-laptop-%d", t.Group, i+1)
		t.Members = append(t.Members, game.Member{MemberID: id, ClientID: name, Host: "192.168.1.20", Colour: i, Partitions: []int32{}})
		w := game.Worker{MemberID: id, ClientID: name, Colour: i}
		if i < workers-1 || workers == 1 {
			w.Working, w.Share, w.Processed = true, 1/float64(max(workers-1, 1)), int64(40+7*i)
			w.Redelivered, w.Rejected = int64(i), int64(i/2)
		}
		t.Workers = append(t.Workers, w)
	}

	if t.Team%3 == 0 {
		t.Beside = &game.Beside{Group: workshop.TeamID(t.Team), State: "Stable"}
		for i := range 3 {
			m := game.Member{MemberID: fmt.Sprintf("m%d", i), ClientID: fmt.Sprintf("consumer-%d", i), Colour: i, Partitions: []int32{}}
			if i < 2 {
				m.Partitions = []int32{int32(i)}
			}
			t.Beside.Members = append(t.Beside.Members, m)
		}
	}
}
