package screen

import (
	"fmt"
	"slices"
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

// View draws the screen.
func (m *model) View() tea.View { return tui.View(m.draw(), m.cfg.Group, m.cfg.Topic) }

// draw returns the screen's lines, each no wider than the screen.
func (m *model) draw() string {
	if m.width == 0 {
		return ""
	}
	l := newLayout(m.width, m.height, m.focus, m.now.Group.Partitions, len(m.now.Workers), m.asked())
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
	put(l.figures, m.figures.Draw(&m.paint, m.figureList(), &m.cfg.Board.Team, l.big, l.width))
	put(l.lanes, m.drawLanes(l))
	put(l.workers, m.drawWorkers(l))
	put(l.message, m.drawMessage(l))
	put(l.ask, m.ask.Line(&m.paint, m.now.At, l.width, l.ask.lines))
	switch {
	case m.focus == onHelp:
		put(l.lower, m.drawHelp())
	case m.focus == onVote:
		put(l.lower, m.ask.Page(&m.paint, m.now.At, l.width))
	case l.side:
		left := l.width * 3 / 5
		put(l.lower, beside(m.drawHistory(left-1, l.lower.lines), m.drawDone(l.width-left-1, l.lower.lines), left))
	default:
		put(l.history, m.drawHistory(l.width, l.history.lines))
		put(l.done, m.drawDone(l.width, l.done.lines))
	}
	put(l.help, []string{m.drawKeys(l.width)})
	return strings.Join(page, "\n")
}

// beside draws two blocks of lines side by side.
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
	name := ansi.Truncate(workshop.CleanText(m.cfg.Group, tui.LongestName), max(width/4, 12), "…")
	left := " " + p.Strong.Render(name) + p.Soft.Render(" works on ") + p.Strong.Render(workshop.CleanText(m.cfg.Topic, tui.LongestName))
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
	lock := ""
	if m.now.Lock > 0 {
		lock = p.Soft.Render("lock " + seconds(m.now.Lock))
	}

	clock := p.Strong.Render(m.now.At.Local().Format(time.TimeOnly))
	step, shortStep := tui.StepTexts(p, m.cfg.Board.Step, m.now.At)
	return tui.Title(left, width, [][]string{
		{step, state, lock, clock}, {shortStep, state, lock, clock}, {state, lock, clock}, {state, lock}, {state},
	})
}

// seconds formats a duration in whole seconds.
func seconds(d time.Duration) string { return fmt.Sprintf("%.0f s", d.Seconds()) }

// figureList returns the numbers that can be read from across the room, the most important first.
func (m *model) figureList() []tui.Figure {
	p := &m.paint
	t := &m.now.Totals
	backlog := int64(0)
	for id := range int32(m.now.Group.Partitions) {
		if n := m.now.Group.Backlog(m.cfg.Topic, id); n >= 0 {
			backlog += n
		}
	}
	count := func(label string, n int64, style lipgloss.Style) tui.Figure {
		return tui.Figure{Label: label, Value: tui.FormatCount(n), Style: style}
	}
	out := []tui.Figure{
		{Label: "DONE/S", Value: fmt.Sprintf("%.1f", float64(len(m.acceptedAt))/rateSpan.Seconds()), Style: p.Strong},
		count("DONE", t.Processed, p.Strong), count("BACKLOG", backlog, p.Strong), count("AGAIN", t.Redelivered, m.notable(t.Redelivered)),
		count("REJECTED", t.Rejected, m.notable(t.Rejected)), count("LOST", t.Lost, m.notable(t.Lost)),
	}
	return append(out, tui.ScoreFigures(p, m.cfg.Board, m.now.At)...)
}

func (m *model) notable(n int64) lipgloss.Style {
	if n > 0 {
		return m.paint.Warn.Bold(true)
	}
	return m.paint.Strong
}

// drawMessage draws the line that matters most now: a fault, the result of a key, or a lesson.
func (m *model) drawMessage(l layout) []string {
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
	return tui.Marked("▸", style, text, l.width, l.message.lines)
}

func (m *model) drawKeys(width int) string {
	m.allowKeys()
	m.help.ShortSeparator = " "
	if width >= wide {
		m.help.ShortSeparator = "  "
	}
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

func (m *model) rule(name string, width int) string { return tui.Rule(&m.paint, name, width) }

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

// drawDone draws the last accepted jobs, the newest last. One that was accepted after a later offset is marked: order
// is lost.
func (m *model) drawDone(width, height int) []string {
	if height < 2 {
		return nil
	}
	p := &m.paint
	lines := []string{m.rule("ACCEPTED, IN THIS ORDER", width)}
	var heads, tails []string
	shown := m.done[max(len(m.done)-height+1, 0):]
	room := 14 // for the kind
	for _, e := range shown {
		head := " " + m.sign(e.Worker) + " " + p.Strong.Render(tui.Pad(fmt.Sprintf("%d:%d", e.Record.Partition, e.Record.Offset), 10))
		took := fmt.Sprintf("%d ms", e.Took.Milliseconds())
		if e.Took >= 10*time.Second {
			took = seconds(e.Took)
		}
		tail := p.Soft.Render(tui.PadLeft(took, 8))
		if e.After >= 0 {
			tail += p.Gold.Render(fmt.Sprintf("  after %d:%d", e.Record.Partition, e.After))
		}
		if again := fmt.Sprintf("  ×%d", e.Record.Delivery); e.Record.Delivery > 1 && tui.Visible(head+tail+again) < width {
			tail += p.Warn.Render(again)
		}
		heads = append(heads, head)
		tails = append(tails, tail)
		room = min(room, width-1-tui.Visible(head)-tui.Visible(tail))
	}
	for i, e := range shown {
		kind := ""
		if room >= 6 {
			kind = p.Soft.Render(tui.Pad(clean(e.Record.Job.Kind), room))
		}
		lines = append(lines, ansi.Truncate(heads[i]+kind+tails[i], width-1, "…"))
	}
	return lines
}
