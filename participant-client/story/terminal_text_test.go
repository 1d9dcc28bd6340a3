package story

import (
	"strings"
	"testing"
	"unicode"

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/member"

	"github.com/charmbracelet/x/ansi"
)

// A colleague's client ID, and a record's text, stay in their place on the screen.
func TestForeignTextStaysInItsPlace(t *testing.T) {
	m := newMemory(config())
	for _, id := range []string{
		"\u202egnihtyna", "<b>a</b>\x1b[2J\x1b[31mBOO\n\tz", "\U0001f468\u200d\U0001f469\u200d\U0001f467 family", "\u26a0\ufe0f warn", "e" + strings.Repeat("\u0301", 40),
		"\ufeff\u200b", "", "\u009b31mC1", "\u2028two",
	} {
		a := m.colleague(member.GroupView{Topic: "t"}, group.Member{ID: "m", ClientID: id, Host: id, Topics: []string{id}})
		texts := append([]string{a.Name, a.Host, Clean(id)}, a.Elsewhere...)
		for _, text := range texts {
			acts := func(r rune) bool {
				return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r == '\u2028'
			}
			if strings.ContainsFunc(text, acts) {
				t.Errorf("%q is shown as %q", id, text)
			}
		}
		if ansi.StringWidth(a.Name) == 0 {
			t.Errorf("%q shows as nothing: %q", id, a.Name)
		}
	}
}
