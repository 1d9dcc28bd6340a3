package screen

import (
	"fmt"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/story"
	"kafka-workshop/participant-client/worker"

	tea "charm.land/bubbletea/v2"
)

// nine is the time on every golden screen.
var nine = time.Date(2026, 3, 2, 9, 0, 0, 0, time.Local)

// A stage is Workers that show one snapshot and record what keys ask for.
type stage struct {
	now    worker.Snapshot
	events []worker.Event
	asked  []string
	fail   error
}

func (s *stage) note(what string, number int) error {
	s.asked = append(s.asked, fmt.Sprintf("%s %d", what, number))
	return s.fail
}
func (s *stage) Start() (int, error)       { return 3, s.note("start", 3) }
func (s *stage) Stop(n int) error          { return s.note("stop", n) }
func (s *stage) Crash(n int) error         { return s.note("crash", n) }
func (s *stage) Release(n int) error       { return s.note("release", n) }
func (s *stage) Reject(n int) error        { return s.note("reject", n) }
func (s *stage) Snapshot() worker.Snapshot { return s.now }
func (s *stage) drain() []worker.Event     { out := s.events; s.events = nil; return out }

// record returns a record that a worker has held for two seconds.
func record(partition int32, offset int64, delivery int32, kind string, poison bool) worker.Record {
	return worker.Record{
		Topic: "jobs", Partition: partition, Offset: offset, Delivery: delivery, Until: nine.Add(13 * time.Second),
		Job: workshop.Job{ID: "x", Kind: kind, WorkMS: 800, Poison: poison},
	}
}

// working returns a worker in the middle of a record, with more records after it.
func working(number int, now worker.Record, more ...worker.Record) worker.Status {
	now.Began = nine.Add(-400 * time.Millisecond)
	return worker.Status{Number: number, State: worker.Working, Held: append([]worker.Record{now}, more...)}
}

// crew returns a group on two partitions with a colleague.
func crew(backlog0, backlog1 int64) worker.GroupView {
	member := func(id, client string, partitions ...int32) group.Member {
		return group.Member{ID: id, RawID: id, ClientID: client, Host: "/192.168.1.9", Assigned: group.Assignment{"jobs": partitions}}
	}
	return worker.GroupView{
		At: nine, Partitions: 2, Numbers: map[string]int{"m1": 1, "m2": 2},
		Group: group.Group{
			Name: "crew-7", Protocol: group.Share, State: group.Stable,
			Members: []group.Member{member("m1", "team-7-anna-1", 0, 1), member("m2", "team-7-anna-2", 1), member("m9", "team-7-bob-1", 0)},
			Shares:  map[group.Partition]group.SharePartition{{Topic: "jobs", ID: 0}: {Start: 40, Lag: backlog0}, {Topic: "jobs", ID: 1}: {Start: 38, Lag: backlog1}},
		},
	}
}

// screens are the states that have a golden file.
func screens() map[string]func(*model, *stage) {
	two := func(_ *model, s *stage) {
		s.now.Group, s.now.Lock = crew(12, 5), 15*time.Second
		s.now.Totals = worker.Counts{Processed: 147, Redelivered: 3, Rejected: 1}
		s.now.Workers = []worker.Status{
			working(1, record(0, 42, 1, "resize_image", false), record(0, 43, 1, "x", false), record(0, 44, 1, "x", false), record(0, 45, 1, "x", false)),
			working(2, record(1, 38, 2, "send_invoice", true)),
		}
		s.events = []worker.Event{
			{Kind: worker.Accepted, At: nine, Worker: 2, Record: record(0, 41, 1, "render_video", false), Took: 410 * time.Millisecond, After: -1},
			{Kind: worker.Accepted, At: nine, Worker: 1, Record: record(0, 39, 2, "import_orders", false), Took: 620 * time.Millisecond, After: 41},
			{Kind: worker.Rejected, At: nine, Worker: 1, Record: record(0, 40, 1, "x", true), Reason: worker.OfPoison},
			{Kind: worker.Redelivered, At: nine, Worker: 2, Record: record(1, 38, 2, "x", false), Lock: 15 * time.Second},
			{Kind: worker.Lesson, At: nine, Text: "Order is lost: workers share a partition, so a record can be accepted after a later one. A share group keeps no order."},
		}
	}
	return map[string]func(*model, *stage){
		"looking": func(*model, *stage) {},
		"nobody":  func(_ *model, s *stage) { s.now.Group = crew(12, 5) },
		"two":     two,
		"crashed": func(m *model, s *stage) {
			two(m, s)
			s.now.Workers[1] = worker.Status{Number: 2, State: worker.Dead, CrashedAt: nine.Add(-3 * time.Second)}
			s.events = append(s.events, worker.Event{Kind: worker.Closed, At: nine, Worker: 2, Reason: worker.Crashed, Last: &worker.Counts{}})
		},
		"late": func(m *model, s *stage) {
			two(m, s)
			for i := range s.now.Workers[0].Held {
				s.now.Workers[0].Held[i].Until = nine.Add(1200 * time.Millisecond)
			}
			s.now.Totals.Lost = 2
			s.now.Workers[1].State, s.now.Workers[1].Held = worker.Idle, nil
			s.events = append(s.events, worker.Event{Kind: worker.Lost, At: nine, Worker: 1, Record: record(0, 37, 1, "x", false), Reason: worker.OfLock})
		},
		"fault": func(m *model, s *stage) {
			two(m, s)
			s.now.Group.At = nine.Add(-12 * time.Second)
			s.now.Fault = "Nothing listens at 192.168.1.5:9092: is it the join address, and is Kafka running there? Waiting for it."
		},
		"many": func(m *model, s *stage) {
			two(m, s)
			for n := 3; n <= 20; n++ {
				s.now.Workers = append(s.now.Workers, working(n, record(0, int64(100+n), 1, "sync_stock", false)))
			}
		},
		"leaving": func(m *model, s *stage) { two(m, s); m.leaving = true },
		"help":    func(m *model, s *stage) { two(m, s); m.focus = onHelp },
		"step": func(m *model, s *stage) {
			two(m, s)
			m.cfg.Board.Step = &story.Step{Number: 4, Of: 9, Title: "Kill a worker", EndsAt: nine.Add(200 * time.Second)}
			m.cfg.Board.Team = story.Team{Points: 310, Rank: 2, Badges: []story.Badge{{ID: "connected", Icon: "🔌"}, {ID: "crew", Icon: "🐝"}, {ID: "redelivered", Icon: "🔁"}}}
			m.cfg.Board.TeamAt = nine
		},
		"asked": func(m *model, s *stage) { two(m, s); m.cfg.Board.Prediction = asked("open", -1) },
		"voting": func(m *model, s *stage) {
			two(m, s)
			m.cfg.Board.Prediction = asked("open", 1)
			m.focus = onVote
		},
		"answered": func(m *model, s *stage) {
			two(m, s)
			m.ask.Note(story.Sentence{Kind: story.Answered}, nine)
			m.cfg.Board.Prediction = asked("answered", 1)
		},
		"large": func(m *model, s *stage) { // with all figures at their widest
			screens()["step"](m, s)
			s.now.Totals = worker.Counts{Processed: 1_234_567, Redelivered: 98_765, Rejected: 24_691, Lost: 12_345}
			s.now.Group = crew(123_456, 99_999)
			for n := 3; n <= 9; n++ {
				s.now.Group.Members = append(s.now.Group.Members, group.Member{
					ID: fmt.Sprint("m1", n), RawID: fmt.Sprint("m1", n), ClientID: fmt.Sprintf("team-7-carl-%d", n), Host: "/192.168.1.10",
					Assigned: group.Assignment{"jobs": {1}},
				})
			}
			first := &s.now.Workers[0]
			for i := range first.Held {
				first.Held[i].Offset = 1_234_567 + int64(i)
				first.Held[i].Delivery = 3
				first.Held[i].Until = nine.Add(10 * time.Minute)
			}
			s.now.Lock = 10 * time.Minute
			s.events = append(s.events, worker.Event{
				Kind: worker.Accepted, At: nine, Worker: 1, Record: record(1, 1_234_566, 4, "render_video", false), Took: 599 * time.Second, After: 1_234_567,
			})
		},
	}
}

// asked returns a question in a phase, with our vote.
func asked(phase string, mine int) *story.Prediction {
	p := &story.Prediction{
		ID: 3, Question: "crew-7 has two workers on two partitions. A third one joins: what does it get?", Phase: phase, Votes: 12, Mine: mine,
		Options: []story.Option{{Option: 0, Text: "Nothing: each partition has its worker"}, {Option: 1, Text: "Records, like the others"}, {Option: 2, Text: "One partition for itself"}},
	}
	if phase == "answered" {
		p.Counts = []int{7, 4, 1}
		p.Answer = &story.Answer{Option: 1, Because: "Members of a share group own nothing: each takes the next records that nobody has locked."}
	}
	return p
}

// staged returns a model that shows a state.
func staged(set func(*model, *stage), width, height int) (*model, *stage) {
	s := &stage{now: worker.Snapshot{At: nine}}
	m := newModel(New(Config{Group: "crew-7", Topic: "jobs"}).cfg, s, s.drain, func() { s.asked = append(s.asked, "leave") })
	m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	m.advance()
	set(m, s)
	m.advance()
	return m, s
}
