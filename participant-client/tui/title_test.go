package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// A group's name may have 255 characters: the title keeps what changes.
func TestTheTitleOfALongGroup(t *testing.T) {
	for _, unit := range []string{"g", "\u9f98"} {
		for _, width := range []int{60, 80, 200} {
			m, _ := staged(screens()["two"], width, 24)
			m.cfg.Group = strings.Repeat(unit, 255/len(unit))
			title := strings.Split(ansi.Strip(m.draw()), "\n")[0]
			for _, want := range []string{unit + unit + unit, "…", "reads new_users", "Stable", "range", ":00"} {
				if !strings.Contains(title, want) {
					t.Errorf("width %d: no %q in %q", width, want, title)
				}
			}
			if got := m.View().WindowTitle; len([]rune(got)) > 2*longestGroup+4 {
				t.Errorf("the window's title has %d characters", len([]rune(got)))
			}
		}
	}
}
