package workshop

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestCleanText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"team-7-laptop-1", "team-7-laptop-1"},
		{"Müller & Söhne <b>", "Müller & Söhne <b>"},
		{"\u0641\u0631\u064a\u0642", "\u0641\u0631\u064a\u0642"},
		{"👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"},
		{"\u202egnihtyna", "\ufffdgnihtyna"},
		{"\u2066left\u2069", "\ufffdleft\ufffd"},
		{"a\x1b[2J\r\nb\tc", "a\ufffd[2J\ufffd\ufffdb\ufffdc"},
		{"Al\u2028pha\u2029\u0085", "Al\ufffdpha\ufffd\ufffd"},
		{"\xff\xed\xa0\x80", "\ufffd\ufffd\ufffd\ufffd"},
		{"\ufeffBOM", "\ufffdBOM"},
		{"e" + strings.Repeat("\u0301", 9) + "x", "e\u0301\u0301\u0301x"},
		{strings.Repeat("x", MaxText), strings.Repeat("x", MaxText)},
		{strings.Repeat("x", MaxText+1), strings.Repeat("x", MaxText-1) + "…"},
		{strings.Repeat("龘", 40_000), strings.Repeat("龘", MaxText-1) + "…"},
	} {
		if got := CleanText(c.in, MaxText); got != c.want {
			t.Errorf("%.40q: %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzCleanText(f *testing.F) {
	f.Add("\u202e\x1b[31m\r\n\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := CleanText(text, MaxText)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > MaxText {
			t.Errorf("%q: invalid or longer than %d", got, MaxText)
		}
		if strings.ContainsFunc(got, func(r rune) bool {
			return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
		}) {
			t.Errorf("%q acts on what stands beside it", got)
		}
		if again := CleanText(got, MaxText); again != got {
			t.Errorf("%q is not stable: %q", got, again)
		}
	})
}

func TestHasVisible(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, " ": false, "\u200b\u200b": false, "\u2800": false, "\u3164": false, "\u0301": false, "\u202e": false,
		"a": true, "\u202elive": true, "👨": true, "7": true, "\u0641": true, "!": true,
	} {
		if got := HasVisible(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
