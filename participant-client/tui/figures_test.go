package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

// A large figure is drawn whole or not at all: each has its label under it, and no line is cut.
func TestNoFigureIsCut(t *testing.T) {
	all := screens()
	rapid.Check(t, func(t *rapid.T) {
		m, _ := staged(all["solving"], rapid.IntRange(wide, 200).Draw(t, "width"), 40)
		number := rapid.Int64Range(0, 9_999_999)
		s := &m.story.Scene
		s.Read, s.Lag, s.Twice, s.Flagged = number.Draw(t, "read"), number.Draw(t, "lag"), number.Draw(t, "twice"), number.Draw(t, "flagged")
		s.PerSecond = float64(number.Draw(t, "rate"))
		m.story.Team.Points = rapid.IntRange(0, 2000).Draw(t, "points")

		lines := m.figures.Draw(&m.paint, m.figureList(), &m.story.Team, true, m.width)
		for i, line := range lines {
			if Visible(line) > m.width {
				t.Fatalf("line %d is %d cells wide on %d", i, Visible(line), m.width)
			}
		}
		shown := 0
		for _, f := range m.figureList() {
			label := strings.Index(ansi.Strip(lines[4]), f.Label+"  ")
			if label < 0 {
				continue
			}
			shown++
			for row, art := range bigDigits(f.Value) {
				if got := []rune(ansi.Strip(lines[1+row])); string(got[label:label+Visible(art)]) != art {
					t.Fatalf("%s %s is cut:\n%s", f.Label, f.Value, strings.Join(lines, "\n"))
				}
			}
		}
		if shown < 4 {
			t.Fatalf("only %d figures on %d cells:\n%s", shown, m.width, strings.Join(lines, "\n"))
		}
	})
}

// Badges are on every screen that has figures, after them or below.
func TestBadgesAreNotLost(t *testing.T) {
	for _, size := range [][2]int{{60, 20}, {80, 24}, {100, 40}, {120, 40}, {200, 60}} {
		m, _ := staged(screens()["solving"], size[0], size[1])
		all := m.story.Team.Badges
		for n := range all {
			m.story.Team.Badges = all[:n+1]
			got := 0
			for _, icon := range []string{"🏁", "🔌", "📤"} {
				got += strings.Count(m.draw(), icon)
			}
			if got != n+1 {
				t.Errorf("%v: %d of %d badges", size, got, n+1)
			}
		}
	}
}

// Records that led to an action are marked.
func TestFlaggedRecordsAreMarked(t *testing.T) {
	m, _ := staged(screens()["solving"], 120, 40)
	for _, r := range m.story.Scene.Records {
		name := fmt.Sprintf("P%d:%d", r.Partition, r.Offset)
		marked := strings.Contains(ansi.Strip(m.draw()), Pad(name, 10)+flagMark)
		if marked != r.Flagged {
			t.Errorf("%s: marked %v, want %v", name, marked, r.Flagged)
		}
	}
}
