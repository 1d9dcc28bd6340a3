//go:build linux

package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// linkDown is how long a laptop is off the wifi.
const linkDown = 20 * time.Second

// checkLinkDown takes a laptop off the wifi: its client reports that Kafka cannot be reached, and its page that the
// connection is lost. When the link is back, both recover.
func (c *class) checkLinkDown(t *testing.T) {
	t.Parallel()
	laptop := c.Laptops[0]
	m := c.join(t, laptop, 2)
	m.says(t, `joined team-2`)
	tab := laptop.Browser(t)
	tab.Open(t, c.board+"/teams/2", 1440, 900)
	see(t, tab, `document.body.dataset.live === "yes"`)

	down := time.Now()
	laptop.LinkDown(t)
	m.says(t, `No route to 192.168.50.1:9092 from this network: are you on the room's wifi`)
	see(t, tab, `document.getElementById("disconnected").textContent.startsWith("Connection lost.")`)
	c.until(t, 2, "the member's end", func(b boardTeam) bool { return len(b.Members) == 0 })

	<-time.After(linkDown - time.Since(down)) // the full time, no matter how long the checks above took
	laptop.LinkUp(t)
	m.says(t, `answers again`)
	see(t, tab, `document.getElementById("disconnected").hidden`)
	c.until(t, 2, "the member", func(b boardTeam) bool { return len(b.Members) == 1 && b.State == "Stable" })
}

// checkPacketsDropped drops a laptop's packets for longer than the session timeout.
func (c *class) checkPacketsDropped(t *testing.T) {
	t.Parallel()
	laptop := c.Laptops[1]
	m := c.join(t, laptop, 3)
	m.says(t, `joined team-3`)
	tab := laptop.Browser(t)
	tab.Open(t, c.board+"/teams/3", 1440, 900)
	see(t, tab, `document.body.dataset.live === "yes"`)

	laptop.DropPackets(t)
	m.says(t, `192.168.50.1:9092 no longer answers: is this laptop still on the room's network`)
	c.until(t, 3, "the member's end", func(b boardTeam) bool { return len(b.Members) == 0 })
	see(t, tab, `document.getElementById("disconnected").textContent.startsWith("Connection lost.")`)

	laptop.PassPackets(t)
	m.says(t, `answers again`)
	c.until(t, 3, "the member", func(b boardTeam) bool { return len(b.Members) == 1 && b.State == "Stable" })
	see(t, tab, `document.getElementById("disconnected").hidden`)
}

// checkCaptivePortal makes the wifi's login page answer in place of the board. The client reports it, and an open page
// neither shows it nor takes it for the board's response.
func (c *class) checkCaptivePortal(t *testing.T) {
	t.Parallel()
	laptop, portal := c.Laptops[3], c.Laptops[4]
	ln, err := portal.Listen(portal.IP + ":8080")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{}, 1)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			select {
			case asked <- struct{}{}:
			default:
			}
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>Guest wifi</title><header>Accept the terms</header>")) // the browser may be gone
	})}
	go func() { _ = srv.Serve(ln) }() // until the test ends
	t.Cleanup(func() { _ = srv.Close() })

	tab := laptop.Browser(t)
	tab.Open(t, c.board+"/", 1440, 900)
	see(t, tab, `document.body.dataset.live === "yes"`)
	laptop.DropPackets(t) // so that the page has to reconnect
	see(t, tab, `document.getElementById("disconnected").textContent.startsWith("Connection lost.")`)
	laptop.Redirect(t, c.Instructor.IP+":8080", portal.IP+":8080")
	laptop.PassPackets(t)
	<-asked
	see(t, tab, `!document.getElementById("disconnected").hidden && !document.body.innerText.includes("Accept the terms")`)

	client := laptop.Command(filepath.Join(c.data, "bin", "participant-client"), "join", c.board)
	client.Env = append(client.Env, "WORKSHOP_CODE="+c.codes[3])
	out, err := client.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "Log in to the wifi in a browser first") || strings.Count(strings.TrimSpace(string(out)), "\n") > 0 {
		t.Errorf("join through a captive portal: %v: %s", err, out)
	}

	laptop.EndRedirect(t)
	see(t, tab, `document.getElementById("disconnected").hidden`)
}
