package tui

import (
	"fmt"
	"strings"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"

	"github.com/charmbracelet/x/ansi"
)

// longestName bounds a name in the title, in characters: Kafka takes 255.
const longestName = 40

// drawTitle draws what is read, the step of the run sheet and the group's state. On a narrow screen the step goes first, then the
// clock, then the assignor; the state stays.
func (m *model) drawTitle(width int) string {
	t := &m.theme
	// A long name makes room for what changes.
	short := func(name string) string {
		return ansi.Truncate(workshop.CleanText(name, longestName), max(width/4, 12), "…")
	}
	left := " " + t.strong.Render(short(m.cfg.Group)) + t.soft.Render(" reads ") + t.strong.Render(short(m.cfg.Topic))

	state := m.drawState()
	clock := t.strong.Render(m.story.Scene.Now.Local().Format(time.TimeOnly))
	how := t.soft.Render(m.assignorText())
	step, shortStep := m.stepTexts()
	for _, parts := range [][]string{{step, state, how, clock}, {shortStep, state, how, clock}, {state, how, clock}, {state, how}, {state}} {
		end := joinParts(parts) + " "
		if visible(left)+visible(end)+2 <= width {
			return justify(left, end, width)
		}
	}

	end := state + " "
	return justify(ansi.Truncate(left, max(width-visible(end)-1, 0), "…"), end, width)
}

// stepTexts are the step of the run sheet with and without its title; empty when there is none.
func (m *model) stepTexts() (full, short string) {
	t, step := &m.theme, m.story.Step
	if step == nil {
		return "", ""
	}
	number := t.soft.Render(fmt.Sprintf("Step %d of %d · ", step.Number, step.Of))
	left := t.gold.Render(step.Left(m.story.Scene.Now))
	return number + t.strong.Render(step.Title) + t.soft.Render(" · ") + left, number + left
}

// joinParts joins what is not empty.
func joinParts(parts []string) string {
	line := ""
	for _, part := range parts {
		switch {
		case part == "":
		case line == "":
			line = part
		default:
			line += "  " + part
		}
	}
	return line
}

// drawState draws the group's state, and its age when it is old.
func (m *model) drawState() string {
	t := &m.theme
	g := &m.story.Scene.Group
	state := t.good.Render("● " + g.State)
	switch {
	case m.leaving:
		state = t.warn.Render("◐ leaving")
	case g.At.IsZero():
		state = t.warn.Render("◌ looking for the cluster")
	case m.story.Scene.Moving:
		state = t.warn.Bold(true).Render("◐ " + g.State)
	case g.State != group.Stable:
		state = t.soft.Render("○ " + g.State)
	}
	if age := m.story.Scene.Now.Sub(g.At); !g.At.IsZero() && age > 3*time.Second {
		state += t.bad.Render(fmt.Sprintf("  as of %.0f s ago", age.Seconds()))
	}
	return state
}

// assignorText is how the group shares partitions; empty when unknown.
func (m *model) assignorText() string {
	g := &m.story.Scene.Group
	if g.Protocol == group.Consumer {
		return strings.TrimSpace("KIP-848 " + g.Assignor)
	}
	return g.Assignor
}
