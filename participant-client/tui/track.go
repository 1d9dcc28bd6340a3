package tui

import (
	"fmt"
	"strings"

	"kafka-workshop/participant-client/story"
)

// trackScale returns how many records one cell of a track represents: 1, 2, 5, 10, 20, … It is the same for all lanes,
// so that the longest stretch without a commit fits into three quarters of the width.
func trackScale(lanes []story.Lane, width int) int64 {
	var need int64
	for _, ln := range lanes {
		from := ln.Committed
		if from < 0 {
			from = max(ln.Next, 0)
		}
		need = max(need, ln.End-from)
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

// drawTrack draws the end of a partition's log, the newest record at the right: what is committed, what is read and would be
// read again, and what waits.
func (m *model) drawTrack(ln story.Lane, width int, scale int64) string {
	t := &m.theme
	if width < 4 {
		return strings.Repeat(" ", max(width, 0))
	}
	ink := t.soft
	own := false
	if ln.Owner >= 0 {
		a := m.story.Scene.Members[ln.Owner]
		ink, own = t.owners[a.Colour%len(t.owners)].ink, a.Instance > 0 && !a.Dead()
		if a.Dead() {
			return m.drawCountdown(a, ink, width)
		}
		if a.Instance == 0 && ln.Silent > 0 {
			return t.warn.Render(Pad(fmt.Sprintf("not committed for %.0f s", ln.Silent.Seconds()), width))
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
		kind, r := cell(ln, ln.End-int64(width-1-i)*scale, scale, own)
		if kind != last && run != "" {
			flush()
		}
		last = kind
		run += r
	}
	flush()
	return b.String()
}

// cell returns one cell of a track, for the records up to, but not including, an offset.
func cell(ln story.Lane, to, scale int64, own bool) (kind int, glyph string) {
	from := to - scale
	holds := func(offset int64) bool { return offset >= 0 && offset > from && offset <= to }
	switch {
	case own && holds(ln.Next) && ln.Next > ln.Committed:
		return 3, "▶"
	case holds(ln.Committed):
		return 2, "┃"
	case to < 0:
		return 0, " "
	case to < ln.Committed:
		return 0, "─"
	case own && to < ln.Next:
		return 1, "━"
	case to < ln.End:
		return 4, "•"
	}
	return 0, " "
}

// drawCountdown draws how long the group still waits for a member of this process that crashed.
func (m *model) drawCountdown(a story.Actor, ink interface{ Render(...string) string }, width int) string {
	gone := m.story.Scene.Now.Sub(a.Crashed)
	if m.cfg.SessionTimeout == 0 {
		text := fmt.Sprintf("crashed %.0f s ago", gone.Seconds())
		if long := text + "; the broker's session timeout decides"; Visible(long) <= width {
			text = long
		}
		return ink.Render(Pad(text, width))
	}
	left := max(m.cfg.SessionTimeout-gone, 0)
	text := fmt.Sprintf(" %4.1f s", left.Seconds())
	bar := max(width-len(text)-1, 0)
	full := int(float64(bar) * left.Seconds() / m.cfg.SessionTimeout.Seconds())
	return ink.Render(strings.Repeat("▒", full)) + m.theme.faint.Render(strings.Repeat("·", bar-full)) + m.theme.warn.Bold(true).Render(text) + " "
}
