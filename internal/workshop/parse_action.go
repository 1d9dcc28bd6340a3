package workshop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

const (
	// MaxValue is the maximum size of the value of an action or of stats, in bytes. A normal one has 120.
	MaxValue = 64 << 10

	maxQuoted     = 81 // characters of quoted text in a problem, the last of which is … if it was cut
	actionExample = `{"customer":"…","type":"…","reason":"…","team":"…"}`
)

// ParseAction reads an action and checks what can be checked without the users: its shape, and that team,
// type and reason are the team's. The problem is worded for somebody who meets JSON and Kafka for
// the first time; it is empty when there is none.
func ParseAction(value []byte, c Criterion, team string) (a Action, problem string) {
	if problem := decodeValue(value, &a, "an action", actionExample, func(string) bool { return true }); problem != "" {
		return a, problem
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
		return a, "team is " + quoted(a.Team) + ", this topic is " + team + "'s"
	case a.Type != c.Type:
		return a, "type is " + quoted(a.Type) + ", your team's is " + c.Type
	case a.Reason != c.Reason:
		return a, "reason is " + quoted(a.Reason) + ", your team's is " + c.Reason
	}
	return a, ""
}

// decodeValue decodes a record's value; what is its name in a problem, as in "an action". Fields that are not text are
// numbers.
func decodeValue(value []byte, into any, what, example string, isText func(field string) bool) (problem string) {
	switch {
	case len(bytes.TrimSpace(value)) == 0:
		return "the value is empty: send JSON like " + example
	case len(value) > MaxValue:
		return fmt.Sprintf("the value has %d bytes: %s has no more than %d", len(value), what, MaxValue)
	}

	var wrong *json.UnmarshalTypeError
	switch err := json.Unmarshal(value, into); {
	case err == nil:
		return ""
	case !errors.As(err, &wrong):
		return "the value is not JSON: send " + example
	case wrong.Field == "":
		return "the value is JSON but " + article(wrong.Value) + ": send an object like " + example
	case isText(wrong.Field):
		return quoted(wrong.Field) + " is " + article(wrong.Value) + ": write it as text, in quotes"
	}
	return quoted(wrong.Field) + " is " + article(wrong.Value) + ": write it as a number, without quotes"
}

// article puts a or an before what encoding/json calls a value: string, number, object, array, bool.
func article(kind string) string {
	kind, _, _ = strings.Cut(kind, " ")
	if kind == "object" || kind == "array" {
		return "an " + kind
	}
	return "a " + kind
}

// quoted makes text safe to show within a line.
func quoted(s string) string { return CleanText(s, maxQuoted) }
