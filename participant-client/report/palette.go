package report

import (
	"io"
	"strings"

	"kafka-workshop/internal/look"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// A Palette colours text for one kind of output. The zero Palette leaves it as it is.
type Palette struct {
	owners    [len(look.Owners)]string // the codes that begin text in a member's colour
	new, grew string
}

// endColour ends every colour.
const endColour = "\x1b[m"

// NewPalette returns the Palette for an output. It is zero if that is no terminal, or if NO_COLOR is set to anything.
func NewPalette(stdout io.Writer, environ []string) Palette {
	profile := colorprofile.Detect(stdout, environ)
	if profile < colorprofile.ANSI || noColour(environ) || !enableColours(stdout) {
		return Palette{}
	}
	return paletteFor(profile)
}

// paletteFor converts the members' colours to those that a terminal has. They fill the background of the text, as lanes
// do on the board, so that it can be read on dark and light terminals.
func paletteFor(profile colorprofile.Profile) Palette {
	style := func(ground, text string) string {
		return ansi.NewStyle().BackgroundColor(profile.Convert(lipgloss.Color(ground))).
			ForegroundColor(profile.Convert(lipgloss.Color(text))).String()
	}

	var p Palette
	for i, o := range look.Owners {
		p.owners[i] = style(o.Hex, o.Ink)
	}
	p.new = ansi.NewStyle().Bold().Reverse(true).String()
	p.grew = ansi.NewStyle().Bold().String()
	return p
}

// Owner returns a text in a member's colour, which may be any number.
func (p Palette) Owner(colour int, text string) string { return paint(p.owner(colour), text) }

// NewOwner colours a text that reports a partition's new owner.
func (p Palette) NewOwner(text string) string { return paint(p.new, text) }

// Moved colours a text that reports that offsets have moved.
func (p Palette) Moved(text string) string { return paint(p.grew, text) }

func (p Palette) owner(colour int) string {
	n := len(p.owners)
	return p.owners[((colour%n)+n)%n]
}

func paint(begin, text string) string {
	if begin == "" {
		return text
	}
	return begin + text + endColour
}

// noColour interprets NO_COLOR by its standard: any value except an empty one. The library parses it as a bool.
func noColour(environ []string) bool {
	off := false
	for _, v := range environ {
		if value, found := strings.CutPrefix(v, "NO_COLOR="); found {
			off = value != ""
		}
	}
	return off
}
