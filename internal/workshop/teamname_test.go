package workshop

import (
	"strings"
	"testing"
)

func TestTeamName(t *testing.T) {
	for name, says := range map[string]string{
		"team-1": "", " Los \u00c1ngeles ": "", "\u0641\u0631\u064a\u0642": "", "\U0001f468\u200d\U0001f469 family": "",
		"=HYPERLINK(1)": "", strings.Repeat("\u9f98", 40): "",
		"": "missing", " ": "missing", "\u200b\u200b": "missing", "\u3164": "missing", strings.Repeat("a", 41): "41 characters",
		"\u202elive": "one line", "two\nlines": "one line", "Al\u2028pha": "one line", "\u2066left\u2069": "one line",
		"\ufeffBOM": "one line", "\x1b[2J": "one line", "bad\xff": "one line",
	} {
		got, err := TeamName(name)
		if says == "" && (err != nil || got != strings.TrimSpace(name)) || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
}
