package workshop

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is how many characters (runes) of an untrusted text are kept, such as a client ID, a host or a
// group's name. Kafka itself allows 32,767 bytes for most of them.
const MaxText = 120

// maxMarks is how many combining marks may follow one character. Scripts of living languages stack at most
// three; more of them would draw over the lines above and below.
const maxMarks = 3

// CleanText makes untrusted text safe to show on a page, in a terminal, in a log or in an event: one line of
// at most limit runes, the last of which is … if text was cut, without anything that affects the text beside
// it. Invalid bytes, control characters, line and paragraph separators, and characters that change the
// writing direction become U+FFFD. Clean text is returned as it is.
func CleanText(text string, limit int) string {
	var out strings.Builder
	runes := 0
	marks := 0

	for i, r := range text {
		if unicode.Is(unicode.M, r) {
			marks++
			if marks > maxMarks {
				continue
			}
		} else {
			marks = 0
		}

		if runes == limit-1 && utf8.RuneCountInString(text[i:]) > 1 {
			out.WriteRune('…')
			return out.String()
		}

		if !harmless(r) {
			r = utf8.RuneError
		}

		out.WriteRune(r)
		runes++
	}

	return out.String()
}

// harmless reports whether a rune affects nothing outside its own place on a line.
func harmless(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029':
		return false
	case unicode.Is(unicode.Bidi_Control, r), r == '\ufeff':
		return false
	}
	return true
}

// HasVisible reports whether a text has at least one visible character, other than spaces, zero-width
// characters and combining marks.
func HasVisible(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.M, r) && !blank[r]
	})
}

// blank are characters that Unicode counts as letters or symbols, but that are invisible.
var blank = map[rune]bool{'\u115f': true, '\u1160': true, '\u2800': true, '\u3164': true, '\uffa0': true}
