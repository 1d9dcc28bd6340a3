package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kafka-workshop/participant-client/story"

	"charm.land/lipgloss/v2"
)

// A Figure is a number that can be read from across the room.
type Figure struct {
	Label, Value string
	Style        lipgloss.Style
}

func (m *model) figureList() []Figure {
	p, s := &m.paint, &m.story.Scene
	lag := "-"
	if s.Lag >= 0 {
		lag = FormatCount(s.Lag)
	}
	rate := fmt.Sprintf("%.1f", s.PerSecond)
	if s.PerSecond >= 100 {
		rate = FormatCount(int64(s.PerSecond))
	}
	twice := p.Strong
	if s.Twice > 0 {
		twice = p.Warn.Bold(true)
	}
	out := []Figure{
		{"READ/S", rate, p.Strong}, {"READ", FormatCount(s.Read), p.Strong}, {"LAG", lag, p.Strong}, {"TWICE", FormatCount(s.Twice), twice},
	}
	if m.cfg.Flags {
		out = append(out, Figure{"FLAGGED", FormatCount(s.Flagged), p.Strong})
	}
	return append(out, ScoreFigures(p, m.story.Board, s.Now)...)
}

// ScoreFigures returns the team's points and place; none before the leaderboard has answered.
func ScoreFigures(p *Palette, b *story.Board, now time.Time) []Figure {
	if b.TeamAt.IsZero() {
		return nil
	}
	mark, style := scoreMark(p, b, now)
	out := []Figure{{"POINTS" + mark, strconv.Itoa(b.Team.Points), style}}
	if b.Team.Rank > 0 {
		out = append(out, Figure{"PLACE" + mark, "#" + strconv.Itoa(b.Team.Rank), style})
	}
	return out
}

// boardAge is the age from which the leaderboard's answer is shown with its age: a few polls have failed.
const boardAge = 10 * time.Second

// scoreMark returns why points are not current.
func scoreMark(p *Palette, b *story.Board, now time.Time) (mark string, style lipgloss.Style) {
	switch age := now.Sub(b.TeamAt); {
	case age > boardAge:
		return fmt.Sprintf(" %.0f s ago", age.Seconds()), p.Soft
	case b.Team.Frozen:
		return " (frozen)", p.Soft
	}
	return "", p.Gold.Bold(true)
}

// Figures draws figures with the team's badges after them. It stores how wide large ones have been, so that they keep
// their places.
type Figures struct{ widest map[string]int }

// Draw draws figures, the most important ones first, and the badges at the end of the line, or below. A figure that does not fit
// is left out: none is cut.
func (f *Figures) Draw(p *Palette, list []Figure, team *story.Team, big bool, width int) []string {
	if big {
		return f.drawBig(p, list, team, width)
	}

	line := " "
	for i, one := range list {
		text := one.Style.Render(one.Value) + " " + p.Faint.Render(one.Label)
		if i > 0 {
			text = "   " + text
		}
		if Visible(line)+Visible(text) > width {
			break
		}
		line += text
	}
	return []string{"", withBadges(line, team, width), badgesBelow(line, team, width)}
}

// drawBig draws figures three lines high. If they do not fit, the space between them shrinks, then the least important
// ones are dropped.
func (f *Figures) drawBig(p *Palette, list []Figure, team *story.Team, width int) []string {
	gap := 4
	for bigWidth(list, gap)+1 > width && len(list) > 1 {
		if gap > 2 {
			gap--
			continue
		}
		list = list[:len(list)-1]
	}
	if f.widest == nil {
		f.widest = map[string]int{}
	}

	rows := [3]string{" ", " ", " "}
	labels := " "
	for i, one := range list {
		art := bigDigits(one.Value)
		cells := one.width() + gap
		rest := bigWidth(list[i+1:], gap)
		if kept := f.widest[one.Label]; kept > cells && Visible(labels)+kept+rest <= width {
			cells = kept
		}
		f.widest[one.Label] = cells
		for row := range rows {
			rows[row] += one.Style.Render(Pad(art[row], cells))
		}
		labels += p.Faint.Render(Pad(one.Label, cells))
	}
	return []string{"", rows[0], rows[1], rows[2], withBadges(labels, team, width), badgesBelow(labels, team, width)}
}

// width returns the width of a large figure or its label, in cells.
func (f Figure) width() int { return max(Visible(bigDigits(f.Value)[0]), len(f.Label)) }

// bigWidth returns the width of large figures with a gap after each.
func bigWidth(list []Figure, gap int) int {
	cells := 0
	for _, f := range list {
		cells += f.width() + gap
	}
	return cells
}

// badgesFit reports whether the team's badges fit after a line.
func badgesFit(line string, team *story.Team, width int) bool {
	return Visible(drawBadges(team, width-Visible(line)-2)) <= width-Visible(line)-2
}

func withBadges(line string, team *story.Team, width int) string {
	if !badgesFit(line, team, width) {
		return line
	}
	return Justify(line, drawBadges(team, width-Visible(line)-2), width-1)
}

// badgesBelow returns the line under the figures, for badges that do not fit after them.
func badgesBelow(line string, team *story.Team, width int) string {
	if badgesFit(line, team, width) {
		return ""
	}
	return Justify(" ", drawBadges(team, width-3), width-1)
}

// drawBadges draws the team's badges, with their names if they fit. They are at the end of a line, because terminals
// disagree about how wide an emoji is.
func drawBadges(team *story.Team, room int) string {
	var icons, named []string
	for _, b := range team.Badges {
		icons = append(icons, b.Icon)
		named = append(named, b.Icon+" "+b.Name())
	}
	if s := strings.Join(named, "  "); Visible(s) <= room {
		return s
	}
	return strings.Join(icons, " ")
}

// FormatCount formats a count in at most six cells: 12345 as it is, then 123k, 1.2M.
func FormatCount(n int64) string {
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
