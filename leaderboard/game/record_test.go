package game

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// scoreAt returns the scores after the steps up to a time.
func scoreAt(steps []ScoreStep, at time.Time) map[int]TeamScore {
	out := map[int]TeamScore{}
	for _, step := range steps {
		if step.At.After(at) {
			break
		}
		for _, s := range step.Teams {
			out[s.Team] = s
		}
	}
	return out
}

// For any changes of badges, the recorded score of a moment is the one that the board showed.
func TestTheRecordedScoreIsWhatTheBoardShowed(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 11))
		s := newStage(t, workshop.ScaleUp, 3)
		type moment struct {
			at    time.Time
			teams []Team
		}
		var shown []moment
		for range 60 {
			s.after(time.Second).produce(int64(rnd.IntN(2)))
			n := 1 + rnd.IntN(3)
			members := []string{"a:0,1,2,3,4", "a:0,1,2 b:3,4", "a:0 b:1 c:2 d:3 e:4", "a:0,1,2,3,4 b:"}[rnd.IntN(4)]
			s.sweep(stable(n, members, s.end[0], s.end[1], s.end[2], s.end[3], s.end[4]))
			if rnd.IntN(8) == 0 {
				if c, err := s.room.RemoveBadge(s.now, n, Scaled); err == nil {
					s.do(c)
				}
			}
			public, _ := s.room.Boards()
			shown = append(shown, moment{s.now, public.Teams})
		}

		public, _ := s.room.Boards()
		steps := RecordOf(public).ScoreSteps()
		for _, m := range shown {
			told := scoreAt(steps, m.at)
			for _, team := range m.teams {
				if want := (TeamScore{team.Team, team.Points, team.Rank}); told[team.Team] != want {
					t.Fatalf("seed %d at %v: the board showed %+v, the record tells %+v", seed, m.at, want, told[team.Team])
				}
			}
		}
	}
}

// During a freeze, the record ends with the score of the freeze, and shows no later badge.
func TestTheRecordEndsAtTheFreeze(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 2)
	s.sweep(stable(1, "a:0,1,2,3,4"))
	s.freeze()
	s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4"), stable(2, "c:0,1,2 d:3,4"))
	act, err := s.room.RemoveBadge(s.now, 1, Connected)
	if err != nil {
		t.Fatal(err)
	}
	s.do(act)

	public, truth := s.room.Boards()
	record := RecordOf(public)
	if len(record.Teams[0].Awards) != 1 || record.Teams[0].Awards[0].Removed != nil || len(record.Teams[1].Awards) != 0 {
		t.Errorf("the room looks back on %+v", record.Teams)
	}
	told := scoreAt(record.ScoreSteps(), s.now.Add(time.Hour))
	if told[1] != (TeamScore{1, 110, 1}) || told[2] != (TeamScore{2, 0, 2}) {
		t.Errorf("the room is told %+v", told)
	}
	if spans := record.Teams[1].History.All(); len(spans) != 5 {
		t.Errorf("lanes stay live, and the record has %d spans", len(spans))
	}
	if got := len(RecordOf(truth).Teams[0].Awards); got != 2 {
		t.Errorf("the truth has %d awards", got)
	}
}

// At any step of a reveal, the record ends with the score that the board shows.
func TestTheRecordEndsWithTheBoardDuringAReveal(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 2)
	s.sweep(stable(1, "a:0,1,2,3,4"))
	s.freeze()
	s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4"), stable(2, "c:0,1,2 d:3,4"))
	room, err := NewRoom(workshop.Room{Lesson: workshop.ScaleUp, Teams: 3}, s.saved, s.now) // a team is added
	if err != nil {
		t.Fatal(err)
	}
	s.room = room

	for step := range 10 {
		public, _ := s.room.Boards()
		told := scoreAt(RecordOf(public).ScoreSteps(), s.now.Add(time.Hour))
		for _, row := range public.Teams {
			if want := (TeamScore{row.Team, row.Points, row.Rank}); told[row.Team] != want {
				t.Errorf("step %d: the board shows %+v, the record ends with %+v", step, want, told[row.Team])
			}
		}
		c, err := s.room.Reveal(s.now, RevealNext)
		if err != nil {
			break
		}
		s.do(c)
	}
	if public, _ := s.room.Boards(); public.Frozen || public.Teams[1].Points == 0 {
		t.Errorf("the reveal did not end: %+v", public.Teams)
	}
}

func TestBetweenReturnsWhatReachesIn(t *testing.T) {
	at := func(s int) workshop.Time { return workshop.At(time.Date(2026, 3, 1, 9, 0, s, 0, time.UTC)) }
	span := func(from, to int) Span {
		end := at(to)
		return Span{From: at(from), To: &end, State: LaneOwned}
	}
	r := TeamRecord{
		History: History{Ended: []Span{span(0, 10), span(10, 20), span(20, 30)}, Lasting: []Span{{From: at(30)}}},
		Events:  []Event{{At: at(5), Text: "early"}, {At: at(15), Text: "inside"}, {At: at(35), Text: "late"}},
	}
	spans, events := r.Between(at(12).Time, at(20).Time)
	if len(spans) != 2 || !slices.Equal(spans, r.History.Ended[1:]) || len(events) != 1 || events[0].Text != "inside" {
		t.Errorf("%+v %+v", spans, events)
	}
	if spans, _ = r.Between(at(32).Time, at(40).Time); len(spans) != 1 || spans[0].To != nil {
		t.Errorf("the last stretch has %+v", spans)
	}
}

func TestFiguresOfAHistory(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.sweep(stable(1, "a:0,1,2,3,4"))
	s.after(10 * time.Second).sweep(group(1, "PreparingRebalance", "a:0,1,2,3,4 b:"))
	s.after(2 * time.Second).sweep(stable(1, "a:0,1,2 b:3,4"))
	s.after(5 * time.Second)
	got := s.team(1).History.Figures(s.now)
	want := Figures{Members: 2, Changes: 2, Rebalances: 1, Moving: 10 * time.Second, Owned: 75 * time.Second}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
