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

	"github.com/charmbracelet/x/ansi"
)

func clean(text string) string { return workshop.CleanText(text, 40) }

// owner returns how a worker of this process is drawn.
func (m *model) owner(number int) tui.Owner { return m.paint.Owners[(number-1)%len(m.paint.Owners)] }

// sign returns the sign of a worker of this process in its colour, or a dot.
func (m *model) sign(number int) string {
	if number < 1 {
		return m.paint.Faint.Render("·")
	}
	o := m.owner(number)
	return o.Ink.Render(o.Sign)
}

// drawLanes draws how much waits in each partition, and which members take from it: nobody owns it.
func (m *model) drawLanes(l layout) []string {
	p := &m.paint
	bar := max(l.width/4, 10)
	lines := []string{p.Faint.Render(" " + tui.Pad("", 4) + tui.Pad("BACKLOG", bar+8) + "SHARED BY")}
	most := int64(1)
	for id := range int32(m.now.Group.Partitions) {
		most = max(most, m.now.Group.Backlog(m.cfg.Topic, id))
	}
	for id := range int32(m.now.Group.Partitions) {
		if len(lines) == l.lanes.lines-1 && int(id) < m.now.Group.Partitions-1 {
			return append(lines, p.Soft.Render(fmt.Sprintf(" and %d more", m.now.Group.Partitions-int(id))))
		}
		n := m.now.Group.Backlog(m.cfg.Topic, id)
		count := "-"
		full := 0
		if n >= 0 {
			count = tui.FormatCount(n)
			full = int(n * int64(bar) / most)
		}
		line := " " + p.Strong.Render(tui.Pad(fmt.Sprintf("P%d", id), 4)) + p.Soft.Render(strings.Repeat("━", full)) +
			p.Faint.Render(strings.Repeat("·", bar-full)) + p.Strong.Render(tui.PadLeft(count, 6)) + "  "
		line += m.drawSharers(id, l.width-tui.Visible(line)-1)
		lines = append(lines, line)
	}
	if m.now.Group.Partitions == 0 {
		lines = append(lines, p.Soft.Render("     no partitions seen yet"))
	}
	return lines
}

// drawSharers draws the members that are assigned a partition, this process's first.
func (m *model) drawSharers(id int32, width int) string {
	var own []int
	var chips, others []string
	for _, member := range m.now.Group.Members {
		if !slices.Contains(member.Assigned[m.cfg.Topic], id) {
			continue
		}
		if number := m.now.Group.Numbers[member.RawID]; number > 0 {
			own = append(own, number)
			continue
		}
		name := clean(member.ClientID)
		if host := group.Address(member.Host); host != "" {
			name += " " + clean(host)
		}
		others = append(others, m.paint.Soft.Render(name))
	}
	slices.Sort(own)
	for _, number := range own {
		chips = append(chips, m.sign(number)+m.owner(number).Ink.Render(fmt.Sprintf(" %d", number)))
	}
	return m.fit(append(chips, others...), width)
}

// fit joins as many texts as there is room for, and adds how many more there are.
func (m *model) fit(texts []string, width int) string {
	line := ""
	for i, text := range texts {
		more := ""
		if left := len(texts) - i - 1; left > 0 {
			more = m.paint.Soft.Render(fmt.Sprintf("  and %d more", left))
		}
		if i > 0 && tui.Visible(line)+2+tui.Visible(text)+tui.Visible(more) > width {
			return line + m.paint.Soft.Render(fmt.Sprintf("  and %d more", len(texts)-i))
		}
		if i > 0 {
			line += "  "
		}
		line += text
	}
	return line
}

// drawWorkers draws each worker with what it holds: the record in work, how far it is, and how long the locks last.
func (m *model) drawWorkers(l layout) []string {
	p := &m.paint
	c := columnsFor(l.width)
	lines := []string{"", p.Faint.Render(" " + tui.Pad("", 2) + tui.Pad("WORKER", c.name) + tui.Pad("WORKS ON", c.record+c.kind) + tui.Pad("", c.work) + tui.Pad("AND HOLDS", c.more) + "LOCK")}
	for i, w := range m.now.Workers {
		if len(lines) == l.workers.lines-1 && i < len(m.now.Workers)-1 {
			return append(lines, p.Soft.Render(fmt.Sprintf("   and %d more", len(m.now.Workers)-i)))
		}
		lines = append(lines, m.drawWorker(w, c))
	}
	return lines
}

// columns are the widths of a worker's parts.
type columns struct{ name, record, kind, work, more, lock int }

// columnsFor returns columns as wide as the screen allows. An offset of seven digits fits with its delivery, and no
// figure is cut.
func columnsFor(width int) columns {
	switch {
	case width >= wide:
		more := min(width-wide, 20) / 2
		return columns{name: 14, record: 15, kind: 16, work: 14 + more, more: 20, lock: 18 + more}
	case width >= 76:
		return columns{name: 11, record: 13, kind: 15, work: 10, more: 12, lock: 13}
	}
	return columns{name: 10, record: 13, work: 8, more: 13, lock: 13}
}

func (m *model) drawWorker(w worker.Status, c columns) string {
	p := &m.paint
	name := fmt.Sprintf("worker %d", w.Number)
	mark := " "
	if w.Number == m.chosen {
		mark = p.Strong.Render("▸")
		name = p.Strong.Underline(true).Render(name)
	} else {
		name = m.owner(w.Number).Ink.Render(name)
	}
	line := mark + m.sign(w.Number) + " " + tui.Pad(name, c.name)
	switch {
	case w.State == worker.Dead:
		line += p.Bad.Render(fmt.Sprintf("✗ crashed %.0f s ago", m.now.At.Sub(w.CrashedAt).Seconds())) + p.Soft.Render(": still a member")
		if c.kind > 0 {
			line += p.Soft.Render(" until its session ends")
		}
		return line
	case w.State != worker.Working:
		return line + p.Soft.Render(string(w.State))
	}

	now := w.Held[0]
	line += p.Strong.Render(tui.Pad(place(now), c.record))
	if c.kind > 0 {
		kind := clean(now.Job.Kind)
		style := p.Soft
		if now.Job.Poison {
			kind, style = "☠ "+kind, p.Bad
		}
		line += style.Render(tui.Pad(kind, c.kind))
	}
	line += m.drawWork(w.Number, now, c.work)
	var more []string
	for _, r := range w.Held[1:] {
		more = append(more, fmt.Sprint(r.Offset))
	}
	held := strings.Join(more, " ")
	if len(held) >= c.more {
		held = fmt.Sprintf("%d more", len(more))
	}
	line += p.Soft.Render(tui.Pad(held, c.more))
	return line + m.drawLock(now, c.lock)
}

// place returns a record's place, with its deliveries if there is more than one.
func place(r worker.Record) string {
	at := fmt.Sprintf("%d:%d", r.Partition, r.Offset)
	if r.Delivery > 1 {
		at += fmt.Sprintf(" ×%d", r.Delivery)
	}
	return at
}

// drawWork draws how much of a job is done.
func (m *model) drawWork(number int, r worker.Record, width int) string {
	bar := width - 2
	total := time.Duration(r.Job.WorkMS) * time.Millisecond
	done := 0.0
	if !r.Began.IsZero() {
		done = 1
		if total > 0 {
			done = min(m.now.At.Sub(r.Began).Seconds()/total.Seconds(), 1)
		}
	}
	full := int(done * float64(bar))
	return m.owner(number).Ink.Render(strings.Repeat("━", full)) + m.paint.Faint.Render(strings.Repeat("─", bar-full)) + "  "
}

// drawLock draws how long the broker still locks what a worker holds.
func (m *model) drawLock(r worker.Record, width int) string {
	p := &m.paint
	left := max(r.Until.Sub(m.now.At), 0)
	text := fmt.Sprintf(" %4.1f s", left.Seconds())
	bar := max(width-len(text)-1, 0)
	full := 0
	if m.now.Lock > 0 {
		full = min(int(float64(bar)*left.Seconds()/m.now.Lock.Seconds()), bar)
	}
	style := p.Soft
	if left < m.now.Lock/3 {
		style = p.Warn.Bold(true)
	}
	return ansi.Truncate(style.Render(strings.Repeat("▒", full))+p.Faint.Render(strings.Repeat("·", bar-full))+style.Render(text), width, "")
}
