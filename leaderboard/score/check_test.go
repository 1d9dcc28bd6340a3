package score

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestShownIsFitForDatabaseAndPage(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "a\x00b\nc": "a\ufffdb\ufffdc", "\xff": "\ufffd", "é 漢": "é 漢",
		strings.Repeat("é", 100): strings.Repeat("é", 80) + "…",
	} {
		if got := shown(in); got != want || !utf8.ValidString(got) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzAction(f *testing.F) {
	for _, seed := range []string{
		`{"customer":"a@b.c","type":"CONTACT_CUSTOMER","reason":"LEGACY_EMAIL_PROVIDER","team":"team-1"}`,
		`{"customer":"\u0000","type":1}`, `[[[[`, "\x00\xff", `{"customer":{"customer":{}}}`, `null`, ``, `1e999`,
	} {
		f.Add([]byte(seed), int64(1e12))
	}
	now := time.UnixMilli(1e12)
	f.Fuzz(func(t *testing.T, value []byte, at int64) {
		l := newLedger(2, 100)
		l.user([]byte(`{"email":"a@b.c"}`), now)
		l.user(value, time.UnixMilli(at))
		for range 2 {
			l.action(1, value, time.UnixMilli(at), now, false)
		}
		l.stats(1, report{value: value, headers: map[string]string{"pause_ms": string(value)}}, now, false)
		l.advance(now)
		w := l.works()[0]
		if n := w.Accepted + w.Rejected + w.Duplicate + w.Unverifiable; n != 2 {
			t.Fatalf("2 actions gave %d verdicts: %+v", n, w)
		}
		for _, r := range w.Rejections {
			for _, s := range []string{r.Customer, r.Type, r.Given, r.Reason} {
				if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
					t.Fatalf("not fit to be stored: %q", s)
				}
			}
			if _, err := json.Marshal(r); err != nil {
				t.Fatal(err)
			}
		}
	})
}
