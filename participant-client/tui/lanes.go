package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"
)

// columns are the widths of a lane's parts; a part of width 0 is not drawn.
type columns struct{ owner, track, committed, next, lag, rate int }

func columnsFor(width int) columns {
	c := columns{owner: 13, committed: 8, lag: 7}
	switch {
	case width >= 120:
		c = columns{owner: 34, committed: 11, next: 11, lag: 9, rate: 10}
	case width >= wide:
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
	scale := trackScale(m.story.Scene.Lanes, c.track)
	legend := "┃ commit  ▶ read"
	if scale > 1 {
		legend += "  ×" + FormatCount(scale)
	}
	head := " " + Pad("", 4) + Pad("OWNER", c.owner) + "  " + Pad(legend, c.track) +
		PadLeft("COMMITTED", c.committed) + PadLeft("READ", c.next) + PadLeft("LAG", c.lag) + PadLeft("/S", c.rate)
	if c.committed < 9 {
		head = " " + Pad("", 4) + Pad("OWNER", c.owner) + "  " + Pad(legend, c.track) + PadLeft("COMMIT", c.committed) + PadLeft("LAG", c.lag)
	}
	lines := []string{t.faint.Render(head)}
	fit := (l.lanes.lines - 1 + l.laneGap) / (l.laneLines + l.laneGap)
	for i, ln := range m.story.Scene.Lanes {
		if i == fit-1 && len(m.story.Scene.Lanes) > fit {
			lines = append(lines, t.soft.Render(fmt.Sprintf(" and %d more: P%d to P%d", len(m.story.Scene.Lanes)-i, ln.Partition, m.story.Scene.Lanes[len(m.story.Scene.Lanes)-1].Partition)))
			break
		}
		if i > 0 && l.laneGap > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, m.drawLane(ln, c, scale))
		if l.laneLines > 1 {
			lines = append(lines, m.drawLaneBelow(ln, c))
		}
	}
	if len(m.story.Scene.Lanes) == 0 {
		lines = append(lines, t.soft.Render("     no partitions seen yet"))
	}
	return lines
}

func (m *model) drawLane(ln story.Lane, c columns, scale int64) string {
	t := &m.theme
	number := func(n int64) string {
		if n < 0 {
			return "-"
		}
		return strconv.FormatInt(n, 10)
	}
	lag := "-"
	if ln.Lag >= 0 {
		lag = FormatCount(ln.Lag)
	}
	rate := fmt.Sprintf("%.1f", ln.PerSecond)
	if ln.PerSecond >= 1000 {
		rate = FormatCount(int64(ln.PerSecond))
	}
	if ln.Owner < 0 || ln.PerSecond < 0 {
		rate = ""
	}
	next := number(ln.Next)
	if c.next == 0 {
		next = ""
	}
	if c.rate == 0 {
		rate = ""
	}
	name := fmt.Sprintf("P%d", ln.Partition)
	return " " + t.strong.Render(Pad(name, 4)) + m.drawOwner(ln, c.owner) + "  " + m.drawTrack(ln, c.track, scale) +
		t.text.Render(PadLeft(number(ln.Committed), c.committed)+PadLeft(next, c.next)) +
		t.strong.Render(PadLeft(lag, c.lag)) + t.soft.Render(PadLeft(rate, c.rate))
}

// drawLaneBelow draws a lane's second line: its owner's client ID, and the last record that this process read of it.
func (m *model) drawLaneBelow(ln story.Lane, c columns) string {
	t := &m.theme
	record := ""
	for _, r := range m.story.Scene.Records {
		if r.Partition == ln.Partition {
			record = fmt.Sprintf("%d key=%s %s", r.Offset, story.Clean(r.Key), story.Clean(r.Value))
		}
	}
	room := c.track + c.committed + c.next + c.lag + c.rate
	return strings.Repeat(" ", 5) + m.drawOwnerBelow(ln, c.owner) + "  " + t.faint.Render(Pad(record, room))
}

// drawOwnerBelow draws the second line of a lane's owner in the colours of the first.
func (m *model) drawOwnerBelow(ln story.Lane, width int) string {
	if ln.Owner < 0 || ln.Moving {
		return m.drawOwner(ln, width)
	}
	a := m.story.Scene.Members[ln.Owner]
	o := m.theme.owners[a.Colour%len(m.theme.owners)]
	style := o.pale
	if a.Instance > 0 {
		style = o.strong.Bold(false)
	}
	return style.Render("   " + Pad(story.Shorten(a.Client, width-4), width-3))
}

// drawOwner draws a lane's owner: filled for a member of this process, pale for a colleague's, hatched while the lane moves,
// hollow without an owner. Without colours, edges show the same.
func (m *model) drawOwner(ln story.Lane, width int) string {
	t := &m.theme
	switch {
	case ln.Owner < 0 && ln.Moving:
		return t.warn.Render(strings.Repeat("╱", width))
	case ln.Owner < 0:
		return t.faint.Render("┆" + Pad(" no owner", width-2) + "┆")
	}
	a := m.story.Scene.Members[ln.Owner]
	o := t.owners[a.Colour%len(t.owners)]
	label := m.ownerLabel(a, width-4) // without edges and sign
	var edges [2]string               // show the kind of cell where colours can't
	style := o.pale
	switch {
	case a.Dead():
		edges, label, style = [2]string{"┋", "┋"}, story.Shorten(a.Name, width-6)+" ✗", o.strong
	case ln.Moving:
		return o.ink.Render("╱╱" + Pad(o.sign+" "+story.Shorten(a.Name, width-7)+" ", width-4) + "╱╱")
	case a.Instance > 0:
		edges, style = [2]string{"[", "]"}, o.strong
	default:
		edges = [2]string{"(", ")"}
	}
	if !m.plain {
		edges = [2]string{" ", " "}
	}
	return style.Render(edges[0] + Pad(o.sign+" "+label, width-2) + edges[1])
}

// ownerLabel returns a member's name, with its host if there is room for all of it.
func (m *model) ownerLabel(a story.Actor, width int) string {
	if full := a.Name + "  " + a.Host; a.Instance == 0 && a.Host != "" && Visible(full) <= width {
		return full
	}
	return story.Shorten(a.Name, width)
}

// drawMembers draws a chip for each member: those of this process with their state, then colleagues'. Idle ones are dashed.
// Colleagues' hosts are shown if all chips fit with them.
func (m *model) drawMembers(width int) string {
	if line, all := m.drawChips(width, true); all {
		return line
	}
	line, _ := m.drawChips(width, false)
	return line
}

// drawChips returns the chips that fit, and whether those are all.
func (m *model) drawChips(width int, hosts bool) (line string, all bool) {
	t := &m.theme
	chips := make([]string, 0, len(m.story.Scene.Members))
	order := slices.Clone(m.story.Scene.Members)
	slices.SortStableFunc(order, func(a, b story.Actor) int { // colleagues that no lane shows come before those
		return cmp.Compare(chipRank(a), chipRank(b))
	})
	for _, a := range order {
		o := t.owners[a.Colour%len(t.owners)]
		name := a.Name
		if a.Instance > 0 {
			name = strconv.Itoa(a.Instance)
		}
		text := o.sign + " " + name
		idle := len(a.Partitions) == 0 && !m.story.Scene.Moving
		if s := stateWord(a, idle); s != "" {
			text += " " + s
		}
		chip := o.ink.Render(text)
		switch {
		case a.State == member.Reading && idle:
			chip = o.ink.Render("┆" + text + "┆")
		case a.Instance == 0:
			chip = o.ink.Render(text)
			if hosts && a.Host != "" {
				chip += t.faint.Render(" " + a.Host)
			}
		}
		if a.Instance > 0 && a.Instance == m.chosen {
			chip = t.strong.Render("▸") + t.strong.Underline(true).Render(text)
		}
		chips = append(chips, chip)
	}
	line = " " + t.faint.Render(Pad("", 4))
	for i, c := range chips {
		more := fmt.Sprintf("  +%d", len(chips)-i)
		if i > 0 && Visible(line)+Visible(c)+2+len(more) > width {
			return line + t.soft.Render(more), false
		}
		if i > 0 {
			line += "  "
		}
		line += c
	}
	return line, true
}

func chipRank(a story.Actor) int {
	switch {
	case a.Instance > 0:
		return 0
	case len(a.Partitions) == 0:
		return 1
	}
	return 2
}

// stateWord returns what a member does, empty if it just reads.
func stateWord(a story.Actor, idle bool) string {
	switch {
	case a.State == member.Dead:
		return "crashed"
	case a.State == member.Joining, a.State == member.Rebalancing, a.State == member.Leaving:
		return string(a.State)
	case a.Paused:
		return "paused"
	case a.Slow > 0:
		return "slow"
	case idle:
		return "idle"
	}
	return ""
}
