package tui

import (
	"fmt"
	"strings"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/story"

	"github.com/charmbracelet/x/ansi"
)

// LongestName limits a name in the title, in characters: Kafka allows 255.
const LongestName = 40

// drawTitle draws what is read, the step of the run sheet and the group's state. On a narrow screen the step is dropped
// first, then the clock, then the assignor; the state stays.
func (m *model) drawTitle(width int) string {
	t := &m.theme
	// A long name makes room for what changes.
	short := func(name string) string {
		return ansi.Truncate(workshop.CleanText(name, LongestName), max(width/4, 12), "…")
	}
	left := " " + t.strong.Render(short(m.cfg.Group)) + t.soft.Render(" reads ") + t.strong.Render(short(m.cfg.Topic))

	state := m.drawState()
	clock := t.strong.Render(m.story.Scene.Now.Local().Format(time.TimeOnly))
	how := t.soft.Render(m.assignorText())
	step, shortStep := StepTexts(&m.paint, m.story.Step, m.story.Scene.Now)
	return Title(left, width, [][]string{{step, state, how, clock}, {shortStep, state, how, clock}, {state, how, clock}, {state, how}, {state}})
}

// Title draws a title with the first of several ends that fits. If none does, the last one stays, and the beginning is cut.
func Title(left string, width int, ends [][]string) string {
	end := ""
	for _, parts := range ends {
		end = joinParts(parts) + " "
		if Visible(left)+Visible(end)+2 <= width {
			return Justify(left, end, width)
		}
	}
	return Justify(ansi.Truncate(left, max(width-Visible(end)-1, 0), "…"), end, width)
}

// StepTexts returns the step of the run sheet with and without its title; empty if there is none.
func StepTexts(p *Palette, step *story.Step, now time.Time) (full, short string) {
	if step == nil {
		return "", ""
	}
	number := p.Soft.Render(fmt.Sprintf("Step %d of %d · ", step.Number, step.Of))
	left := p.Gold.Render(step.Left(now))
	return number + p.Strong.Render(step.Title) + p.Soft.Render(" · ") + left, number + left
}

// joinParts joins the parts that are not empty.
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

// assignorText returns how the group shares partitions; empty if unknown.
func (m *model) assignorText() string {
	g := &m.story.Scene.Group
	if g.Protocol == group.Consumer {
		return strings.TrimSpace("KIP-848 " + g.Assignor)
	}
	return g.Assignor
}
