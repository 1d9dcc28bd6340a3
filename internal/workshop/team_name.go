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

// TeamName is the one rule for what a team may be called, by a roster or by the instructor: one line of
// at most MaxTeamName characters that a reader can see and that acts on nothing beside it. It trims the
// ends and drops what is stacked too high on one character. The error is one sentence that says what to
// change and repeats none of the text.
func TeamName(text string) (string, error) {
	text = strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
	if !utf8.ValidString(text) {
		return "", errors.New("a team's name is not valid UTF-8: save it as UTF-8")
	}

	for _, r := range text {
		switch {
		case harmless(r):
		case unicode.Is(unicode.Bidi_Control, r):
			return "", fmt.Errorf("a team's name holds a mark that turns the writing direction (%U): remove it", r)
		default:
			return "", fmt.Errorf("a team's name holds a control character (%U): write one line of text", r)
		}
	}

	text = CleanText(text, len(text)+1) // marks only: all else was refused above
	if n := utf8.RuneCountInString(text); n > MaxTeamName {
		return "", fmt.Errorf("a team's name has %d characters: use %d at most", n, MaxTeamName)
	}
	if !HasVisible(text) {
		return "", errors.New("a team's name has no character that can be seen: write one")
	}

	return text, nil
}
