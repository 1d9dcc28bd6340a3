package workshop

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxTeamName is how many characters (runes) a team's name has at most.
const MaxTeamName = 40

// TeamName checks a name that a person gave a team, and returns it without the spaces around it: one line of 1 to
// MaxTeamName characters, at least one of them visible, and none that acts on what stands beside the name (control
// characters, line ends, marks that turn the writing direction).
func TeamName(text string) (string, error) {
	text = strings.TrimSpace(text)

	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !harmless(r) }) {
		return "", errors.New("name holds control characters, line ends or marks of the writing direction: send one line of text")
	}
	if n := utf8.RuneCountInString(text); n > MaxTeamName {
		return "", fmt.Errorf("name has %d characters: %d at most", n, MaxTeamName)
	}
	if !HasVisible(text) {
		return "", errors.New("name is missing or shows nothing: give one that people can read")
	}
	return text, nil
}
