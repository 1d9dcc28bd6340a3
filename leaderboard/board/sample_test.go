package board

import (
	"fmt"
	"time"

	"kafka-workshop/internal/sheet"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

var sampleNow = time.Date(2026, 3, 14, 14, 3, 22, 0, time.UTC)

// A sample is a room at one moment. Change it, then use its View.
type sample struct {
	game.View
}

// newSample returns a room of teams, each at a different stage.
func newSample(teams int) *sample {
	s := &sample{}
	b := game.Board{
		Round: 2, Lesson: "scale-up", AsOf: workshop.At(sampleNow), Topic: "new_users", Partitions: 5,
		RecordsPerSecond: 9.9, Badges: game.Badges(workshop.ScaleUp), Load: &game.LoadFact{Rate: 10, Achieved: 9.9, At: sampleNow},
		Step: &game.StepProgress{Number: 4, Of: 14, Title: "Who reads what", EndsAt: workshop.At(sampleNow.Add(200 * time.Second))},
	}
	for p := range int32(5) {
		b.TopicPartitions = append(b.TopicPartitions, game.TopicPartition{Partition: p, Start: 0, End: 142 + 25*int64(p), Rate: 2, Share: 0.2})
	}
	for n := 1; n <= teams; n++ {
		b.Teams = append(b.Teams, sampleTeam(n, b.Badges))
	}
	b.Message = "Each record goes to one member of a group. Find your team's users, and publish actions"
	s.Public, s.Truth = b, b
	s.addPast(sampleNow.Add(-20 * time.Minute))
	s.rank()
	s.ticker("team-3 is the first to scale: 3 + 2", game.Scaled)
	s.ticker("team-12: member B left, P3 P4 went to A", "")
	s.ticker("team-7 earns Fault Tolerant", game.FaultTolerant)
	s.Instructor = game.Instructor{
		Help: []game.Help{
			{Team: 4, Kind: "no_member", Since: workshop.At(sampleNow.Add(-3 * time.Minute)), Text: "has had no member for 3 minutes", Advice: "Start a member again: your offsets are kept."},
			{Team: 9, Kind: "rejected", Since: workshop.At(sampleNow.Add(-time.Minute)), Text: "has most of its actions rejected", Advice: "reason is EUROPE, your team's is IN_EUROPE"},
		},
		Strangers: []game.Stranger{{Group: "tema-7", State: "Stable", Members: 1}},
		Log:       s.Public.Ticker,
		Kafka:     game.Source{OK: true}, Postgres: game.Source{OK: true}, Scoring: game.Source{OK: true},
		Stillness: []game.Stillness{{Assignor: "range", Rebalance: 20, Silence: 12, Owned: 4000, Stops: 4}, {Assignor: "server", Rebalance: 1, Owned: 900, Stops: 2}},
		SweepMS:   11, Holder: "laptop 4711", Behind: 12, Spotlight: workshop.SpotlightAuto,
	}
	steps, err := sheet.Default(workshop.Room{Lesson: workshop.ScaleUp, Teams: max(teams, 1)})
	if err != nil {
		panic(err) // the built-in sheets have their own tests
	}
	began, ends := workshop.At(sampleNow.Add(-time.Minute)), workshop.At(sampleNow.Add(200*time.Second))
	s.Instructor.Sheet = game.SheetProgress{Steps: steps.Steps, Step: 4, BeganAt: &began, EndsAt: &ends}
	return s
}

func sampleTeam(n int, badges []game.Badge) game.Team {
	t := game.Team{
		Team: n, Name: workshop.TeamID(n), Group: workshop.TeamID(n), State: "Stable",
		Actions: game.Counts{Accepted: int64(n) * 37, Rejected: int64(n % 4), Duplicate: int64(n % 3)},
	}
	members := []int{1, 2, 3, 5, 6, 2, 0, 1, 4, 7}[n%10]
	protocol := "classic"
	if n%3 == 0 {
		protocol = "consumer"
	}
	t.Protocol = &protocol
	setMembers(&t, 5, members)
	if members == 0 {
		t.State, t.Protocol = "NotJoined", nil
		return t
	}
	lag := int64(n*n*7) % 2400
	t.Lag, t.ProcessedPerSecond = &lag, 9.8
	p, r := 1.0, 0.97
	t.Precision, t.Recall = &p, &r
	for i, b := range badges {
		if (n*7+i*i)%9 < 9-i && i < 8 {
			t.Badges = append(t.Badges, game.Earned{Badge: b.ID, Icon: b.Icon, EarnedAt: workshop.At(sampleNow.Add(-time.Duration(n) * time.Minute)), First: (n+i)%11 == 0})
			t.Points += b.Points
		}
	}
	for i := range 6 {
		pause := int64(340 + i*100)
		t.Events = append(t.Events, game.Event{At: workshop.At(sampleNow.Add(time.Duration(i-6) * time.Minute)), Team: n, Kind: "rebalance", Text: fmt.Sprintf("member %c joined: it took P%d", 'A'+i, i), PauseMS: &pause})
		t.Rejected = append(t.Rejected, game.Rejection{At: sampleNow, Customer: "someone@hotmail.com", Type: "CONTACT_CUSTOMER", Given: "EUROPE", Reason: "reason is EUROPE, your team's is IN_EUROPE"})
	}
	return t
}

// setMembers spreads the partitions over the members, as the range assignor does.
func setMembers(t *game.Team, partitions, members int) {
	t.Members, t.Committed, t.Lanes = nil, nil, nil
	p := 0
	for m := range members {
		n := partitions / members
		if m < partitions%members {
			n++
		}
		id := fmt.Sprintf("kgo-%d-%d", t.Team, m)
		member := game.Member{MemberID: id, ClientID: fmt.Sprintf("team-%d-laptop-%c", t.Team, 'a'+m), Host: fmt.Sprintf("192.168.1.%d", 20+m), Colour: m % 8}
		for range n {
			member.Partitions = append(member.Partitions, int32(p))
			at := int64(142 + 17*p)
			t.Committed = append(t.Committed, game.Commit{Partition: int32(p), Committed: &at, End: at + int64(8*p)})
			lag := int64(8 * p)
			t.Lanes = append(t.Lanes, game.Lane{Partition: int32(p), Owner: &id, Lag: &lag})
			p++
		}
		t.Members = append(t.Members, member)
	}
}

// rank orders the teams by points.
func (s *sample) rank() {
	for _, b := range []*game.Board{&s.Public, &s.Truth} {
		for i := range b.Teams {
			b.Teams[i].Rank = 1
			for j := range b.Teams {
				x, y := b.Teams[i], b.Teams[j]
				if y.Points > x.Points || (y.Points == x.Points && y.Team < x.Team) {
					b.Teams[i].Rank++
				}
			}
		}
	}
}

func (s *sample) ticker(text, badge string) {
	e := game.Event{At: workshop.At(sampleNow.Add(time.Duration(len(s.Public.Ticker)) * time.Second)), Kind: "rebalance", Text: text, Badge: badge, Ticker: true}
	if badge != "" {
		e.Kind = "badge"
	}
	s.Public.Ticker = append(append([]game.Event(nil), s.Public.Ticker...), e)
	s.Truth.Ticker = s.Public.Ticker
}

// change edits one team in a new View; the previous View does not change.
func (s *sample) change(team int, edit func(t *game.Team)) {
	for _, b := range []*game.Board{&s.Public, &s.Truth} {
		b.Teams = append([]game.Team(nil), b.Teams...)
		edit(&b.Teams[team-1])
	}
	s.rank()
}

// stale makes the whole room stale.
func (s *sample) stale(why string) {
	at := workshop.At(sampleNow.Add(-time.Minute))
	for _, b := range []*game.Board{&s.Public, &s.Truth} {
		b.StaleSince, b.Stale = &at, []string{why}
		for i := range b.Teams {
			b.Teams[i].StaleSince = &at
		}
	}
}

const longName = "The Extraordinarily Well Partitioned Rebalancers"

// states returns the rooms in which every page is rendered and checked.
func states() map[string]*sample {
	nobody := newSample(15)
	for _, b := range []*game.Board{&nobody.Public, &nobody.Truth} {
		for i := range b.Teams {
			b.Teams[i] = game.Team{Team: i + 1, Name: workshop.TeamID(i + 1), Group: workshop.TeamID(i + 1), State: "NotJoined", Rank: i + 1}
		}
		b.Ticker = nil
	}
	long := newSample(15)
	for i := range long.Public.Teams {
		long.change(i+1, func(t *game.Team) { t.Name = longName })
	}
	stale := newSample(15)
	stale.stale("Kafka does not answer")
	frozen := newSample(15)
	frozen.Public.Frozen, frozen.Truth.Frozen = true, true
	frozen.Public.Message, frozen.Truth.Message = "Last minutes: keep your members alive", "Last minutes: keep your members alive"
	moving := newSample(15)
	moving.Public.Message, moving.Truth.Message = "now: stop one member with Ctrl+C", "now: stop one member with Ctrl+C"
	wordy := newSample(15)
	wordy.Public.Message = "What helps against lag? More members, up to the number of partitions, and never one more"
	for i := range 5 {
		moving.change(3*i+1, func(t *game.Team) { t.State, t.Moving = "PreparingRebalance", [][]int32{{0, 1, 2, 3, 4}, {3}}[i%2] })
	}
	revealing := newSample(15)
	revealing.change(7, func(t *game.Team) { t.Turn = true })
	revealing.Public.Frozen, revealing.Truth.Frozen = true, true
	revealing.Public.Reveal = &game.RevealProgress{Step: 3, Steps: 12}
	revealing.Instructor.Reveal = &game.RevealProgress{Step: 3, Steps: 12, Playing: true, Next: "team-7 has Scaled: 320 points, from rank 8 to 5"}
	revealing.Truth.Reveal = revealing.Instructor.Reveal
	asked, decided := newSample(15), newSample(15)
	asked.ask(1, game.PredictionOpen)
	decided.ask(1, game.PredictionAnswered)
	decided.Public.Prediction.Counts, decided.Public.Prediction.FirstCounts = []int{4, 21, 3, 0}, []int{12, 9, 6, 1}
	decided.Public.Prediction.Answer = &game.AnswerView{Option: 1, Because: "Each partition has one owner in a group. Range shares them out again: 3 + 2."}
	many := newSample(15)
	many.Public.Partitions, many.Truth.Partitions = 12, 12
	silent := newSample(15)
	silent.silence(7, 4*time.Second, 3, 4)
	silent.silence(2, 11*time.Second, 0, 1, 2, 3, 4)
	silentThirty := newSample(30)
	silentThirty.silence(7, 4*time.Second, 3, 4)
	silentThirty.silence(2, 11*time.Second, 0, 1, 2, 3, 4)
	three := newSample(3)
	three.partitions(3, .2, .2, .6)
	four := newSample(4)
	four.change(2, func(t *game.Team) { t.Name = longName })
	four.change(3, func(t *game.Team) { t.Name = "פיתות חמות ומרק" })
	hotSix := newSample(15)
	hotSix.partitions(6, .05, .05, .75, .05, .05, .05)
	hotSix.silence(8, 5*time.Second, 2)
	hotTwelve := newSample(6)
	hotTwelve.partitions(12, .02, .02, .02, .8, .02, .02, .02, .02, .02, .02, .01, .01)
	queue := newQueueSample(6)
	queue.Public.Spotlight, queue.Truth.Spotlight = 6, 6
	return map[string]*sample{
		"queues": newQueueSample(15), "queues three": newQueueSample(3), "queues thirty": newQueueSample(30), "queues spot": queue,
		"asked": asked, "decided": decided,
		"two": newSample(2), "three partitions": three, "four": four, "hot six": hotSix, "hot twelve": hotTwelve, "silent": silent, "silent thirty": silentThirty,
		"spot six": spotted(6, 3), "spot fifteen": spotted(15, 7), "spot thirty": spotted(30, 7), "spot hundred": spotted(100, 7),
		"podium": withPodium(3), "podium of one": withPodium(1),
		"none": newSample(0), "nobody": nobody, "one": newSample(1), "six": newSample(6), "fifteen": newSample(15), "thirty": newSample(30),
		"forty-five": newSample(45), "hundred": newSample(100), "two hundred": newSample(230), "long": long, "stale": stale, "frozen": frozen, "revealing": revealing, "wordy": wordy, "moving": moving, "partitions": many,
	}
}

// partitions gives the topic n partitions with these shares, and spreads them over the members again.
func (s *sample) partitions(n int, shares ...float64) {
	var rows []game.TopicPartition
	for p, share := range shares {
		rows = append(rows, game.TopicPartition{Partition: int32(p), End: int64(share * 123456), Rate: share * 100, Share: share})
	}
	for _, b := range []*game.Board{&s.Public, &s.Truth} {
		b.Partitions, b.TopicPartitions, b.RecordsPerSecond = n, rows, 100
	}
	for i := range s.Public.Teams {
		members := len(s.Public.Teams[i].Members)
		s.change(i+1, func(t *game.Team) { setMembers(t, n, members) })
	}
}

// silence makes lanes of a team silent for d.
func (s *sample) silence(team int, d time.Duration, partitions ...int) {
	since := workshop.At(sampleNow.Add(-d))
	s.change(team, func(t *game.Team) {
		t.Lanes = append([]game.Lane(nil), t.Lanes...)
		for _, p := range partitions {
			t.Lanes[p].SilentSince = &since
		}
	})
}

func spotted(teams, team int) *sample {
	s := newSample(teams)
	s.Public.Spotlight, s.Truth.Spotlight = team, team
	s.change(team, func(t *game.Team) {
		for i, text := range []string{"B timed out: no commit for 10 s, then its session expired", "P3 P4: B → A", "C joined from 192.168.1.22", "P2: A → C; F idle: 5 partitions have owners"} {
			t.Events = append(t.Events, game.Event{ID: int64(i + 1), At: workshop.At(sampleNow.Add(time.Duration(i) * time.Second)), Team: team, Kind: game.KindRebalance, Text: text})
		}
	})
	s.silence(team, 5*time.Second, 3, 4)
	return s
}

// withPodium returns a room that shows the first teams of round 1.
func withPodium(places int) *sample {
	s := newSample(15)
	p := &game.Podium{Round: 1}
	for i := range places {
		for _, t := range s.Public.Teams {
			if t.Rank == i+1 {
				p.Places = append(p.Places, game.Place{Team: t.Team, Name: []string{longName, "פיתות חמות", "Spare Chairs"}[i], Rank: t.Rank, Points: t.Points, Badges: t.Badges})
			}
		}
	}
	s.Public.Podium, s.Truth.Podium = p, p
	return s
}
