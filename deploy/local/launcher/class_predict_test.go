//go:build linux

package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/testing/wait"
)

// checkPredicting asks the room a question. Phones vote on it, one as a guest and one with its team's code, and the
// guest's loses the wifi. Then a member joins, and all pages show Kafka's answer.
func (c *class) checkPredicting(t *testing.T) {
	wall := c.Laptops[4].Browser(t)
	wall.Open(t, c.board+"/", 1920, 1080)
	for _, laptop := range c.Laptops[:3] {
		c.join(t, laptop, 1)
	}
	lanes(t, wall, "2+2+1", 0)
	c.instruct(t, "prediction", `{"question":"split","team":1}`)
	see(t, wall, `document.querySelector("#asked .vote-at b")`)
	address := "http://" + wall.Text(t, `document.querySelector("#asked .vote-at b").textContent`)
	if address != c.board+"/predict" {
		t.Errorf("the board sends phones to %s", address)
	}

	guest := c.Laptops[3].Browser(t)
	guest.Open(t, address, 390, 844)
	see(t, guest, `document.body.innerText.includes("You vote as a guest")`)
	votes(t, guest, 1)
	c.counted(t, 1)
	votes(t, guest, 2) // another one, instead
	c.counted(t, 1)
	guest.Open(t, address, 390, 844) // again
	mine(t, guest, 2)

	phone := c.Laptops[4].Browser(t)
	phone.Open(t, c.board+"/join", 390, 844)
	do(t, phone, fmt.Sprintf(`document.getElementById("code").value = %q; document.querySelector(".code-form").requestSubmit()`, c.codes[0]))
	see(t, phone, `document.body.innerText.includes("team-1")`)
	phone.Open(t, address, 390, 844)
	votes(t, phone, 0)
	see(t, phone, `document.getElementById("voted").textContent.includes("Your vote counts for team-1")`)
	c.counted(t, 2)

	c.Laptops[3].LinkDown(t)
	do(t, guest, `document.querySelector(".option[value='1']").click()`)
	see(t, guest, `document.getElementById("voted").textContent === "Not sent yet: trying again."`)
	guest.Screenshot(t, "room-predict-offline")
	c.Laptops[3].LinkUp(t)
	mine(t, guest, 1)
	c.counted(t, 2)
	guest.Open(t, address, 390, 844)
	mine(t, guest, 1)

	c.instruct(t, "prediction/close", "")
	for _, tab := range []*browsertest.Tab{guest, phone} {
		see(t, tab, `document.body.innerText.includes("The vote is closed") && [...document.querySelectorAll(".option")].every(o => o.ariaDisabled === "true")`)
	}
	if _, text := ask(t, c.Laptops[3], "GET", c.board+"/api/prediction", "", ""); !strings.Contains(text, `"votes":2,"counts":[1,1,0]`) {
		t.Errorf("the votes: %s", text)
	}
	one := c.join(t, c.Laptops[3], 1)
	for _, tab := range []*browsertest.Tab{guest, phone} {
		see(t, tab, `document.querySelector(".option.right")?.textContent.includes("2 + 1 + 1 + 1")`)
	}
	see(t, wall, `document.querySelector("#asked .bar.right .text")?.textContent.includes("2 + 1 + 1 + 1")`)
	wall.Screenshot(t, "room-answered")
	phone.Screenshot(t, "room-predict-answered")
	one.interrupt(t)
	noErrors(t, wall)
	noErrors(t, phone)
}

// instruct sends an instructor command from a laptop.
func (c *class) instruct(t *testing.T, command, body string) {
	t.Helper()
	wait.For(t, command, func() error {
		if status, text := ask(t, c.Laptops[4], "POST", c.board+"/api/instructor/"+command, c.token, body); status != http.StatusOK {
			return fmt.Errorf("%d %s", status, text)
		}
		return nil
	})
}

// votes taps an option and waits until the page says that the vote counts.
func votes(t *testing.T, tab *browsertest.Tab, option int) {
	t.Helper()
	do(t, tab, fmt.Sprintf(`document.querySelector(".option[value='%d']").click()`, option))
	mine(t, tab, option)
}

// mine waits until the page shows this option as the browser's vote.
func mine(t *testing.T, tab *browsertest.Tab, option int) {
	t.Helper()
	see(t, tab, fmt.Sprintf(`document.querySelector(".option.mine")?.value === "%d" && document.querySelector(".option.mine small") && document.getElementById("voted").textContent.includes("Your vote counts")`, option))
}

// counted waits until the vote has this many votes.
func (c *class) counted(t *testing.T, votes int) {
	t.Helper()
	wait.For(t, "the votes", func() error {
		if _, text := ask(t, c.Laptops[4], "GET", c.board+"/api/prediction", "", ""); !strings.Contains(text, fmt.Sprintf(`"votes":%d,`, votes)) {
			return fmt.Errorf("not %d votes: %s", votes, text)
		}
		return nil
	})
}
