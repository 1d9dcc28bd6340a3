//go:build linux

package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// checkActs performs all actions of the instructor, in a browser on a laptop.
func (c *class) checkActs(t *testing.T) {
	c.join(t, c.Laptops[1], 1).says(t, `joined team-1`)
	tab := c.Laptops[0].Browser(t)
	tab.Open(t, c.board+"/login?next=/instructor#"+c.token, 1440, 900)
	see(t, tab, `location.pathname === "/instructor" && document.body.dataset.live === "yes"`)
	press := func(act string) {
		t.Helper()
		do(t, tab, `document.getElementById("result").textContent = ""`)
		see(t, tab, fmt.Sprintf(`document.querySelector('button[data-act=%q]')`, act))
		do(t, tab, fmt.Sprintf(`document.querySelector('button[data-act=%q]').click()`, act))
		see(t, tab, `document.getElementById("ask").open || document.getElementById("result").textContent === "Done."`)
		do(t, tab, `document.querySelector("#ask[open] [value=yes]")?.click()`)
		see(t, tab, `document.getElementById("result").textContent === "Done."`)
	}
	submit := func(form, field, value string) {
		t.Helper()
		do(t, tab, fmt.Sprintf(`{ document.getElementById("result").textContent = ""; const f = document.querySelector('form[data-act=%q]'); f.elements[%q].value = %q; f.requestSubmit(); }`, form, field, value))
		see(t, tab, `document.getElementById("result").textContent === "Done."`)
	}

	submit("/api/instructor/message", "text", "Stop one member with Ctrl+C")
	submit("/api/instructor/teams/2/rename", "name", "The Lag Busters")
	c.until(t, 2, "its name", func(b boardTeam) bool { return b.Name == "The Lag Busters" })
	press("/api/instructor/teams/1/badges/scaled/remove")
	c.until(t, 1, "the loss of Scaled", func(b boardTeam) bool { return !b.has("scaled") })

	victim := c.team(t, 1).Members[0].MemberID
	press("/api/instructor/teams/1/members/" + url.PathEscape(victim) + "/remove")
	c.until(t, 1, "the member's end", func(b boardTeam) bool {
		for _, m := range b.Members {
			if m.MemberID == victim {
				return false
			}
		}
		return true
	})

	press("/api/instructor/teams/3/offsets")
	press("/api/instructor/freeze")
	press("/api/instructor/reveal")
	press("/api/instructor/rounds")
	if _, text := ask(t, c.Laptops[1], "GET", c.board+"/api/board", "", ""); !strings.Contains(text, `"round":2,`) {
		t.Errorf("no second round: %.200s", text)
	}
	tab.Screenshot(t, "room-instructor")
	noErrors(t, tab)
}

// checkCodes types codes into the join page on a laptop, and reads the lesson.
func (c *class) checkCodes(t *testing.T) {
	tab := c.Laptops[3].Browser(t)
	tab.Open(t, c.board+"/join", 390, 844)
	send := func(code string) {
		t.Helper()
		do(t, tab, fmt.Sprintf(`{ window.before = true; document.getElementById("code").value = %q; document.querySelector(".code-form").requestSubmit(); }`, code))
		see(t, tab, `!window.before && document.readyState === "complete"`)
	}
	for _, wrong := range []string{"AAA-BBB-CCC", "short"} {
		send(wrong)
		see(t, tab, `document.querySelector(".fault").textContent.includes("code")`)
	}
	send(strings.ToLower(c.codes[3]))
	see(t, tab, `document.body.innerText.includes("team-4")`)
	if !strings.Contains(tab.Text(t, "document.body.innerText"), c.Instructor.IP+":9092") {
		t.Error("the team's page does not name the broker as laptops reach it")
	}
	tab.Screenshot(t, "room-join-phone")

	do(t, tab, `[...document.querySelectorAll("main a")].find(a => a.textContent === "The guide").click()`)
	see(t, tab, `location.pathname === "/lessons/scale-up" && document.body.innerText.includes("team-4")`)

	status, text := ask(t, c.Laptops[3], "POST", c.board+"/api/join", "", `{"code":"`+c.codes[1]+`"}`)
	if status != http.StatusOK || !strings.Contains(text, `"team":2`) || !strings.Contains(text, c.Instructor.IP+":9092") {
		t.Errorf("another team's code: %d %s", status, text)
	}
}
