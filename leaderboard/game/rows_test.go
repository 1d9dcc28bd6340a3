package game

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"

	"pgregory.net/rapid"
)

// withoutRows returns a copy of the room that has no previous boards to share with.
func (r *Room) withoutRows() *Room {
	out := *r
	out.standings, out.ranks = nil, nil
	out.teams = nil
	for _, t := range r.teams {
		team := *t
		team.row, team.earned.shown, team.history.view = Team{}, nil, nil
		out.teams = append(out.teams, &team)
	}
	return &out
}

// everything returns the text of everything that a board's rows show.
func everything(t testing.TB, boards ...Board) string {
	t.Helper()
	var out []any
	for _, b := range boards {
		for _, row := range b.Teams {
			out = append(out, row, row.Events, row.Awards, row.History, row.Rejected, row.Moving, row.Notes)
		}
	}
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRowsThatShareAreLikeNewOnes(t *testing.T) {
	type view struct {
		boards []Board
		text   string
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t, workshop.ScaleUp, propTeams)
		var views []view
		look := func(what string) {
			public, truth := s.room.Boards()
			fresh := s.room.withoutRows()
			newPublic, newTruth := fresh.Boards()
			if !reflect.DeepEqual(public, newPublic) || !reflect.DeepEqual(truth, newTruth) {
				rt.Fatalf("after the %s the rows are %s, and new ones are %s", what, everything(t, public, truth), everything(t, newPublic, newTruth))
			}
			if what == "sweep" {
				views = append(views, view{[]Board{public, truth}, everything(t, public, truth)})
			}
		}

		for _, st := range drawSteps(rt) {
			s.after(st.after).produce(st.produce)
			if st.restart {
				s.restart()
			}
			c := s.room.Sweep(Sweep{At: s.now, Groups: st.groups, Topic: TopicFact{Name: "new_users", ID: s.id, Start: make([]int64, len(s.end)), End: s.end}})
			look("sweep")
			s.store(c)
			look("storing")
			s.scores(st.works...)
			look("scores")

			switch rapid.IntRange(0, 9).Draw(rt, "command") {
			case 0:
				s.do(s.room.Begin(s.now))
			case 1:
				if freeze, err := s.room.Freeze(s.now); err == nil {
					s.do(freeze)
				}
			case 2:
				if remove, err := s.room.RemoveBadge(s.now, 1, Connected); err == nil {
					s.do(remove)
				}
			}
			look("command")
		}

		for i, v := range views {
			if everything(t, v.boards...) != v.text {
				rt.Fatalf("view %d of %d was changed later", i, len(views))
			}
		}
	})
}

// Most rows do not change in a step: sharing them makes a step cheap.
func TestARowSharesWhatHasNotChanged(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1).produce(1)
	sweep := func(members string, commits ...int64) Team {
		g := stable(1, members, commits...)
		g.Members[0].ClientID, g.Members[0].Instance = "client", "static"
		s.after(time.Second).sweep(g)
		return s.team(1)
	}
	before := sweep("a:0,1,2 b:3,4", 1, 1, 1, 1, 1)
	same := sweep("a:0,1,2 b:3,4", 1, 1, 1, 1, 1)
	if &same.Members[0] != &before.Members[0] || &same.Lanes[0] != &before.Lanes[0] || &same.Committed[0] != &before.Committed[0] || &same.Badges[0] != &before.Badges[0] {
		t.Error("a row that is as before was made again")
	}

	s.produce(1)
	next := sweep("a:0,1,2 b:3,4", 2, 1, 1, 1, 1)
	if *next.Committed[0].Committed != 2 || *before.Committed[0].Committed != 1 || *next.Lanes[1].Lag != 1 || *before.Lanes[1].Lag != 0 {
		t.Errorf("the rows are %+v, and were %+v", next.Committed, before.Committed)
	}
	if &next.Members[0] != &before.Members[0] || next.Lanes[0].Owner != before.Lanes[0].Owner {
		t.Error("the members were made again")
	}

	again := sweep("c:0,1,2 b:3,4", 2, 1, 1, 1, 1) // the static member, with a new ID
	if id := again.Members[0].MemberID; id != "c" || next.Members[0].MemberID != "a" {
		t.Errorf("the member that came back is %s, and was %s", id, next.Members[0].MemberID)
	}
}
