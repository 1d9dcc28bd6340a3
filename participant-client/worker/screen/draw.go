package screen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/tui"
	"kafka-workshop/participant-client/worker"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// longestName bounds a group's name, in characters: Kafka takes 255.
const longestName = 40

// View draws the screen.
func (m *model) View() tea.View {
	v := tea.NewView(m.draw())
	v.AltScreen = true
	v.WindowTitle = workshop.CleanText(m.cfg.Group, longestName) + " on " + workshop.CleanText(m.cfg.Topic, longestName)
	return v
}

// draw returns the screen's lines, each no wider than the screen.
func (m *model) draw() string {
	if m.width == 0 {
		return ""
	}
	l := newLayout(m.width, m.height, m.now.Group.Partitions, len(m.now.Workers))
	if l.small {
		lines := []string{"Too small for the workers:", fmt.Sprintf("have %dx%d, need %dx%d", l.width, l.height, minWidth, minHeight), "(q quits, keys still work)"}
		for i := range lines {
			lines[i] = ansi.Truncate(lines[i], l.width, "")
		}
		return strings.Join(lines[:min(len(lines), max(l.height, 1))], "\n")
	}

	page := make([]string, l.height)
	put := func(b band, lines []string) {
		for i := 0; i < b.lines && i < len(lines); i++ {
			page[b.top+i] = ansi.Truncate(lines[i], l.width, "…")
		}
	}
	put(l.title, []string{m.drawTitle(l.width)})
	put(l.figures, m.drawFigures(l))
	put(l.lanes, m.drawLanes(l))
	put(l.workers, m.drawWorkers(l))
	put(l.message, m.drawMessage(l.width))
	switch {
	case m.helping:
		put(band{l.history.top, l.help.top - l.history.top}, m.drawHelp())
	case l.side:
		put(l.history, beside(m.drawHistory(l.width*3/5-1, l.history.lines), m.drawDone(l.width*2/5-1, l.done.lines), l.width*3/5))
	default:
		put(l.history, m.drawHistory(l.width, l.history.lines))
		put(l.done, m.drawDone(l.width, l.done.lines))
	}
	put(l.help, []string{m.drawKeys(l.width)})
	return strings.Join(page, "\n")
}

// beside draws two blocks of lines beside each other.
func beside(left, right []string, at int) []string {
	out := make([]string, max(len(left), len(right)))
	for i := range out {
		if i < len(left) {
			out[i] = left[i]
		}
		out[i] = tui.Pad(out[i], at)
		if i < len(right) {
			out[i] += right[i]
		}
	}
	return out
}

func (m *model) drawTitle(width int) string {
	p := &m.paint
	name := ansi.Truncate(workshop.CleanText(m.cfg.Group, longestName), max(width/4, 12), "…")
	left := " " + p.Strong.Render(name) + p.Soft.Render(" works on ") + p.Strong.Render(workshop.CleanText(m.cfg.Topic, longestName))
	g := &m.now.Group
	state := p.Good.Render("● " + g.State)
	switch {
	case m.leaving:
		state = p.Warn.Render("◐ leaving")
	case g.At.IsZero():
		state = p.Warn.Render("◌ looking for the cluster")
	case g.State != group.Stable:
		state = p.Soft.Render("○ " + g.State)
	}
	if age := m.now.At.Sub(g.At); !g.At.IsZero() && age > 3*time.Second {
		state += p.Bad.Render(fmt.Sprintf("  as of %.0f s ago", age.Seconds()))
	}
	if m.now.Lock > 0 {
		state += p.Soft.Render(fmt.Sprintf("  lock %.0f s", m.now.Lock.Seconds()))
	}
	return tui.Justify(left, state+"  "+p.Strong.Render(m.now.At.Local().Format(time.TimeOnly))+" ", width)
}

// drawFigures draws the numbers that can be read from across the room.
func (m *model) drawFigures(l layout) []string {
	p := &m.paint
	backlog := int64(0)
	for id := range int32(m.now.Group.Partitions) {
		if n := m.now.Group.Backlog(m.cfg.Topic, id); n >= 0 {
			backlog += n
		}
	}
	figures := []struct {
		label, value string
		style        lipgloss.Style
	}{
		{"DONE/S", fmt.Sprintf("%.1f", float64(len(m.acceptedAt))/rateSpan.Seconds()), p.Strong},
		{"DONE", tui.FormatCount(m.now.Totals.Processed), p.Strong},
		{"AGAIN", tui.FormatCount(m.now.Totals.Redelivered), m.notable(m.now.Totals.Redelivered)},
		{"REJECTED", tui.FormatCount(m.now.Totals.Rejected), m.notable(m.now.Totals.Rejected)},
		{"LOST", tui.FormatCount(m.now.Totals.Lost), m.notable(m.now.Totals.Lost)},
		{"BACKLOG", tui.FormatCount(backlog), p.Strong},
	}
	if !m.cfg.Board.TeamAt.IsZero() {
		figures = append(figures, struct {
			label, value string
			style        lipgloss.Style
		}{"POINTS", strconv.Itoa(m.cfg.Board.Team.Points), p.Gold.Bold(true)})
	}

	rows := [5]string{"", " ", " ", " ", " "}
	small := " "
	for _, f := range figures {
		art := tui.BigDigits(f.value)
		width := max(tui.Visible(art[0]), len(f.label)) + 3
		for i := range art {
			rows[i+1] += f.style.Render(tui.Pad(art[i], width))
		}
		rows[4] += p.Faint.Render(tui.Pad(f.label, width))
		small += f.style.Render(f.value) + " " + p.Faint.Render(f.label) + "   "
	}
	if l.big {
		return rows[:]
	}
	return []string{"", small}
}

func (m *model) notable(n int64) lipgloss.Style {
	if n > 0 {
		return m.paint.Warn.Bold(true)
	}
	return m.paint.Strong
}

// drawMessage is the line that matters most now: a fault, the result of a key, or a lesson.
func (m *model) drawMessage(width int) []string {
	p := &m.paint
	style, text := p.Gold, ""
	switch {
	case m.leaving:
		style, text = p.Warn, "Leaving: what the workers hold is given back, and others have it at once. q again quits."
	case m.now.Fault != "":
		style, text = p.Bad, m.now.Fault
	case m.message != "" && m.now.At.Before(m.messageEnd):
		text = m.message
		if !m.lesson {
			style = p.Strong
		}
	case len(m.now.Workers) == 0 && !m.now.Group.At.IsZero():
		style, text = p.Soft, "No worker runs here: + starts one."
	}
	if text == "" {
		return nil
	}
	lines := tui.Wrap(text, width-4)
	if len(lines) > 2 {
		lines = append(lines[:1], ansi.Truncate(lines[1], width-5, "")+"…")
	}
	for i := range lines {
		mark := "  "
		if i == 0 {
			mark = "▸ "
		}
		lines[i] = " " + style.Render(mark+lines[i])
	}
	return lines
}

func (m *model) drawKeys(width int) string {
	m.keys.allow(m.leaving, m.helping, m.chosen > 0)
	m.help.ShortSeparator = "  "
	always := m.help.ShortHelpView(m.keys.always())
	bindings := m.keys.line()
	left := " " + m.help.ShortHelpView(bindings)
	for tui.Visible(left)+tui.Visible(always)+2 > width-1 && len(bindings) > 0 {
		bindings = bindings[:len(bindings)-1]
		left = " " + m.help.ShortHelpView(bindings)
	}
	return tui.Justify(left, always, width-1)
}

func (m *model) drawHelp() []string {
	var lines []string
	for _, k := range m.keys.page() {
		lines = append(lines, "  "+m.paint.Strong.Render(tui.Pad(k[0], 5))+m.paint.Soft.Render(k[1]))
	}
	return lines
}

func (m *model) rule(name string, width int) string {
	return m.paint.Faint.Render(" " + name + " " + strings.Repeat("─", max(width-len(name)-3, 0)))
}

// drawHistory draws what happened, the newest last.
func (m *model) drawHistory(width, height int) []string {
	if height < 2 {
		return nil
	}
	p := &m.paint
	var lines []string // from the newest up
	for _, e := range slices.Backward(m.history) {
		style := p.Text
		switch e.kind {
		case worker.Lesson:
			style = p.Gold
		case worker.Fault, worker.Lost:
			style = p.Bad
		case worker.Redelivered, worker.Rejected:
			style = p.Warn
		}
		wrapped := tui.Wrap(e.text, max(width-14, 20))
		if len(lines) > 0 && len(lines)+len(wrapped) > height-1 {
			break // no sentence is cut
		}
		for i, text := range slices.Backward(wrapped) {
			head := strings.Repeat(" ", 12)
			if i == 0 {
				head = " " + p.Faint.Render(e.at.Local().Format(time.TimeOnly)) + " " + m.sign(e.worker) + " "
			}
			lines = append(lines, ansi.Truncate(head+style.Render(text), width, "…"))
		}
	}
	lines = lines[:min(len(lines), height-1)]
	slices.Reverse(lines)
	return append([]string{m.rule("WHAT HAPPENED", width)}, lines...)
}

// drawDone draws the last accepted jobs, the newest last. One that was accepted after a later offset says so: order is lost.
func (m *model) drawDone(width, height int) []string {
	if height < 2 {
		return nil
	}
	p := &m.paint
	lines := []string{m.rule("ACCEPTED, IN THIS ORDER", width)}
	for _, e := range m.done[max(len(m.done)-height+1, 0):] {
		text := " " + m.sign(e.Worker) + " " + p.Strong.Render(tui.Pad(fmt.Sprintf("%d:%d", e.Record.Partition, e.Record.Offset), 8)) +
			p.Soft.Render(tui.Pad(clean(e.Record.Job.Kind), 14)+tui.PadLeft(fmt.Sprintf("%d ms", e.Took.Milliseconds()), 8))
		if e.After >= 0 {
			text += p.Gold.Render(fmt.Sprintf("  after %d:%d", e.Record.Partition, e.After))
		}
		if e.Record.Delivery > 1 {
			text += p.Warn.Render(fmt.Sprintf("  ×%d", e.Record.Delivery))
		}
		lines = append(lines, ansi.Truncate(text, width-1, "…"))
	}
	return lines
}
