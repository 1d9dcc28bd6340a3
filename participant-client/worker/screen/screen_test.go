package screen

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/terminaltest"
	"kafka-workshop/participant-client/tui"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestGoldens(t *testing.T) {
	for name, set := range screens() {
		for _, size := range [][2]int{{60, 20}, {80, 24}, {120, 40}} {
			file := fmt.Sprintf("%s-%dx%d", name, size[0], size[1])
			t.Run(file, func(t *testing.T) {
				m, _ := staged(set, size[0], size[1])
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
				if w := tui.Visible(line); w > width {
					t.Fatalf("%s: a line of %d cells on %d: %q", name, w, width, ansi.Strip(line))
				}
			}
		}
	})
}

// A figure that does not fit is left out: none is cut.
func TestNoFigureIsCut(t *testing.T) {
	cut := regexp.MustCompile(`\d…`)
	for name, set := range screens() {
		for width := minWidth; width <= 200; width++ {
			m, _ := staged(set, width, []int{minHeight, 20, 24, 40}[width%4])
			for line := range strings.Lines(ansi.Strip(m.draw())) {
				if cut.MatchString(line) {
					t.Errorf("%s at %d: %s", name, width, line)
				}
			}
		}
	}
}

func TestKeys(t *testing.T) {
	for typed, want := range map[string][]string{
		"+": {"start 3"}, "-": {"stop 1"}, "k": {"crash 1"}, "r": {"release 1"}, "x": {"reject 1"},
		"2 k": {"crash 2"}, "9 x": {"reject 1"}, "q": {"leave"}, "q k": {"leave"}, "? k": nil, "? ? r": {"release 1"}, "v 1": nil,
	} {
		m, s := staged(screens()["two"], 80, 24)
		for _, k := range strings.Fields(typed) {
			m.Update(tea.KeyPressMsg{Code: []rune(k)[0], Text: k})
		}
		if !slices.Equal(s.asked, want) {
			t.Errorf("%s: asked for %q, want %q", typed, s.asked, want)
		}
	}
}

func TestASecondQuitHurries(t *testing.T) {
	m, _ := staged(screens()["two"], 80, 24)
	m.Update(tea.KeyPressMsg{Code: 'q', Text: "q"})
	if _, cmd := m.Update(tea.KeyPressMsg{Code: 'q', Text: "q"}); cmd == nil || !m.hurried {
		t.Error("a second q did not quit")
	}
}

func TestAKeyThatFailsSaysWhy(t *testing.T) {
	m, s := staged(screens()["two"], 80, 24)
	s.fail = errors.New("worker 1 works on nothing now")
	m.Update(tea.KeyPressMsg{Code: 'r', Text: "r"})
	if m.message != "worker 1 works on nothing now" {
		t.Errorf("says %q", m.message)
	}
}

// A share group's names may be any text: none of it affects the terminal.
func TestHostileNames(t *testing.T) {
	m, s := staged(screens()["two"], 120, 40)
	s.now.Group.Members[2].ClientID = "\x1b[2J\u202eBOO\n"
	s.now.Workers[0].Held[0].Job.Kind = "\x1b[31m\u202e\n"
	m.advance()
	if text := ansi.Strip(m.draw()); strings.ContainsAny(text, "\x1b\u202e") || strings.Count(text, "\n") != 39 {
		t.Errorf("drew %q", text)
	}
}
