package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/inspect"
	"kafka-workshop/participant-client/story"

	"github.com/charmbracelet/x/ansi"
)

// drawHistory draws the timeline and the records, side by side or one over the other.
func (m *model) drawHistory(l layout, put func(band, []string)) {
	if l.side && l.timeline.lines > 0 {
		half := min(l.width*3/5, widestTimeline)
		events, records := m.drawTimeline(half-1, l.timeline.lines), m.drawRecords(l.width-half-1, l.records.lines)
		lines := make([]string, l.lower.lines)
		for i := range lines {
			line := ""
			if i < len(events) {
				line = events[i]
			}
			lines[i] = Pad(line, half)
			if i < len(records) {
				lines[i] += records[i]
			}
		}
		put(l.lower, lines)
		return
	}
	put(l.timeline, m.drawTimeline(l.width, l.timeline.lines))
	put(l.records, m.drawRecords(l.width, l.records.lines))
}

// drawTimeline draws what happened, the newest last, and wraps long sentences.
func (m *model) drawTimeline(width, height int) []string {
	if height <= 0 {
		return nil
	}
	t := &m.theme
	var lines []string // from the newest up
	for _, e := range slices.Backward(m.history) {
		style := t.text
		switch {
		case e.Lesson, e.Kind == story.Asked, e.Kind == story.Answered:
			style = t.gold
		case e.Kind == story.Fault && e.How != story.Healed:
			style = t.bad
		case e.Kind == story.BadgeAwarded:
			style = t.gold.Bold(true)
		}
		wrapped := Wrap(e.String(), max(width-14, 20))
		if len(lines) > 0 && len(lines)+len(wrapped) > height-1 {
			break // no sentence is cut
		}
		for i, text := range slices.Backward(wrapped) {
			head := strings.Repeat(" ", 12)
			if i == 0 {
				head = " " + t.faint.Render(e.At.Local().Format(time.TimeOnly)) + " " + m.signOf(e) + " "
			}
			lines = append(lines, ansi.Truncate(head+style.Render(text), width, "…"))
		}
	}
	lines = lines[:min(len(lines), height-1)]
	slices.Reverse(lines)
	return append([]string{m.rule("WHAT HAPPENED", width)}, lines...)
}

// signOf returns the sign of the member that a sentence is about in its colour, or a dot.
func (m *model) signOf(said story.Sentence) string {
	colour, ok := m.story.Colour(said)
	if !ok {
		return m.theme.faint.Render("·")
	}
	o := m.theme.owners[colour%len(m.theme.owners)]
	return o.ink.Render(o.sign)
}

func (m *model) rule(name string, width int) string { return Rule(&m.paint, name, width) }

// flagMark marks records that led to an action.
const flagMark = "◆"

// drawRecords draws the last records that this process's members read, the newest last.
func (m *model) drawRecords(width, height int) []string {
	if height <= 1 {
		return nil
	}
	t := &m.theme
	name := "RECORDS"
	if m.cfg.Flags {
		name += "  " + flagMark + " flagged"
	}
	lines := []string{m.rule(name, width)}
	records := m.story.Scene.Records
	records = records[max(len(records)-height+1, 0):]
	for _, r := range records {
		style := t.soft
		if i := slices.IndexFunc(m.story.Scene.Lanes, func(l story.Lane) bool { return l.Partition == r.Partition }); i >= 0 && m.story.Scene.Lanes[i].Owner >= 0 {
			style = t.owners[m.story.Scene.Members[m.story.Scene.Lanes[i].Owner].Colour%len(t.owners)].ink
		}
		mark := "  "
		if r.Flagged {
			mark = t.gold.Render(flagMark) + " "
		}
		line := " " + style.Render(Pad(fmt.Sprintf("P%d:%d", r.Partition, r.Offset), 10)) + mark + t.soft.Render("key="+story.Clean(r.Key)+" "+story.Clean(r.Value))
		lines = append(lines, ansi.Truncate(line, width-1, "…"))
	}
	return lines
}

// drawTable draws the group as kafka-consumer-groups --describe does, in the columns that fit.
func (m *model) drawTable(height, width int) []string {
	t := &m.theme
	g := &m.story.Scene.Group
	lines := []string{m.rule("DESCRIBE  kafka-consumer-groups --describe --group "+story.Clean(g.Name), width)}
	format, client := " %-9s %14s %14s %9s  %s %s %s", 22
	if width < 100 {
		format, client = " %-9s %14s %14s %7s  %s %.0s%.0s", 16
	}
	head := fmt.Sprintf(format, "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", Pad("CLIENT-ID", client), Pad("HOST", 16), "CONSUMER-ID")
	lines = append(lines, t.faint.Render(head))
	rows := inspect.Rows(&g.Group)
	for i, r := range rows {
		if len(lines) == height-1 && len(rows)-i > 1 {
			return append(lines, t.soft.Render(fmt.Sprintf(" and %d more", len(rows)-i)))
		}
		line := fmt.Sprintf(format, r.Partition, r.Committed, r.End, r.Lag, Pad(story.Clean(r.ClientID.String()), client), Pad(story.Clean(group.Address(r.Host.String())), 16), story.Clean(r.MemberID.String()))
		lines = append(lines, t.text.Render(ansi.Truncate(line, width, "…")))
	}
	if len(rows) == 0 {
		lines = append(lines, t.soft.Render(" nobody is in the group, and nothing is committed"))
	}
	return lines
}
