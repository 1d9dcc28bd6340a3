package story

import (
	"strings"
	"unicode"

	"kafka-workshop/internal/workshop"
)

// mostShown is more of a text than any screen is wide.
const mostShown = 500

// Clean makes anybody's text (a record's, a client id) stay in its place on the screen. Joiners and variation selectors
// go too: terminals do not agree on how wide what they join is, and one column that is off moves all others.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}, workshop.CleanText(s, mostShown))
}
