package story

import (
	"strings"
	"unicode"

	"kafka-workshop/internal/workshop"
)

// maxText is wider than any screen, in characters.
const maxText = 500

// Clean makes untrusted text (of a record, a client ID) safe to draw: it stays in its place on the screen. It drops
// joiners and variation selectors as well, because terminals disagree on how wide the result is, and one column that is
// off moves all others.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}, workshop.CleanText(s, maxText))
}
