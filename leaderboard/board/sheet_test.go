package board

import (
	"net/http"
	"strings"
	"testing"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// atStep publishes a board at a step of a sheet with three steps.
func (r *room) atStep(step int) {
	v := newSample(3)
	v.Instructor.Sheet = game.SheetProgress{Step: step, Steps: []workshop.Step{{Title: "Join", Minutes: 1}, {Title: "Scale", Minutes: 2}, {Title: "End", Minutes: 3}}}
	r.show(v)
}

func TestTheRunSheetGoesOnAndBack(t *testing.T) {
	r := newRoom(t, newSample(3))
	r.atStep(2)
	var said []string
	for _, c := range []struct{ path, body, said string }{
		{"sheet/next", "{}", "step 3"},
		{"sheet/next", "{}", "step 3"}, // a second click on the same page
		{"sheet/back", "{}", "step 1"},
		{"sheet/goto", `{"step":3}`, "step 3"},
		{"sheet/extend", `{"seconds":60}`, "extend 1m0s"},
		{"sheet/extend", `{"seconds":-30}`, "extend -30s"},
		{"spotlight", `{"team":3}`, "spotlight 3"},
		{"spotlight", `{"team":"auto"}`, "spotlight auto"},
		{"spotlight", `{"team":"none"}`, "spotlight none"},
		{"load", `{"rate":500}`, "load 500"},
	} {
		if status, body := r.do(t, http.MethodPost, "/api/instructor/"+c.path, c.body, true); status != http.StatusOK {
			t.Errorf("%s %s: %d %s", c.path, c.body, status, body)
		}
		said = append(said, c.said)
		r.commands.want(t, said...)
	}

	r.atStep(3)
	if status, _ := r.do(t, http.MethodPost, "/api/instructor/sheet/next", "{}", true); status != http.StatusNotFound {
		t.Errorf("beyond the last step: %d", status)
	}
	r.atStep(0)
	if status, _ := r.do(t, http.MethodPost, "/api/instructor/sheet/back", "{}", true); status != http.StatusNotFound {
		t.Errorf("before the first step: %d", status)
	}
	for path, bodies := range map[string][]string{
		"sheet/goto": {`{}`, `{"step":"two"}`}, "sheet/extend": {`{}`, `{"seconds":0}`, `{"seconds":3601}`},
		"spotlight": {`{}`, `{"team":null}`, `{"team":"all"}`, `{"team":-2}`, `{"team":0}`}, "load": {`{}`, `{"rate":-1}`, `{"keys":"odd"}`},
	} {
		for _, body := range bodies {
			if status, text := r.do(t, http.MethodPost, "/api/instructor/"+path, body, true); status != http.StatusBadRequest || !strings.Contains(text, "error") {
				t.Errorf("%s %s: %d %s", path, body, status, text)
			}
		}
	}
	r.commands.want(t, said...)
}
