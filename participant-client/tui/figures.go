package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
)

// A figure is a number that can be read from across the room.
type figure struct {
	label, value string
	style        lipgloss.Style
}

func (m *model) figureList() []figure {
	t, s := &m.theme, &m.story.Scene
	lag := "-"
	if s.Lag >= 0 {
		lag = formatCount(s.Lag)
	}
	rate := fmt.Sprintf("%.1f", s.PerSecond)
	if s.PerSecond >= 100 {
		rate = formatCount(int64(s.PerSecond))
	}
	twice := t.strong
	if s.Twice > 0 {
		twice = t.warn.Bold(true)
	}
	out := []figure{
		{"READ/S", rate, t.strong}, {"READ", formatCount(s.Read), t.strong}, {"LAG", lag, t.strong}, {"TWICE", formatCount(s.Twice), twice},
	}
	if m.cfg.Flags {
		out = append(out, figure{"FLAGGED", formatCount(s.Flagged), t.strong})
	}
	if !m.story.TeamAt.IsZero() {
		mark, style := m.scoreMark()
		out = append(out, figure{"POINTS" + mark, strconv.Itoa(m.story.Team.Points), style})
		if m.story.Team.Rank > 0 {
			out = append(out, figure{"PLACE" + mark, "#" + strconv.Itoa(m.story.Team.Rank), style})
		}
	}
	return out
}

// boardAge is the age from which the leaderboard's answer is shown with its age: a few polls have failed.
const boardAge = 10 * time.Second

// scoreMark says why points are not current.
func (m *model) scoreMark() (mark string, style lipgloss.Style) {
	t := &m.theme
	switch age := m.story.Scene.Now.Sub(m.story.TeamAt); {
	case age > boardAge:
		return fmt.Sprintf(" %.0f s ago", age.Seconds()), t.soft
	case m.story.Team.Frozen:
		return " (frozen)", t.soft
	}
	return "", t.gold.Bold(true)
}

// drawFigures draws the figures, large if there is room, and the badges at the end of the line, or below.
func (m *model) drawFigures(l layout) []string {
	if l.bigFigures {
		return m.drawBigFigures(l.width)
	}

	t := &m.theme
	line := " "
	for i, f := range m.figureList() {
		text := f.style.Render(f.value) + " " + t.faint.Render(f.label)
		if i > 0 {
			text = "   " + text
		}
		if visible(line)+visible(text) > l.width {
			break // the most important ones come first
		}
		line += text
	}
	return []string{"", m.withBadges(line, l.width), m.badgesBelow(line, l.width)}
}

// drawBigFigures draws figures three lines high. If they do not fit, the space between them shrinks, then those that say least
// go: none is cut.
func (m *model) drawBigFigures(width int) []string {
	t := &m.theme
	list := m.figureList()
	gap := 4
	for bigWidth(list, gap)+1 > width && len(list) > 1 {
		if gap > 2 {
			gap--
			continue
		}
		list = list[:len(list)-1]
	}

	rows := [3]string{" ", " ", " "}
	labels := " "
	for i, f := range list {
		art := bigDigits(f.value)
		cells := f.width() + gap
		rest := bigWidth(list[i+1:], gap)
		if kept := m.widest[f.label]; kept > cells && visible(labels)+kept+rest <= width {
			cells = kept // so that figures keep their places
		}
		m.widest[f.label] = cells
		for row := range rows {
			rows[row] += f.style.Render(pad(art[row], cells))
		}
		labels += t.faint.Render(pad(f.label, cells))
	}
	return []string{"", rows[0], rows[1], rows[2], m.withBadges(labels, width), m.badgesBelow(labels, width)}
}

// width is that of a large figure or its label, in cells.
func (f figure) width() int { return max(visible(bigDigits(f.value)[0]), len(f.label)) }

// bigWidth is that of large figures with a gap behind each.
func bigWidth(list []figure, gap int) int {
	cells := 0
	for _, f := range list {
		cells += f.width() + gap
	}
	return cells
}

// badgesFit reports whether the team's badges fit behind a line.
func (m *model) badgesFit(line string, width int) bool {
	return visible(m.drawBadges(width-visible(line)-2)) <= width-visible(line)-2
}

func (m *model) withBadges(line string, width int) string {
	if !m.badgesFit(line, width) {
		return line
	}
	return justify(line, m.drawBadges(width-visible(line)-2), width-1)
}

// badgesBelow is the line under the figures, for badges that do not fit behind them.
func (m *model) badgesBelow(line string, width int) string {
	if m.badgesFit(line, width) {
		return ""
	}
	return justify(" ", m.drawBadges(width-3), width-1)
}

// drawBadges draws the team's badges, with their names if they fit. They stand at the end of a line, because terminals disagree
// about how wide an emoji is.
func (m *model) drawBadges(room int) string {
	var icons, named []string
	for _, b := range m.story.Team.Badges {
		icons = append(icons, b.Icon)
		named = append(named, b.Icon+" "+b.Name())
	}
	if s := strings.Join(named, "  "); visible(s) <= room {
		return s
	}
	return strings.Join(icons, " ")
}

func visible(s string) int { return lipgloss.Width(s) }

// formatCount writes a count in at most six cells: 12345 as it is, then 123k, 1.2M.
func formatCount(n int64) string {
	switch {
	case n >= 1_000_000:
		return fmt.Sprintf("%.1fM", float64(n)/1e6)
	case n >= 100_000:
		return fmt.Sprintf("%dk", n/1000)
	}
	return strconv.FormatInt(n, 10)
}

// digits are three lines high, as on a departure board.
var digits = map[rune][3]string{
	'0': {"█▀█", "█ █", "▀▀▀"}, '1': {"▀█ ", " █ ", "▀▀▀"}, '2': {"▀▀█", "█▀▀", "▀▀▀"}, '3': {"▀▀█", " ▀█", "▀▀▀"},
	'4': {"█ █", "▀▀█", "  ▀"}, '5': {"█▀▀", "▀▀█", "▀▀▀"}, '6': {"█▀▀", "█▀█", "▀▀▀"}, '7': {"▀▀█", "  █", "  ▀"},
	'8': {"█▀█", "█▀█", "▀▀▀"}, '9': {"█▀█", "▀▀█", "▀▀▀"}, '.': {" ", " ", "▀"}, '-': {"   ", "▀▀▀", "   "},
	'#': {"▄ ▄", "█▀█", "▀ ▀"}, 'k': {"█ ▄", "█▀▄", "▀ ▀"}, 'M': {"█▄█", "█ █", "▀ ▀"},
}

func bigDigits(s string) [3]string {
	var out [3]string
	for i, r := range s {
		art, ok := digits[r]
		if !ok {
			continue
		}
		for line := range out {
			if i > 0 {
				out[line] += " "
			}
			out[line] += art[line]
		}
	}
	return out
}
