package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/participant-client/story"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
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
		"r k":     nil, // any other key cancels the question
		"9 k":     {"crash 1"},
		"q":       {"leave"},
		"q k":     {"leave"}, // nothing else while leaving
		"ctrl+c":  {"leave"},
		"d k":     {"crash 1"},
		"? k":     nil, // help is for reading only
		"? esc k": {"crash 1"},
		"v k":     {"crash 1"}, // there is no question
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

// In the vote's mode digits vote, and nothing happens to members.
func TestKeysOfTheVote(t *testing.T) {
	for typed, want := range map[string]struct {
		asked []string
		focus focus
	}{
		"v":       {nil, onVote},
		"v k + p": {nil, onVote},
		"v v":     {nil, onBoard},
		"v esc k": {[]string{"crash 1"}, onBoard},
		"v 2":     {nil, onVote},
		"v 5":     {nil, onVote}, // there are four options
		"v q":     {[]string{"leave"}, onBoard},
	} {
		m, s := staged(screens()["asked"], 80, 24)
		press(m, strings.Fields(typed)...)
		if !slices.Equal(s.asked, want.asked) || m.focus != want.focus {
			t.Errorf("%s: asked for %q, want %q; focus %d, want %d", typed, s.asked, want.asked, m.focus, want.focus)
		}
		voted := strings.HasPrefix(m.message, "Your vote does not count: no leaderboard")
		if voted != (typed == "v 2") {
			t.Errorf("%s: says %q", typed, m.message)
		}
	}

	m, _ := staged(screens()["voting"], 80, 24)
	m.story.Prediction = nil
	if m.advance(); m.focus != onBoard {
		t.Error("the mode outlives its question")
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

func TestTrackScale(t *testing.T) {
	for need, want := range map[int64]int64{0: 1, 15: 1, 16: 2, 31: 5, 151: 20, 15_000: 1000, 15_001: 2000} {
		if got := trackScale([]story.Lane{{Committed: 0, End: need}}, 20); got != want {
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

// Output that is no terminal, or has no colours, gets edges in place of colours.
func TestWithoutColoursThereAreEdges(t *testing.T) {
	for profile, want := range map[colorprofile.Profile]bool{colorprofile.NoTTY: true, colorprofile.ASCII: true, colorprofile.ANSI: false, colorprofile.TrueColor: false} {
		m, _ := staged(screens()["two"], 80, 24)
		m.Update(tea.ColorProfileMsg{Profile: profile})
		if got := strings.Contains(m.draw(), "[A member 1"); got != want {
			t.Errorf("%v: edges %v, want %v", profile, got, want)
		}
	}
}

// A classic group admits nobody before the session of a crashed member is over: + reports that.
func TestAJoinDuringACrashSaysWhatItWaitsFor(t *testing.T) {
	for protocol, want := range map[string]string{
		"classic":  "member 2 joins when the group has removed member 2, whose session timeout ends in 7 s",
		"consumer": "member 2 joins",
	} {
		m, s := staged(screens()["crashed"], 120, 40)
		s.Group.Protocol = protocol
		m.advance()
		press(m, "+")
		if m.message != want {
			t.Errorf("%s: says %q, want %q", protocol, m.message, want)
		}
	}
}

// Points that are not current are marked: on a board that is frozen, and when the leaderboard does not answer.
func TestOldPointsAreMarked(t *testing.T) {
	m, s := staged(screens()["badges"], 120, 40)
	if !strings.Contains(m.draw(), "POINTS ") || strings.Contains(m.draw(), "frozen") {
		t.Errorf("points of now:\n%s", m.draw())
	}
	m.story.Team.Frozen = true
	if !strings.Contains(m.draw(), "POINTS (frozen)") {
		t.Errorf("no mark of a frozen board:\n%s", m.draw())
	}
	s.At = nine.Add(15 * time.Second)
	m.advance()
	if !strings.Contains(m.draw(), "POINTS 15 s ago") {
		t.Errorf("no mark of an old answer:\n%s", m.draw())
	}
}
