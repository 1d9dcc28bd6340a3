package workshop

import (
	"strings"
	"testing"
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
		`["a@b.c"]`:                  "the value is JSON but an array: send an object like " + actionExample,
		`"a@b.c"`:                    "the value is JSON but a string: send an object like " + actionExample,
		`null`:                       "customer is missing: it is the user's email",
		`a@b.c`:                      "the value is not JSON: send " + actionExample,
		`{'a':'b'}`:                  "the value is not JSON: send " + actionExample,
		"":                           "the value is empty: send JSON like " + actionExample,
		"   ":                        "the value is empty: send JSON like " + actionExample,
		"\x00\xff\x01":               "the value is not JSON: send " + actionExample,
		strings.Repeat("[", 60_000):  "the value is not JSON: send " + actionExample,
		strings.Repeat("[", 600_000): "the value has 600000 bytes: an action has no more than 65536",
	} {
		if _, got := ParseAction([]byte(value), CriterionOf(11), "team-11"); got != want {
			t.Errorf("%.60q: %q, want %q", value, got, want)
		}
	}
}
