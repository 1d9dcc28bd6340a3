package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/testing/terminaltest"
	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// nine is the time on every golden screen.
var nine = time.Date(2026, 3, 2, 9, 0, 0, 0, time.Local)

// screens are the states that have a golden file.
func screens() map[string]func(m *model, s *stage) {
	me := inGroup("m1", "team-7-anna-1", "/192.168.1.5", 0, 1, 2)
	bob := inGroup("m9", "team-7-bob-1", "/192.168.1.9:51234", 3, 4)
	return map[string]func(*model, *stage){
		"looking": func(*model, *stage) {},
		"nobody": func(_ *model, s *stage) {
			free := lanes(-9, 150, "", "", "", "", "")
			for i := range free {
				free[i].Committed = -1
			}
			s.Group = inState(group.NotJoined, nil, free)
		},
		"alone": func(_ *model, s *stage) {
			s.Group = stable([]group.Member{inGroup("m1", "team-7-anna-1", "/192.168.1.5", 0, 1, 2, 3, 4)}, lanes(142, 150, "m1", "m1", "m1", "m1", "m1"))
			s.Members = []member.Status{ours(1, member.Reading, 142, 147, 0, 1, 2, 3, 4)}
		},
		"two": func(_ *model, s *stage) {
			s.Group = stable([]group.Member{me, bob}, lanes(142, 150, "m1", "m1", "m1", "m9", "m9"))
			s.Members = []member.Status{ours(1, member.Reading, 142, 147, 0, 1, 2)}
		},
		"rebalancing": func(_ *model, s *stage) {
			s.Group = stable([]group.Member{inGroup("m1", "team-7-anna-1", ""), inGroup("m9", "team-7-bob-1", "")}, lanes(142, 150, "", "", "", "", ""))
			s.Group.State = group.PreparingRebalance
			s.Members = []member.Status{ours(1, member.Rebalancing, 142, 147)}
		},
		"crashed": func(_ *model, s *stage) {
			dead := ours(2, member.Dead, 142, 147)
			dead.CrashedAt = nine.Add(-3200 * time.Millisecond)
			s.Group = stable([]group.Member{me, inGroup("m2", "team-7-anna-2", "/192.168.1.5", 3, 4)}, lanes(142, 150, "m1", "m1", "m1", "m2", "m2"))
			s.Members = []member.Status{ours(1, member.Reading, 142, 147, 0, 1, 2), dead}
		},
		"silent": func(_ *model, s *stage) {
			s.Group = stable([]group.Member{me, bob}, lanes(142, 150, "m1", "m1", "m1", "m9", "m9"))
			for i := range s.Group.Lanes {
				s.Group.Lanes[i].Waiting = nine.Add(-8 * time.Second)
			}
			s.Members = []member.Status{ours(1, member.Reading, 142, 147, 0, 1, 2)}
		},
		"sixth": func(m *model, s *stage) {
			for i := range 6 {
				gm := inGroup(fmt.Sprintf("m%d", i+1), fmt.Sprintf("team-7-anna-%d", i+1), "/192.168.1.5")
				st := ours(i+1, member.Reading, 142, 147)
				if i < 5 {
					gm.Assigned = group.Assignment{"new_users": {int32(i)}}
					st = ours(i+1, member.Reading, 142, 147, int32(i))
				}
				s.Group.Members, s.Members = append(s.Group.Members, gm), append(s.Members, st)
			}
			s.Group = stable(s.Group.Members, lanes(142, 150, "m1", "m2", "m3", "m4", "m5"))
			m.advance() // the group is known when the event comes
			m.story.Event(member.Event{Kind: member.Assigned, Instance: 6, First: true, At: nine})
		},
		"behind": func(_ *model, s *stage) {
			s.Group = stable([]group.Member{me, bob}, lanes(14200, 1234567, "m1", "m1", "m1", "m9", "m9"))
			s.Members = []member.Status{ours(1, member.Reading, 14200, 15000, 0, 1, 2)}
			s.Members[0].Paused = true
		},
		"fault": func(_ *model, s *stage) {
			s.Group = stable([]group.Member{me}, lanes(142, 150, "m1", "m1", "m1", "", ""))
			s.Group.At = nine.Add(-12 * time.Second)
			s.Members = []member.Status{ours(1, member.Reading, 142, 147, 0, 1, 2)}
			s.Fault = "Nothing listens at 192.168.1.5:9092: is the broker up? Trying again."
		},
		"twice": func(m *model, s *stage) {
			s.Group = stable([]group.Member{me, bob}, lanes(142, 150, "m1", "m1", "m1", "m9", "m9"))
			s.Members = []member.Status{ours(1, member.Reading, 142, 147, 0, 1, 2)}
			s.Members[0].Duplicates = 27
			m.story.Event(member.Event{Kind: member.Joined, Member: bob, At: nine.Add(-3 * time.Second)})
			m.story.Event(member.Event{Kind: member.Assigned, Instance: 1, Owned: []int32{0, 1, 2}, Before: []int32{0, 1, 2, 3, 4}, Pause: 1200 * time.Millisecond, At: nine.Add(-2 * time.Second)})
			m.story.Event(member.Event{Kind: member.Committed, Resumed: true, Instance: 1, Partitions: []int32{0, 1}, Offsets: map[int32]int64{0: 142, 1: 143}, At: nine.Add(-2 * time.Second)})
			m.story.Event(member.Event{Kind: member.Duplicate, Instance: 1, Count: 27, After: member.Crashed, At: nine})
		},
		"badges": func(m *model, s *stage) {
			s.Group = stable([]group.Member{me, bob}, lanes(142, 150, "m1", "m1", "m1", "m9", "m9"))
			s.Members = []member.Status{ours(1, member.Reading, 142, 147, 0, 1, 2)}
			m.story.Team = story.Team{Points: 310, Rank: 2, Badges: []story.Badge{{ID: "connected", Icon: "🔌"}, {ID: "first_load", Icon: "📤"}, {ID: "full_house", Icon: "🏁", First: true}}}
			m.story.TeamAt = nine
			m.cfg.Flags = true
		},
		"many": func(_ *model, s *stage) {
			owners := make([]string, 40)
			for i := range owners {
				owners[i] = []string{"m1", "m9"}[i%2]
			}
			s.Group = stable([]group.Member{me, bob}, lanes(142, 250, owners...))
			s.Members = []member.Status{ours(1, member.Reading, 142, 147, 0, 2, 4)}
		},
		"solving": func(m *model, s *stage) { // with all figures at their widest
			screens()["badges"](m, s)
			m.story.Team.Points, m.story.Team.Rank = 1160, 15
			for _, id := range []string{"scaled", "stats_published", "fault_tolerant", "spare", "lag_buster", "sharpshooter", "foresight"} {
				m.story.Team.Badges = append(m.story.Team.Badges, story.Badge{ID: id, Icon: "🏁"})
			}
			s.Group = stable(s.Group.Members, lanes(14200, 34567, "m1", "m1", "m1", "m9", "m9"))
			mine := &s.Members[0]
			mine.Records, mine.Duplicates, mine.Flagged = 98765, 12345, 54321
			mine.Last[0].Flagged, mine.Last[2].Flagged = true, true
			m.advance()
			mine.Records += 49_380
			s.At = nine.Add(4 * time.Second)
			s.Group.At = s.At
			m.story.TeamAt = s.At
		},
		"step": func(m *model, s *stage) {
			screens()["two"](m, s)
			m.story.Step = &story.Step{Number: 4, Of: 9, Title: "A second member", EndsAt: nine.Add(200 * time.Second)}
		},
		"asked": func(m *model, s *stage) { screens()["two"](m, s); m.story.Prediction = asked("open", -1) },
		"voting": func(m *model, s *stage) {
			screens()["two"](m, s)
			m.story.Prediction = asked("open", 1)
			m.focus = onVote
		},
		"answered": func(m *model, s *stage) {
			screens()["two"](m, s)
			m.story.Prediction = asked("answered", 1)
			m.ask.answeredAt = nine
		},
		"answer": func(m *model, s *stage) {
			screens()["answered"](m, s)
			m.focus = onVote
		},
		"processes": func(_ *model, s *stage) { // members that differ by host, process and number
			here, there := inGroup("m2", "team-7-anna-4712-1", "/192.168.1.5", 3), inGroup("m9", "team-7-annas-macbook-pro-4711-12", "/192.168.1.9:51234", 4)
			s.Group = stable([]group.Member{me, here, there}, lanes(142, 150, "m1", "m1", "m1", "m2", "m9"))
			s.Members = []member.Status{ours(1, member.Reading, 142, 147, 0, 1, 2)}
		},
		"rewind":  func(m *model, s *stage) { screens()["two"](m, s); m.asking = true },
		"leaving": func(m *model, s *stage) { screens()["two"](m, s); m.leaving = true },
		"table":   func(m *model, s *stage) { screens()["two"](m, s); m.focus = onTable },
		"help":    func(m *model, s *stage) { screens()["two"](m, s); m.focus = onHelp },
	}
}

// asked returns a question in a phase, with our vote.
func asked(phase string, mine int) *story.Prediction {
	p := &story.Prediction{
		ID: 3, Question: "team-7 has one member of range for 5 partitions. One more joins: how are they shared?", Phase: phase, Votes: 12, Mine: mine,
		Options: []story.Option{{Option: 0, Text: "5 + 0"}, {Option: 1, Text: "3 + 2"}, {Option: 2, Text: "4 + 1"}, {Option: 3, Text: "5 + 5"}},
	}
	if phase == "answered" {
		p.Counts = []int{1, 8, 3, 0}
		p.Answer = &story.Answer{Option: 1, Because: "Each partition has one owner in a group. Range shares them out again: 3 + 2."}
	}
	return p
}

// staged returns a model that shows a state.
func staged(set func(*model, *stage), width, height int) (*model, *stage) {
	s := &stage{}
	s.At = nine
	cfg := Config{Config: story.Config{
		Group: "team-7", Topic: "new_users", Team: 7, Host: "anna", Assignor: member.Range, CommitInterval: 5 * time.Second, SessionTimeout: 10 * time.Second,
	}}
	m := newModel(cfg, membersOf{s}, story.New(cfg.Config), func() { s.asked = append(s.asked, "leave") })
	m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	set(m, s)
	m.advance()
	return m, s
}

func TestGoldens(t *testing.T) {
	sizes := [][2]int{{60, 20}, {80, 24}, {120, 40}, {200, 60}}
	for name, set := range screens() {
		for _, size := range sizes {
			file := fmt.Sprintf("%s-%dx%d", name, size[0], size[1])
			t.Run(file, func(t *testing.T) {
				m, _ := staged(set, size[0], size[1])
				m.plain = size[0] == 60 // these show the edges that replace colours
				terminaltest.Golden(t, file, m.draw())
			})
		}
	}
}

func TestNoLineIsWiderThanTheScreen(t *testing.T) {
	all := screens()
	rapid.Check(t, func(t *rapid.T) {
		width, height := rapid.IntRange(1, 200).Draw(t, "width"), rapid.IntRange(1, 70).Draw(t, "height")
		for name, set := range all {
			m, _ := staged(set, width, height)
			lines := strings.Split(m.draw(), "\n")
			if len(lines) > height {
				t.Fatalf("%s: %d lines on %d", name, len(lines), height)
			}
			for _, line := range lines {
				if w := Visible(line); w > width {
					t.Fatalf("%s: a line of %d cells on %d: %q", name, w, width, ansi.Strip(line))
				}
			}
		}
	})
}

func TestLayout(t *testing.T) {
	cases := []struct {
		width, height, lanes       int
		small, big, side           bool
		records, timeline, figures bool
	}{
		{width: 40, height: 24, lanes: 5, small: true},
		{width: 80, height: 9, lanes: 5, small: true},
		{width: 60, height: 12, lanes: 5, timeline: true},
		{width: 60, height: 16, lanes: 5, timeline: true, figures: true},
		{width: 60, height: 20, lanes: 5, timeline: true, figures: true},
		{width: 80, height: 24, lanes: 5, timeline: true, records: true, figures: true},
		{width: 120, height: 40, lanes: 5, timeline: true, records: true, figures: true, big: true, side: true},
		{width: 80, height: 24, lanes: 40},
	}
	for _, c := range cases {
		l := newLayout(c.width, c.height, onBoard, c.lanes, false)
		if l.small != c.small || l.bigFigures != c.big || l.side != (c.side || c.width >= wide) {
			t.Errorf("%dx%d with %d lanes: %+v", c.width, c.height, c.lanes, l)
		}
		if (l.records.lines > 1) != c.records || (l.timeline.lines > 1) != c.timeline || (l.figures.lines > 0) != c.figures {
			t.Errorf("%dx%d with %d lanes: records %v timeline %v figures %v", c.width, c.height, c.lanes, l.records, l.timeline, l.figures)
		}
	}
}

func TestLayoutKeepsTheLanesAndOverlapsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width, height := rapid.IntRange(minWidth, 250).Draw(t, "width"), rapid.IntRange(5, 100).Draw(t, "height")
		lanes, f := rapid.IntRange(0, 60).Draw(t, "lanes"), focus(rapid.IntRange(0, 3).Draw(t, "focus"))
		l := newLayout(width, height, f, lanes, rapid.Bool().Draw(t, "asked"))
		if l.small {
			return
		}
		if l.lanes.lines < min(max(lanes, 1), 5) {
			t.Fatalf("%d lines for %d lanes: %+v", l.lanes.lines, lanes, l)
		}
		at := 0
		for _, b := range []band{l.title, l.figures, l.lanes, l.members, l.message, l.ask, l.lower, l.help} {
			if b.lines < 0 || (b.lines > 0 && b.top < at) || b.top+b.lines > height {
				t.Fatalf("band %+v out of place in %+v", b, l)
			}
			if b.lines > 0 {
				at = b.top + b.lines
			}
		}
	})
}

func BenchmarkFrame(b *testing.B) {
	m, _ := staged(screens()["twice"], 120, 40)
	b.ReportAllocs()
	for b.Loop() {
		m.advance()
		m.draw()
	}
}
