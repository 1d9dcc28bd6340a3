package tui

import (
	"fmt"
	"strings"

	"kafka-workshop/internal/workshop"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// View draws the scene.
func (m *model) View() tea.View { return View(m.draw(), m.cfg.Group, m.cfg.Topic) }

// View returns a whole screen about a group and a topic.
func View(lines, group, topic string) tea.View {
	v := tea.NewView(lines)
	v.AltScreen = true
	v.WindowTitle = workshop.CleanText(group, LongestName) + " on " + workshop.CleanText(topic, LongestName)
	return v
}

// draw returns the screen's lines, each no wider than the screen.
func (m *model) draw() string {
	if m.width == 0 {
		return ""
	}
	l := newLayout(m.width, m.height, m.focus, len(m.story.Scene.Lanes), m.asked())
	if l.small {
		return strings.Join(m.tooSmall(l), "\n")
	}
	page := make([]string, l.height)
	put := func(b band, lines []string) {
		for i := 0; i < b.lines && i < len(lines); i++ {
			page[b.top+i] = ansi.Truncate(lines[i], l.width, "…")
		}
	}
	put(l.title, []string{m.drawTitle(l.width)})
	put(l.figures, m.figures.Draw(&m.paint, m.figureList(), &m.story.Team, l.bigFigures, l.width))
	put(l.lanes, m.drawLanes(l))
	put(l.members, []string{m.drawMembers(l.width)})
	put(l.message, m.drawMessage(l))
	put(l.ask, m.ask.Line(&m.paint, m.story.Scene.Now, l.width, l.ask.lines))
	switch m.focus {
	case onTable:
		put(l.lower, m.drawTable(l.lower.lines, l.width))
	case onHelp:
		put(l.lower, m.drawHelp())
	case onVote:
		put(l.lower, m.ask.Page(&m.paint, m.story.Scene.Now, l.width))
	default:
		m.drawHistory(l, put)
	}
	put(l.help, []string{m.drawKeys(l.width)})
	return strings.Join(page, "\n")
}

func (m *model) tooSmall(l layout) []string {
	lines := []string{
		"Too small for the lanes:",
		fmt.Sprintf("have %dx%d, need %dx%d", l.width, l.height, l.needW, l.needH),
		"(q quits, keys still work)",
	}
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], max(l.width, 1), "")
	}
	return lines[:min(len(lines), max(l.height, 1))]
}

// drawMessage draws the line that matters most now: a question, a fault, the result of a key, or a lesson.
func (m *model) drawMessage(l layout) []string {
	t := &m.theme
	style, text := t.gold, m.story.Lessons.Current(m.story.Scene.Now)
	switch {
	case m.asking:
		style = t.warn.Bold(true)
		text = fmt.Sprintf("Rewind member %d? Earliest reads everything again, latest skips what waits.", m.chosen)
	case m.leaving:
		style, text = t.warn, "Leaving the group: a last commit, then LeaveGroup. q again quits at once."
	case m.story.Scene.Fault != "":
		style, text = t.bad, m.story.Scene.Fault
	case m.message != "" && m.story.Scene.Now.Before(m.messageEnd):
		style, text = t.strong, m.message
	case text == "" && len(m.story.Scene.Members) == 0 && !m.story.Scene.Group.At.IsZero():
		style, text = t.soft, "Nobody is in the group: + starts a member."
	}
	if text == "" {
		return nil
	}
	return Marked("▸", style, text, l.width, l.message.lines)
}

func (m *model) drawKeys(width int) string {
	_, there := m.chosenActor()
	m.allowKeys(there)
	m.help.ShortSeparator = " "
	if width >= wide {
		m.help.ShortSeparator = "  "
	}
	always := m.help.ShortHelpView(m.keys.always())
	bindings := m.keys.line()
	line := " " + m.help.ShortHelpView(bindings)
	for Visible(line)+Visible(always)+2 > width-1 && len(bindings) > 0 {
		bindings = bindings[:len(bindings)-1]
		line = " " + m.help.ShortHelpView(bindings)
	}
	return Justify(line, always, width-1)
}

func (m *model) drawHelp() []string {
	t := &m.theme
	var lines []string
	for _, k := range m.keys.page() {
		lines = append(lines, "  "+t.strong.Render(Pad(k[0], 5))+t.soft.Render(k[1]))
	}
	return lines
}
