package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
		c = columns{owner: 16, committed: 10, next: 8, lag: 7, rate: 7}
	}
	c.track = width - 1 - 4 - c.owner - 2 - c.committed - c.next - c.lag - c.rate - 1
	return c
}

func (m *model) drawLanes(l layout) []string {
	t := &m.theme
	c := columnsFor(l.width)
	scale := trackScale(m.scene.lanes, c.track)
	legend := "┃ commit  ▶ read"
	if scale > 1 {
		legend += "  ×" + human(scale)
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
	var edges [2]string // the kinds of cell, where colour can't tell them
	style := o.pale
	switch {
	case a.dead():
		edges, label, style = [2]string{"┋", "┋"}, label+" ✗", o.strong
	case ln.moving:
		return o.ink.Render("╱╱" + pad(o.sign+" "+label+" ", width-4) + "╱╱")
	case a.instance > 0:
		edges, style = [2]string{"[", "]"}, o.strong
	default:
		edges = [2]string{"(", ")"}
	}
	if !m.plain {
		edges = [2]string{" ", " "}
	}
	return style.Render(edges[0] + pad(o.sign+" "+label, width-2) + edges[1])
}

// drawMembers is a chip a member: ours with what the keys do to them, idle ones dashed, then
// colleagues.
func (m *model) drawMembers(width int) string {
	t := &m.theme
	chips := make([]string, 0, len(m.scene.members))
	order := slices.Clone(m.scene.members)
	slices.SortStableFunc(order, func(a, b actor) int { // colleagues that no lane shows come before those
		return cmp.Compare(chipRank(a), chipRank(b))
	})
	for _, a := range order {
		o := t.owners[a.colour%len(t.owners)]
		name := a.name
		if a.instance > 0 {
			name = strconv.Itoa(a.instance)
		}
		text := o.sign + " " + name
		idle := len(a.partitions) == 0 && !m.scene.moving
		if s := doing(a, idle); s != "" {
			text += " " + s
		}
		chip := o.ink.Render(text)
		switch {
		case a.state == member.Reading && idle:
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

func chipRank(a actor) int {
	switch {
	case a.instance > 0:
		return 0
	case len(a.partitions) == 0:
		return 1
	}
	return 2
}

// doing is what a member does, unless it just reads.
func doing(a actor, idle bool) string {
	switch {
	case a.state == member.Dead:
		return "crashed"
	case a.state == member.Joining, a.state == member.Rebalancing, a.state == member.Leaving:
		return string(a.state)
	case a.paused:
		return "paused"
	case a.slow > 0:
		return "slow"
	case idle:
		return "idle"
	}
	return ""
}
