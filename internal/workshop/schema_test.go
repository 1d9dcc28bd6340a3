package workshop_test

import (
	"encoding/json"
	"testing"

	"kafka-workshop/internal/testing/schema"
	"kafka-workshop/internal/workshop"
)

// The Go types agree with the schemas, and every row of the table is among the actions.
func TestTypesMeetTheirSchemas(t *testing.T) {
	check := func(name string, value any, valid bool) {
		t.Helper()
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Open(t, name).Check(text); (err == nil) != valid {
			t.Errorf("%s %s: %v", name, text, err)
		}
	}

	for team := 1; team <= 15; team++ {
		row := workshop.CriterionOf(team)
		check("action", workshop.Action{Customer: "a@example.org", Type: row.Type, Reason: row.Reason, Team: workshop.TeamID(team)}, true)
	}
	check("action", workshop.Action{Customer: "a@example.org", Type: "HUG", Reason: "NICE", Team: "team-1"}, false)
	check("action", map[string]string{"customer": "a@example.org"}, false)
	check("stats", workshop.Stats{Team: "team-7", Processed: 3, Flagged: 1}, true)
	check("stats", workshop.Stats{Team: "7"}, false)
	check("user", map[string]string{"email": "a@example.org"}, false)
	check("web-event", workshop.WebEvent{EventID: "1", EventType: "click", UserID: "user_001", Timestamp: "2026-01-02T03:04:05.000Z", SessionID: "s", Element: "menu", Page: "/"}, true)
	check("web-event", workshop.WebEvent{EventID: "1", EventType: "click", UserID: "user_001", Timestamp: "2026-01-02T03:04:05.000Z", SessionID: "s", Product: "Phone"}, false)
}
