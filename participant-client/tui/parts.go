package tui

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// A Palette holds the styles of a screen's text.
type Palette struct {
	Text, Strong, Soft, Faint, Good, Warn, Bad, Gold lipgloss.Style
	Owners                                           []Owner
}

// An Owner is how one member is drawn.
type Owner struct {
	Sign string
	Ink  lipgloss.Style // its colour as text
}

// NewPalette returns the styles for a terminal with a background, nil if unknown.
func NewPalette(dark bool, ground color.Color, few bool) Palette {
	t := newTheme(dark, ground, few)
	return t.palette()
}

func (t *theme) palette() Palette {
	p := Palette{Text: t.text, Strong: t.strong, Soft: t.soft, Faint: t.faint, Good: t.good, Warn: t.warn, Bad: t.bad, Gold: t.gold}
	for _, o := range t.owners {
		p.Owners = append(p.Owners, Owner{Sign: o.sign, Ink: o.ink})
	}
	return p
}

// Visible returns how many cells wide s is.
func Visible(s string) int { return lipgloss.Width(s) }

// Wrap breaks text between words only, so that flags stay in one piece.
func Wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case Visible(line)+1+Visible(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// Pad makes s exactly width cells wide.
func Pad(s string, width int) string {
	s = ansi.Truncate(s, width, "…")
	return s + strings.Repeat(" ", max(width-Visible(s), 0))
}

// PadLeft makes s exactly width cells wide, aligned to the right.
func PadLeft(s string, width int) string {
	s = ansi.Truncate(s, width, "…")
	return strings.Repeat(" ", max(width-Visible(s), 0)) + s
}

// Justify puts left and end at the two ends of a line; if there is no room, end is dropped.
func Justify(left, end string, width int) string {
	room := width - Visible(left) - Visible(end)
	if room < 1 {
		return ansi.Truncate(left, width, "…")
	}
	return left + strings.Repeat(" ", room) + end
}

// Marked wraps a text after a mark, and cuts it after most lines; 0 is for no limit.
func Marked(mark string, style lipgloss.Style, text string, width, most int) []string {
	lines := Wrap(text, width-4)
	if len(lines) > most && most > 0 {
		lines = append(lines[:most-1], ansi.Truncate(lines[most-1], width-5, "")+"…")
	}
	for i, line := range lines {
		if i > 0 {
			mark = " "
		}
		lines[i] = " " + style.Render(mark+" "+line)
	}
	return lines
}

// Rule draws the heading of a part of the screen.
func Rule(p *Palette, name string, width int) string {
	return p.Faint.Render(" " + name + " " + strings.Repeat("─", max(width-Visible(name)-3, 0)))
}
