package workshop

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTeamName(t *testing.T) {
	for _, c := range []struct{ in, want, err string }{
		{"The Sevens", "The Sevens", ""},
		{"  The Sevens\u00a0\r\n", "The Sevens", ""},
		{"\ufeffThe Sevens", "The Sevens", ""},
		{`=HYPERLINK("x")`, `=HYPERLINK("x")`, ""},
		{"נשרים", "נשרים", ""},
		{"👩\u200d🚀 crew", "👩\u200d🚀 crew", ""},
		{strings.Repeat("龘", 40), strings.Repeat("龘", 40), ""},
		{"o" + strings.Repeat("\u0308", 50) + "x", "o\u0308\u0308\u0308x", ""},
		{strings.Repeat("龘", 41), "", "41 characters"},
		{"", "", "no visible character"},
		{" \t ", "", "no visible character"},
		{"\u200b\u2060\u200d", "", "no visible character"},
		{"\u2800\u3164", "", "no visible character"},
		{"\u202eabc", "", "U+202E"},
		{"a\u2066b\u2069", "", "U+2066"},
		{"a\u200fb", "", "U+200F"},
		{"a\nb", "", "U+000A"},
		{"a\tb", "", "U+0009"},
		{"a\u2028b", "", "U+2028"},
		{"a\u0085b", "", "U+0085"},
		{"a\x1b[31m", "", "U+001B"},
		{"a\xffb", "", "UTF-8"},
	} {
		got, err := TeamName(c.in)
		if got != c.want || (err == nil) != (c.err == "") || (err != nil && !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%.40q: %q, %v; want %q, %q", c.in, got, err, c.want, c.err)
		}
	}
}

func FuzzTeamName(f *testing.F) {
	f.Add(" o\u0308\u0308\u0308\u0308\ufeff")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := TeamName(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\r\n") || !utf8.ValidString(err.Error()) {
				t.Errorf("%q: error %q", text, err)
			}
			return
		}
		if again, err := TeamName(got); err != nil || again != got || CleanText(got, MaxTeamName) != got {
			t.Errorf("%q became %q, then %q: %v", text, got, again, err)
		}
	})
}
