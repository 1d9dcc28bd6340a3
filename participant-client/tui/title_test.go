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
			if got := m.View().WindowTitle; len([]rune(got)) > 2*LongestName+4 {
				t.Errorf("the window's title has %d characters", len([]rune(got)))
			}
		}
	}
}

// A title that is too narrow drops what changes least first: the step, the clock, the assignor. The state stays.
func TestANarrowTitle(t *testing.T) {
	for width, want := range map[int]string{
		120: "Step 4 of 9 · A second member · 03:20  ● Stable  range  09:00:00 ",
		80:  "Step 4 of 9 · 03:20  ● Stable  range  09:00:00 ",
		60:  "  ● Stable  range  09:00:00 ",
		52:  "  ● Stable  range  09:00:00 ",
		46:  "  ● Stable  range ",
	} {
		m, _ := staged(screens()["step"], width, 24)
		title := strings.Split(ansi.Strip(m.draw()), "\n")[0]
		if !strings.HasSuffix(title, want) || Visible(title) != width {
			t.Errorf("width %d: %q does not end in %q", width, title, want)
		}
	}

	m, s := staged(screens()["fault"], 46, 24)
	s.Group.State = "CompletingRebalance"
	m.cfg.Topic = strings.Repeat("t", 40)
	m.advance()
	if title := ansi.Strip(m.drawTitle(46)); !strings.HasSuffix(title, "CompletingRebalance  as of 12 s ago ") || Visible(title) != 46 {
		t.Errorf("no state in %q", title)
	}
}
