package tui

import (
	"image/color"
	"io"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
)

// A Palette holds the styles of a screen that looks like this one.
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
	p := Palette{Text: t.text, Strong: t.strong, Soft: t.soft, Faint: t.faint, Good: t.good, Warn: t.warn, Bad: t.bad, Gold: t.gold}
	for _, o := range t.owners {
		p.Owners = append(p.Owners, Owner{Sign: o.sign, Ink: o.ink})
	}
	return p
}

// Wrap breaks text between words only, so that flags stay in one piece.
func Wrap(text string, width int) []string { return wrap(text, width) }

// Pad makes s exactly width cells wide.
func Pad(s string, width int) string { return pad(s, width) }

// PadLeft makes s exactly width cells wide, aligned to the right.
func PadLeft(s string, width int) string { return padLeft(s, width) }

// Justify puts left and end at the two ends of a line; if there is no room, end is dropped.
func Justify(left, end string, width int) string { return justify(left, end, width) }

// Visible is how many cells wide s is.
func Visible(s string) int { return visible(s) }

// FormatCount writes a count in at most six cells.
func FormatCount(n int64) string { return formatCount(n) }

// BigDigits writes a number three lines high.
func BigDigits(s string) [3]string { return bigDigits(s) }

// LeaveMsg tells a model that the process is told to end.
type LeaveMsg = leaveMsg

// NewProgram returns a program for a model, with the options of this screen; nil streams are the terminal's. Until stopped is
// closed, Forward has to run beside it.
func NewProgram(m tea.Model, environ []string, in io.Reader, out io.Writer) *tea.Program {
	s := &Screen{cfg: Config{Input: in, Output: out}}
	return tea.NewProgram(m, s.options(environ, noColour(environ))...)
}

// Forward sends a LeaveMsg when told, and makes the program quit when ended.
func Forward(p *tea.Program, told, ended, stopped <-chan struct{}) {
	forwardEnd(p, told, ended, stopped)
}
