package tui

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/participant-client/member"

	tea "charm.land/bubbletea/v2"
)

// press types keys and runs what they start.
func press(m *model, keys ...string) {
	for _, k := range keys {
		msg := tea.KeyPressMsg{Code: []rune(k)[0], Text: k}
		switch k {
		case "esc":
			msg = tea.KeyPressMsg{Code: tea.KeyEscape}
		case "tab":
			msg = tea.KeyPressMsg{Code: tea.KeyTab}
		case "ctrl+c":
			msg = tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}
		}
		if _, cmd := m.Update(msg); cmd != nil {
			if said := cmd(); said != nil {
				m.Update(said)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	cases := map[string][]string{
		"+":       {"start"},
		"-":       {"stop 1"},
		"k":       {"crash 1"},
		"p":       {"pause 1 true"},
		"s":       {"slow 1 200ms"},
		"c":       {"commit 1"},
		"r e":     {"rewind 1 earliest"},
		"r l":     {"rewind 1 latest"},
		"r esc":   nil,
		"r k":     nil, // any other key calls the question off
		"9 k":     {"crash 1"},
		"q":       {"leave"},
		"q k":     {"leave"}, // nothing else while leaving
		"ctrl+c":  {"leave"},
		"d k":     {"crash 1"},
		"? k":     nil, // help is read, not played with
		"? esc k": {"crash 1"},
	}
	for typed, want := range cases {
		m, s := staged(screens()["two"], 80, 24)
		press(m, strings.Fields(typed)...)
		if !slices.Equal(s.asked, want) {
			t.Errorf("%s: asked for %q, want %q", typed, s.asked, want)
		}
	}
}

func TestKeysWorkOnTheChosenMember(t *testing.T) {
	m, s := staged(screens()["sixth"], 80, 24)
	press(m, "4", "k", "tab", "p")
	if want := []string{"crash 4", "pause 5 true"}; !slices.Equal(s.asked, want) {
		t.Errorf("asked for %q, want %q", s.asked, want)
	}
}

func TestASecondQuitHurries(t *testing.T) {
	m, _ := staged(screens()["two"], 80, 24)
	press(m, "q")
	if _, cmd := m.Update(tea.KeyPressMsg{Code: 'q', Text: "q"}); cmd == nil || !m.hurried {
		t.Error("a second q did not quit")
	}
}

func TestKeysWorkOnAScreenThatIsTooSmall(t *testing.T) {
	m, s := staged(screens()["two"], 20, 4)
	press(m, "k")
	if !slices.Equal(s.asked, []string{"crash 1"}) || !strings.Contains(m.draw(), "have 20x4") {
		t.Errorf("asked %q on %q", s.asked, m.draw())
	}
}

func TestSentencesThatTeachComeOnce(t *testing.T) {
	m, s := staged(screens()["alone"], 80, 24)
	crash := member.Event{Kind: member.Closed, Instance: 1, Reason: member.Crashed, Partitions: []int32{0}, At: nine}
	m.inbox.put(crash)
	m.look()
	if got := m.lessons.current(nine); !strings.Contains(got, "vanished with no goodbye") {
		t.Errorf("says %q", got)
	}
	s.At = nine.Add(shown + time.Second)
	m.inbox.put(crash)
	m.look()
	if got := m.lessons.current(s.At); got != "" {
		t.Errorf("says it again: %q", got)
	}
}

func TestARebalanceIsToldWhenItIsOver(t *testing.T) {
	anna := func(e member.Event) member.Event { e.Instance, e.At = 1, nine; return e }
	bob := inGroup("m9", "team-7-bob-1", "h", 3, 4)
	cases := []struct {
		name   string
		events []member.Event
		setUp  func(*lessons)
		says   string
	}{
		{"a colleague joins", []member.Event{
			anna(member.Event{Kind: member.Assigned, Before: []int32{0, 1, 2, 3, 4}, Owned: []int32{0, 1, 2}, Pause: 1200 * time.Millisecond}),
			{Kind: member.Joined, Member: bob, At: nine},
		}, nil, "team-7-bob-1 joined: everyone stopped for 1.2 s, you kept P0 P1 P2."},
		{"cooperative", []member.Event{
			anna(member.Event{Kind: member.Assigned, Before: []int32{0, 1, 2, 3, 4}, Owned: []int32{0, 1, 2}, Pause: time.Second}),
			{Kind: member.Joined, Member: bob, At: nine},
		}, func(l *lessons) { l.assignor = member.CooperativeSticky }, "only the lanes that moved stopped, you kept P0 P1 P2."},
		{"a colleague leaves", []member.Event{
			anna(member.Event{Kind: member.Assigned, Before: []int32{0, 1}, Owned: []int32{0, 1, 2}, Pause: time.Second}),
			{Kind: member.Joined, Gone: true, Member: bob, At: nine},
		}, nil, "team-7-bob-1 left: you got P2"},
		{"a colleague times out", []member.Event{
			anna(member.Event{Kind: member.Assigned, Before: []int32{0, 1}, Owned: []int32{0, 1, 2}, Pause: time.Second}),
			{Kind: member.Joined, Gone: true, Member: bob, At: nine},
		}, func(l *lessons) { l.silent = nine }, "was silent too long"},
		{"our crash is found out", []member.Event{
			anna(member.Event{Kind: member.Assigned, Before: []int32{0, 1}, Owned: []int32{0, 1, 2}, Pause: time.Second}),
		}, func(l *lessons) { l.crashed = nine.Add(-9600 * time.Millisecond) }, "P2 came back 9.6 s after the crash"},
		{"several start together", []member.Event{
			anna(member.Event{Kind: member.Assigned, Owned: []int32{0, 1, 2}, First: true}),
			anna(member.Event{Kind: member.Assigned, Before: []int32{0, 1, 2}, Owned: []int32{0, 1}, Pause: time.Millisecond}),
		}, nil, ""},
	}
	for _, c := range cases {
		m, s := staged(screens()["two"], 80, 24)
		if c.setUp != nil {
			c.setUp(m.lessons)
		}
		for _, e := range c.events {
			m.inbox.put(e)
		}
		m.look()
		s.At = nine.Add(quiet + 100*time.Millisecond)
		m.look()
		if got := m.lessons.current(s.At); (c.says == "" && got != "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: says %q, want %q", c.name, got, c.says)
		}
	}
}

func TestTotalsSurviveMembersThatComeAndGo(t *testing.T) {
	m := newMemory("team-7")
	see := func(members ...member.Status) scene {
		return m.see(member.Snapshot{At: nine, Members: members}, nil)
	}
	see(member.Status{Instance: 1, Records: 100, Duplicates: 3})
	see(member.Status{Instance: 1, Records: 150, Duplicates: 3})
	see()
	s := see(member.Status{Instance: 1, Records: 20, Duplicates: 1}) // a new member with the old number
	if s.read != 170 || s.twice != 4 {
		t.Errorf("read %d, twice %d; want 170 and 4", s.read, s.twice)
	}
}

func TestColoursStayWithTheirMembers(t *testing.T) {
	m := newMemory("team-7")
	colours := func(board map[string]int, ids ...string) []int {
		group := member.Group{}
		for _, id := range ids {
			group.Members = append(group.Members, inGroup(id, id, "h"))
		}
		var out []int
		for _, a := range m.see(member.Snapshot{At: nine, Group: group}, board).members {
			out = append(out, a.colour)
		}
		return out
	}
	if got := colours(nil, "a", "b", "c"); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("first %v", got)
	}
	if got := colours(nil, "b", "c"); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("after a left %v", got)
	}
	if got := colours(nil, "b", "c", "d"); !slices.Equal(got, []int{1, 2, 0}) {
		t.Errorf("the lowest free is not given: %v", got)
	}
	if got := colours(map[string]int{"d": 5}, "b", "c", "d"); !slices.Equal(got, []int{1, 2, 5}) {
		t.Errorf("the leaderboard's does not win: %v", got)
	}
}

func TestMeter(t *testing.T) {
	var m meter
	got := 0.0
	for i := range 50 {
		got = m.add(nine.Add(time.Duration(i)*100*time.Millisecond), int64(i)*20)
	}
	if got < 199 || got > 201 {
		t.Errorf("%f a second, want 200", got)
	}
	if got := m.add(nine.Add(5*time.Second), 3); got != 0 {
		t.Errorf("%f a second after a rewind, want 0", got)
	}
}

func TestTrackScale(t *testing.T) {
	for need, want := range map[int64]int64{0: 1, 15: 1, 16: 2, 31: 5, 151: 20, 15_000: 1000, 15_001: 2000} {
		if got := trackScale([]lane{{committed: 0, end: need}}, 20); got != want {
			t.Errorf("%d records on 20 cells: %d a cell, want %d", need, got, want)
		}
	}
}

func TestNoColour(t *testing.T) {
	for value, want := range map[string]bool{"NO_COLOR=yes": true, "NO_COLOR=0": true, "NO_COLOR=": false, "TERM=xterm": false} {
		if got := noColour([]string{value}); got != want {
			t.Errorf("%s: %v", value, got)
		}
	}
}

func TestBadgesComeFromTheLeaderboard(t *testing.T) {
	answers := []string{
		`{"points":100,"rank":1,"badges":[{"badge":"connected","icon":"🔌","first":false}],"members":[{"member_id":"m1","colour":4}]}`,
		`{"points":260,"rank":1,"badges":[{"badge":"connected","icon":"🔌"},{"badge":"full_house","icon":"🏁","first":true}],"members":[{"member_id":"m1","colour":4}]}`,
	}
	board := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/teams/7" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(answers[0]))
		answers = answers[1:]
	}))
	defer board.Close()
	p := newPoller(board.URL+"/", 7)
	defer p.client.CloseIdleConnections()
	m, _ := staged(screens()["two"], 80, 24)
	m.poll = p
	for i := range 2 {
		got, err := p.ask(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		p.team, p.at = got, nine.Add(time.Duration(i)*time.Second)
		m.look()
	}
	if got := m.history[len(m.history)-1].text; got != "badge earned: 🏁 Full House, before every other team" {
		t.Errorf("timeline says %q", got)
	}
	if len(m.history) != 1 {
		t.Errorf("badges that were there before are told: %+v", m.history)
	}
	if m.scene.members[0].colour != 4 {
		t.Errorf("colour %d, want the leaderboard's", m.scene.members[0].colour)
	}
}

func TestTheInboxKeepsTheNewest(t *testing.T) {
	var in inbox
	for i := range 3 * inboxSize {
		in.put(member.Event{Instance: i})
	}
	got := in.take()
	if len(got) > inboxSize || got[len(got)-1].Instance != 3*inboxSize-1 {
		t.Errorf("%d events, the last %d", len(got), got[len(got)-1].Instance)
	}
}

// The saw-tooth is taught where there is one: not where each batch is committed.
func TestTheSawToothNeedsAnInterval(t *testing.T) {
	for interval, want := range map[time.Duration]string{5 * time.Second: "every 5s", 0: ""} {
		l := newLessons(Config{CommitInterval: interval})
		l.said["next"], l.said["shared"] = true, true
		s := &scene{
			now: nine, members: []actor{{instance: 1}, {instance: 2}},
			lanes: []lane{{partition: 0, owner: 0}, {partition: 1, owner: 1}},
		}
		l.watch(s)
		s.now, s.lanes[0].perSecond, s.lanes[1].perSecond = nine.Add(25*time.Second), 1, 1
		l.watch(s)
		if got := l.current(s.now); (want == "" && got != "") || !strings.Contains(got, want) {
			t.Errorf("interval %v: says %q, want %q", interval, got, want)
		}
	}
}
