package workshop

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxTeamName is how many characters (runes) a team's name may have.
const MaxTeamName = 40

// TeamName returns a team's name from a roster or the instructor, trimmed and without excess combining marks.
// A name is one line of at most MaxTeamName characters, of which at least one is visible, and none of which
// affects the text beside it. The error is one sentence that says what to change. It does not quote the text.
func TeamName(text string) (string, error) {
	text = strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
	if !utf8.ValidString(text) {
		return "", errors.New("a team's name is not valid UTF-8: save it as UTF-8")
	}

	for _, r := range text {
		switch {
		case harmless(r):
		case unicode.Is(unicode.Bidi_Control, r):
			return "", fmt.Errorf("a team's name contains a character that changes the writing direction (%U): remove it", r)
		default:
			return "", fmt.Errorf("a team's name contains a control character (%U): write one line of text", r)
		}
	}

	text = CleanText(text, len(text)+1) // drops marks only: everything else was rejected above
	if n := utf8.RuneCountInString(text); n > MaxTeamName {
		return "", fmt.Errorf("a team's name has %d characters: use at most %d", n, MaxTeamName)
	}
	if !HasVisible(text) {
		return "", errors.New("a team's name has no visible character: write one")
	}

	return text, nil
}
