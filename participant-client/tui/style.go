package tui

import (
	"fmt"
	"image/color"

	"kafka-workshop/internal/look"

	"charm.land/lipgloss/v2"
)

// A theme holds the colours for one kind of terminal. Text keeps the terminal's own.
type theme struct {
	dark   bool
	ground color.Color

	text, strong, soft, faint, good, warn, bad, gold lipgloss.Style
	owners                                           [8]ownerStyle
}

// An ownerStyle is how one member of the group is drawn.
type ownerStyle struct {
	sign   string
	strong lipgloss.Style // a member of this process
	pale   lipgloss.Style // a colleague's
	ink    lipgloss.Style // its colour as text
}

// newTheme returns the theme for a terminal with a background, nil if unknown. With few colours, colleagues' cells are grey: a
// faint blue could come out as any colour.
func newTheme(dark bool, ground color.Color, few bool) theme {
	if ground == nil {
		ground = lipgloss.Color("#fbfbf8")
		if dark {
			ground = lipgloss.Color("#0b0d10")
		}
	}
	pick := func(light, onDark string) lipgloss.Style {
		if dark {
			light = onDark
		}
		return lipgloss.NewStyle().Foreground(lipgloss.Color(light))
	}
	t := theme{
		dark: dark, ground: ground,
		text: lipgloss.NewStyle(), strong: lipgloss.NewStyle().Bold(true),
		soft: pick("#4e4e4e", "#b2b2b2"), faint: pick("#808080", "#767676"),
		good: pick("#0b7a4b", "#3ddc97"), warn: pick("#8a5a00", "#ffb020"), bad: pick("#b3261e", "#ff6b5e"), gold: pick("#8a6a00", "#ffd54a"),
	}
	grey := lipgloss.Color("#e4e4e4")
	if dark {
		grey = lipgloss.Color("#262626")
	}
	for i, o := range look.Owners {
		fill := lipgloss.Color(o.Hex)
		ink := color.Color(fill)
		if !dark {
			ink = mix(fill, color.Black, 0.35) // yellow on white can't be read
		}
		if i == 6 && dark {
			ink = mix(fill, color.White, 0.3) // nor is navy on black
		}
		pale := mix(ground, fill, 0.22)
		if few {
			pale = grey
		}
		t.owners[i] = ownerStyle{
			sign:   o.Sign,
			strong: lipgloss.NewStyle().Bold(true).Background(fill).Foreground(lipgloss.Color(o.Ink)),
			pale:   lipgloss.NewStyle().Background(pale).Foreground(ink),
			ink:    lipgloss.NewStyle().Foreground(ink),
		}
	}
	return t
}

// mix blends a share of b, 0 to 1, into a.
func mix(a, b color.Color, share float64) color.Color {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	at := func(x, y uint32) uint8 { return uint8((float64(x)*(1-share) + float64(y)*share) / 257) }
	return lipgloss.Color(fmt.Sprintf("#%02x%02x%02x", at(ar, br), at(ag, bg), at(ab, bb)))
}
