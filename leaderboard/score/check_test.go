package score

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"kafka-workshop/internal/workshop"
)

func TestAnActionIsWrongInWordsForABeginner(t *testing.T) {
	const good = `"customer":"a@b.c","type":"TRIGGER_GDPR_COMPLIANCE"`
	for value, want := range map[string]string{
		`{` + good + `,"reason":"IN_EUROPE","team":"team-11"}`:                            "",
		`{` + good + `,"reason":"IN_EUROPE","team":"team-11","more":[1,{"x":2}]}`:         "",
		`{` + good + `,"reason":"EUROPE","team":"team-11"}`:                               "reason is EUROPE, your team's is IN_EUROPE",
		`{` + good + `,"reason":"IN_EUROPE","team":"team-3"}`:                             "team is team-3, this topic is team-11's",
		`{` + good + `,"reason":"IN_EUROPE"}`:                                             "team is missing: yours is team-11",
		`{` + good + `,"team":"team-11"}`:                                                 "reason is missing: your team's is IN_EUROPE",
		`{"customer":"a@b.c","reason":"IN_EUROPE","team":"team-11"}`:                      "type is missing: your team's is TRIGGER_GDPR_COMPLIANCE",
		`{"customer":"a@b.c","type":"CALL","reason":"IN_EUROPE","team":"team-11"}`:        "type is CALL, your team's is TRIGGER_GDPR_COMPLIANCE",
		`{"type":"TRIGGER_GDPR_COMPLIANCE","reason":"IN_EUROPE","team":"team-11"}`:        "customer is missing: it is the user's email",
		`{"customer":7,"type":"TRIGGER_GDPR_COMPLIANCE","reason":"IN_EUROPE","team":"x"}`: "customer is a number: write it as text, in quotes",
		`{"customer":["a"],"type":"X","reason":"IN_EUROPE","team":"x"}`:                   "customer is an array: write it as text, in quotes",
		`["a@b.c"]`:                  "the value is JSON but an array: send an object like " + example,
		`"a@b.c"`:                    "the value is JSON but a string: send an object like " + example,
		`null`:                       "customer is missing: it is the user's email",
		`a@b.c`:                      "the value is not JSON: send " + example,
		`{'a':'b'}`:                  "the value is not JSON: send " + example,
		"":                           "the value is empty: send JSON like " + example,
		"   ":                        "the value is empty: send JSON like " + example,
		"\x00\xff\x01":               "the value is not JSON: send " + example,
		strings.Repeat("[", 60_000):  "the value is not JSON: send " + example,
		strings.Repeat("[", 600_000): "the value has 600000 bytes: an action has no more than 65536",
	} {
		if _, got := parse([]byte(value), workshop.CriterionOf(11), "team-11"); got != want {
			t.Errorf("%.60q: %q, want %q", value, got, want)
		}
	}
}

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
