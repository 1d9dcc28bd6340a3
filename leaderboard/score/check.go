package score

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"kafka-workshop/internal/workshop"
)

const (
	maxValue   = 64 << 10 // bytes of a value; an honest one has 120
	shownRunes = 80       // of a team's text in a reason, before the …
	example    = `{"customer":"…","type":"…","reason":"…","team":"…"}`
)

// parse reads an action and checks what can be checked without the users: its shape, and that team,
// type and reason are the team's. The problem is worded for somebody who meets JSON and Kafka for
// the first time; it is empty when there is none.
func parse(value []byte, c workshop.Criterion, team string) (a workshop.Action, problem string) {
	switch {
	case len(bytes.TrimSpace(value)) == 0:
		return a, "the value is empty: send JSON like " + example
	case len(value) > maxValue:
		return a, fmt.Sprintf("the value has %d bytes: an action has no more than %d", len(value), maxValue)
	}
	if err := json.Unmarshal(value, &a); err != nil {
		return a, shapeProblem(err)
	}
	switch {
	case a.Customer == "":
		return a, `customer is missing: it is the user's email`
	case a.Type == "":
		return a, "type is missing: your team's is " + c.Type
	case a.Reason == "":
		return a, "reason is missing: your team's is " + c.Reason
	case a.Team == "":
		return a, "team is missing: yours is " + team
	case a.Team != team:
		return a, "team is " + shown(a.Team) + ", this topic is " + team + "'s"
	case a.Type != c.Type:
		return a, "type is " + shown(a.Type) + ", your team's is " + c.Type
	case a.Reason != c.Reason:
		return a, "reason is " + shown(a.Reason) + ", your team's is " + c.Reason
	}
	return a, ""
}

func shapeProblem(err error) string {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return "the value is not JSON: send " + example
	}
	if wrong.Field == "" {
		return "the value is JSON but " + article(wrong.Value) + ": send an object like " + example
	}
	return shown(wrong.Field) + " is " + article(wrong.Value) + ": write it as text, in quotes"
}

// article puts a or an before what encoding/json calls a value: string, number, object, array, bool.
func article(kind string) string {
	kind, _, _ = strings.Cut(kind, " ")
	if kind == "object" || kind == "array" {
		return "an " + kind
	}
	return "a " + kind
}

// shown makes a team's text fit to be stored and shown in a line.
func shown(s string) string { return workshop.CleanText(s, shownRunes+1) }
