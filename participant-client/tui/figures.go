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

// drawFigures draws the figures, large if there is room, and the badges at the end of the line.
func (m *model) drawFigures(l layout) []string {
	t := &m.theme
	list := m.figureList()
	if l.bigFigures {
		rows := [3]string{" ", " ", " "}
		labels := " "
		for _, f := range list {
			art := bigDigits(f.value)
			width := max(visible(art[0])+4, len(f.label)+4, m.widest[f.label]) // so that figures keep their places
			m.widest[f.label] = width
			for i := range rows {
				rows[i] += f.style.Render(pad(art[i], width))
			}
			labels += t.faint.Render(pad(f.label, width))
		}
		return []string{"", rows[0], rows[1], rows[2], justify(labels, m.drawBadges(l.width-visible(labels)-2), l.width-1), ""}
	}
	line := " "
	for i, f := range list {
		if i > 0 {
			line += "   "
		}
		line += f.style.Render(f.value) + " " + t.faint.Render(f.label)
	}
	return []string{"", justify(line, m.drawBadges(l.width-visible(line)-2), l.width-1), ""}
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
	if s := strings.Join(icons, " "); visible(s) <= room {
		return s
	}
	return fmt.Sprintf("%d badges", len(icons))
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
