package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kafka-workshop/participant-client/member"
)

// columns are the widths of a lane's parts on a screen; 0 leaves a part away.
type columns struct{ owner, track, committed, next, lag, rate int }

func columnsFor(width int) columns {
	c := columns{owner: 13, committed: 8, lag: 7}
	switch {
	case width >= 120:
		c = columns{owner: 34, committed: 11, next: 11, lag: 9, rate: 10}
	case width >= roomy:
		c = columns{owner: 26, committed: 10, next: 10, lag: 8, rate: 9}
	case width >= 72:
		c = columns{owner: 16, committed: 9, next: 9, lag: 7, rate: 8}
	}
	c.track = width - 1 - 4 - c.owner - 2 - c.committed - c.next - c.lag - c.rate - 1
	return c
}

func (m *model) drawLanes(l layout) []string {
	t := &m.theme
	c := columnsFor(l.width)
	scale := trackScale(m.scene.lanes, c.track)
	legend := "┃ committed  ▶ read"
	if scale > 1 {
		legend = fmt.Sprintf("┃ committed ▶ read · %s a cell", human(scale))
	}
	head := " " + pad("", 4) + pad("OWNER", c.owner) + "  " + pad(legend, c.track) +
		right("COMMITTED", c.committed) + right("READ", c.next) + right("LAG", c.lag) + right("/S", c.rate)
	if c.committed < 9 {
		head = " " + pad("", 4) + pad("OWNER", c.owner) + "  " + pad(legend, c.track) + right("COMMIT", c.committed) + right("LAG", c.lag)
	}
	lines := []string{t.faint.Render(head)}
	fit := (l.lanes.lines - 1 + l.laneGap) / (1 + l.laneGap)
	for i, ln := range m.scene.lanes {
		if i == fit-1 && len(m.scene.lanes) > fit {
			lines = append(lines, t.soft.Render(fmt.Sprintf(" and %d more: P%d to P%d", len(m.scene.lanes)-i, ln.partition, m.scene.lanes[len(m.scene.lanes)-1].partition)))
			break
		}
		if i > 0 && l.laneGap > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, m.drawLane(ln, c, scale))
	}
	if len(m.scene.lanes) == 0 {
		lines = append(lines, t.soft.Render("     no partitions seen yet"))
	}
	return lines
}

func (m *model) drawLane(ln lane, c columns, scale int64) string {
	t := &m.theme
	number := func(n int64) string {
		if n < 0 {
			return "-"
		}
		return strconv.FormatInt(n, 10)
	}
	lag := "-"
	if ln.lag >= 0 {
		lag = human(ln.lag)
	}
	rate := fmt.Sprintf("%.1f", ln.perSecond)
	if ln.perSecond >= 1000 {
		rate = human(int64(ln.perSecond))
	}
	if ln.owner < 0 {
		rate = ""
	}
	next := number(ln.next)
	if c.next == 0 {
		next = ""
	}
	if c.rate == 0 {
		rate = ""
	}
	name := fmt.Sprintf("P%d", ln.partition)
	return " " + t.strong.Render(pad(name, 4)) + m.drawOwner(ln, c.owner) + "  " + m.drawTrack(ln, c.track, scale) +
		t.text.Render(right(number(ln.committed), c.committed)+right(next, c.next)) +
		t.strong.Render(right(lag, c.lag)) + t.soft.Render(right(rate, c.rate))
}

// drawOwner is the lane's cell: filled for ours, pale for a colleague's, hatched while it moves,
// hollow without an owner. Its edges tell the same without colours.
func (m *model) drawOwner(ln lane, width int) string {
	t := &m.theme
	switch {
	case ln.owner < 0 && ln.moving:
		return t.warn.Render(strings.Repeat("╱", width))
	case ln.owner < 0:
		return t.faint.Render("┆" + pad(" no owner", width-2) + "┆")
	}
	a := m.scene.members[ln.owner]
	o := t.owners[a.colour%len(t.owners)]
	label := a.name
	if a.instance > 0 {
		label = fmt.Sprintf("member %d", a.instance)
	} else if a.host != "" {
		label += "  " + a.host
	}
	if a.dead() {
		return o.pale.Render(pad("┋"+o.sign+" "+label+" ✗", width-1) + "┋")
	}
	if ln.moving {
		return o.ink.Render("╱"+o.sign+" ") + o.ink.Render(pad(label+" ", width-4)+"╱")
	}
	if a.instance > 0 {
		return o.strong.Render("▐" + pad(o.sign+" "+label, width-2) + "▌")
	}
	return o.pale.Render("│" + pad(o.sign+" "+label, width-2) + "│")
}

// trackScale is how many records a cell of the tracks stands for: 1, 2, 5, 10, 20, … the same on all
// lanes, so that what waits to be committed fits into three quarters of the widest.
func trackScale(lanes []lane, width int) int64 {
	var need int64
	for _, ln := range lanes {
		from := ln.committed
		if from < 0 {
			from = max(ln.next, 0)
		}
		need = max(need, ln.end-from)
	}
	room := int64(max(width*3/4, 1))
	scale := int64(1)
	for steps := 0; need > room*scale; steps++ {
		scale = [3]int64{2, 5, 10}[steps%3] * pow10(steps/3)
	}
	return scale
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// drawTrack is the end of the partition's log, the newest record at the right: what is committed,
// what was read and would be read again, and what waits.
func (m *model) drawTrack(ln lane, width int, scale int64) string {
	t := &m.theme
	if width < 4 {
		return strings.Repeat(" ", max(width, 0))
	}
	ink := t.soft
	own := false
	if ln.owner >= 0 {
		a := m.scene.members[ln.owner]
		ink, own = t.owners[a.colour%len(t.owners)].ink, a.instance > 0 && !a.dead()
		if a.dead() {
			return m.drawCountdown(a, ink, width)
		}
		if a.instance == 0 && ln.quiet > 7*time.Second {
			return t.warn.Render(pad(fmt.Sprintf("not committed for %.0f s", ln.quiet.Seconds()), width))
		}
	}
	var b strings.Builder
	run, last := "", -1
	flush := func() {
		style := t.faint
		switch last {
		case 1, 3:
			style = ink
		case 2:
			style = t.strong
		case 4:
			style = t.text
		}
		b.WriteString(style.Render(run))
		run = ""
	}
	for i := range width {
		kind, r := cell(ln, ln.end-int64(width-1-i)*scale, scale, own)
		if kind != last && run != "" {
			flush()
		}
		last = kind
		run += r
	}
	flush()
	return b.String()
}

// cell is one place on a track: the records from-scale up to from, the next to be written at the end.
func cell(ln lane, to, scale int64, own bool) (kind int, glyph string) {
	from := to - scale
	holds := func(offset int64) bool { return offset >= 0 && offset > from && offset <= to }
	switch {
	case own && holds(ln.next) && ln.next > ln.committed:
		return 3, "▶"
	case holds(ln.committed):
		return 2, "┃"
	case to < 0:
		return 0, " "
	case to < ln.committed:
		return 0, "─"
	case own && to < ln.next:
		return 1, "━"
	case to < ln.end:
		return 4, "•"
	}
	return 0, " "
}

// drawCountdown shows how long the group still waits for a member that crashed here.
func (m *model) drawCountdown(a actor, ink interface{ Render(...string) string }, width int) string {
	gone := m.scene.now.Sub(a.crashed)
	if m.cfg.SessionTimeout == 0 {
		return ink.Render(pad(fmt.Sprintf("crashed %.0f s ago; the broker's session timeout decides", gone.Seconds()), width))
	}
	left := max(m.cfg.SessionTimeout-gone, 0)
	text := fmt.Sprintf(" %4.1f s", left.Seconds())
	bar := max(width-len(text)-1, 0)
	full := int(float64(bar) * left.Seconds() / m.cfg.SessionTimeout.Seconds())
	return ink.Render(strings.Repeat("▒", full)) + m.theme.faint.Render(strings.Repeat("·", bar-full)) + m.theme.warn.Bold(true).Render(text) + " "
}

// drawMembers is a chip a member: ours with what the keys do to them, idle ones dashed, then
// colleagues.
func (m *model) drawMembers(width int) string {
	t := &m.theme
	chips := make([]string, 0, len(m.scene.members))
	for _, a := range m.scene.members {
		o := t.owners[a.colour%len(t.owners)]
		name := a.name
		if a.instance > 0 {
			name = strconv.Itoa(a.instance)
		}
		text := o.sign + " " + name
		if s := doing(a); s != "" {
			text += " " + s
		}
		chip := o.ink.Render(text)
		switch {
		case a.state == member.Reading && len(a.partitions) == 0:
			chip = o.ink.Render("┆" + text + "┆")
		case a.instance == 0:
			chip = o.ink.Render(text)
			if a.host != "" {
				chip += t.faint.Render(" " + a.host)
			}
		}
		if a.instance > 0 && a.instance == m.chosen {
			chip = t.strong.Render("▸") + t.strong.Underline(true).Render(text)
		}
		chips = append(chips, chip)
	}
	line := " " + t.faint.Render(pad("", 4))
	for i, c := range chips {
		more := fmt.Sprintf("  +%d", len(chips)-i)
		if i > 0 && visible(line)+visible(c)+2+len(more) > width {
			return line + t.soft.Render(more)
		}
		if i > 0 {
			line += "  "
		}
		line += c
	}
	return line
}

// doing is what a member does, unless it just reads.
func doing(a actor) string {
	switch {
	case a.state == member.Dead:
		return "crashed"
	case a.state == member.Joining, a.state == member.Rebalancing, a.state == member.Leaving:
		return string(a.state)
	case a.paused:
		return "paused"
	case a.slow > 0:
		return "slow"
	case len(a.partitions) == 0:
		return "idle"
	}
	return ""
}
