//go:build linux

package main

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/testing/room"
	"kafka-workshop/internal/testing/wait"

	"github.com/chromedp/chromedp"
)

// A class runs on the instructor's laptop, started with one command, and people do everything from laptops of their
// own. Nothing here is on loopback, and everything is plain HTTP.
func TestAClassInARoom(t *testing.T) {
	t.Parallel()
	c := startClass(t, 5)
	t.Run("banner", c.checkBanner)
	t.Run("no administrator", c.noAdministrator)
	t.Run("login", c.checkLogin)
	t.Run("foreign pages", c.checkForeignPages)
	t.Run("panel", c.checkPanel)
	t.Run("downloads", c.checkDownloads)
	t.Run("joining", c.checkJoining)
	t.Run("predicting", c.checkPredicting)
	t.Run("acts", c.checkActs)
	t.Run("codes", c.checkCodes)
	t.Run("bad wifi", func(t *testing.T) {
		t.Run("link down", c.checkLinkDown)
		t.Run("packets dropped", c.checkPacketsDropped)
		t.Run("captive portal", c.checkCaptivePortal)
	})
	t.Run("end", c.checkEnd)
}

func do(t *testing.T, tab *browsertest.Tab, script string) {
	t.Helper()
	if _, err := chromedp.Run(tab, chromedp.Evaluate[chromedp.Void](script)); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}

func see(t *testing.T, tab *browsertest.Tab, expression string) {
	t.Helper()
	if err := tab.Until(expression); err != nil {
		t.Fatal(err)
	}
}

// checkLogin logs in by the link and by typing, on both services, and out again. The token never stays in the address
// bar.
func (c *class) checkLogin(t *testing.T) {
	tab := c.Laptops[0].Browser(t)
	where := func(want string) {
		t.Helper()
		see(t, tab, fmt.Sprintf("location.href.replace(/#$/, '') === %q", want))
		if got := tab.Text(t, "location.href + document.cookie"); strings.Contains(got, c.token) {
			t.Errorf("the token stays in reach: %s", got)
		}
	}
	logout := func(at string) {
		t.Helper()
		do(t, tab, `[...document.querySelectorAll("form")].find(f => f.action.endsWith("/logout")).requestSubmit()`)
		where(at + "/login")
	}

	for at, home := range map[string]string{c.panel: "/", c.board: "/instructor"} {
		other := map[string]string{c.panel: c.board + "/instructor", c.board: c.panel + "/"}[at]
		next := "/login?next=" + url.QueryEscape(home)

		tab.Open(t, at+next+"#"+c.token, 1440, 900) // by the link
		where(at + home)
		tab.Open(t, other, 1440, 900) // one login serves both
		where(other)
		tab.Open(t, at+next+"#"+c.token, 1440, 900) // the link again, logged in already
		where(at + home)
		logout(at)

		tab.Open(t, at+home, 1440, 900)
		where(at + next)
		do(t, tab, `document.getElementById("token").value = "a wrong guess, as it happens"; document.querySelector("form").requestSubmit()`)
		see(t, tab, `document.getElementById("fault")?.textContent.includes("not the token")`)
		do(t, tab, fmt.Sprintf(`document.getElementById("token").value = %q; document.querySelector("form").requestSubmit()`, c.token)) // by typing
		where(at + home)
		logout(at)
	}
}

// checkForeignPages has pages of other sites post to ours while the instructor is logged in: all requests are refused.
func (c *class) checkForeignPages(t *testing.T) {
	evil := c.Laptops[4]
	ln, err := evil.Listen(evil.IP + ":80")
	if err != nil {
		t.Fatal(err)
	}
	page := fmt.Sprintf(`<!doctype html><title>evil</title><script>
		window.answers = [];
		const send = (url, body, type) => fetch(url, { method: "POST", mode: "no-cors", credentials: "include", headers: { "Content-Type": type }, body })
			.then(() => answers.push("sent"), () => answers.push("failed"));
		Promise.all([send(%[1]q + "/api/instructor/freeze", "{}", "text/plain"), send(%[1]q + "/logout", "", "application/x-www-form-urlencoded"),
			send(%[2]q + "/api/burst", '{"records":77}', "text/plain")]);
	</script><form method="post" action="%[1]s/api/instructor/rounds"><input name="x"></form>`, c.board, c.panel)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(page)) // the browser may be gone
	})}
	go func() { _ = srv.Serve(ln) }() // until the test ends
	t.Cleanup(func() { _ = srv.Close() })

	tab := c.Laptops[0].Browser(t)
	tab.Open(t, c.board+"/login#"+c.token, 1440, 900)
	see(t, tab, `location.pathname === "/"`)
	tab.Open(t, "http://"+evil.IP+"/", 1440, 900)
	see(t, tab, `window.answers?.length === 3`)
	do(t, tab, `document.querySelector("form").submit()`)
	see(t, tab, `document.body.innerText.includes("another site") || document.body.innerText.includes("instructor's token")`)

	tab.Open(t, c.board+"/instructor", 1440, 900)
	see(t, tab, `location.pathname === "/instructor"`) // not logged out
	if _, text := ask(t, c.Laptops[1], "GET", c.board+"/api/board", "", ""); !strings.Contains(text, `"frozen":false`) || !strings.Contains(text, `"round":1,`) {
		t.Errorf("a foreign page changed the board: %.300s", text)
	}

	for what, header := range map[string][]string{
		"a foreign origin":       {"Origin", "http://" + evil.IP},
		"no origin":              {"Origin", "null"},
		"the panel's page":       {"Origin", c.panel},
		"a rebound host name":    {"Origin", "http://evil.example:8080", "Host", "evil.example:8080"},
		"a name like an address": {"Origin", "http://" + c.Instructor.IP + ".evil.example", "Host", c.Instructor.IP + ".evil.example"},
	} {
		if status, text := ask(t, c.Laptops[1], "POST", c.board+"/api/instructor/freeze", c.token, "{}", header...); status != http.StatusForbidden {
			t.Errorf("%s: %d %s", what, status, text)
		}
	}
}

// checkPanel uses each control of the load in a browser on a laptop.
func (c *class) checkPanel(t *testing.T) {
	tab := c.Laptops[0].Browser(t)
	tab.Open(t, c.panel+"/login#"+c.token, 1440, 900)
	see(t, tab, `document.querySelector("#link.live")`)
	load := func(text string) {
		t.Helper()
		wait.For(t, "the load", func() error {
			if _, got := ask(t, c.Laptops[1], "GET", c.panel+"/api/load", c.token, ""); !strings.Contains(got, text) {
				return fmt.Errorf("the load is not %s: %s", text, got)
			}
			return nil
		})
	}

	do(t, tab, `document.querySelector('.preset[data-rate="100"]').click()`)
	load(`"rate":100,`)
	do(t, tab, `{ const f = document.getElementById("rate"); f.value = "20"; f.dispatchEvent(new Event("change")); }`)
	load(`"rate":20,`)
	do(t, tab, `document.getElementById("pause").click()`)
	load(`"paused":true`)
	see(t, tab, `document.getElementById("pause").getAttribute("aria-pressed") === "true"`)
	do(t, tab, `document.getElementById("pause").click()`)
	load(`"paused":false`)
	do(t, tab, `{ const d = document.getElementById("dial"); d.value = 300; d.dispatchEvent(new Event("input")); }`)
	load(`"rate":100,`)
	do(t, tab, `document.getElementById("less").click()`)
	load(`"rate":50,`)
	do(t, tab, `document.getElementById("more").click()`)
	load(`"rate":100,`)
	do(t, tab, `{ const f = document.getElementById("fixed"); f.value = "3"; f.dispatchEvent(new Event("change")); }`)
	load(`"keys":"fixed","fixed_keys":3`)
	do(t, tab, `{ const f = document.getElementById("hot"); f.value = "70"; f.dispatchEvent(new Event("change")); }`)
	load(`"hot_share":0.7`)
	do(t, tab, `document.querySelector('[name=keys][value=user]').click()`)
	load(`"keys":"user"`)
	do(t, tab, `document.querySelector('[name=keys][value=null]').click()`)
	load(`"keys":"null"`)
	do(t, tab, `{ const f = document.getElementById("ramp"); f.to.value = "30"; f.seconds.value = "1"; f.requestSubmit(); }`)
	load(`"rate":30,`)
	do(t, tab, `{ const f = document.getElementById("burst"); f.records.value = "500"; f.requestSubmit(); }`)
	see(t, tab, `Number(document.getElementById("produced").textContent.replaceAll(",", "")) > 500`)
	do(t, tab, `{ const f = document.getElementById("partitions"); f.count.value = "5"; f.requestSubmit(); }`) // as many as there are
	see(t, tab, `document.querySelectorAll("#shares li").length === 5`)

	do(t, tab, `[...document.querySelectorAll("nav a")].find(a => a.textContent.includes("Handouts")).click()`)
	see(t, tab, `location.pathname === "/instructor/handouts" && document.querySelectorAll("article").length === `+fmt.Sprint(classTeams))
	follow := func(text string) {
		t.Helper()
		link := fmt.Sprintf(`[...document.querySelectorAll("header a, nav a")].find(a => a.textContent === %q)`, text)
		see(t, tab, link)
		do(t, tab, link+`.click()`)
	}
	follow("Instructor’s page")
	see(t, tab, `location.pathname === "/instructor"`)
	follow("Handouts")
	see(t, tab, `location.pathname === "/instructor/handouts"`)
	follow("Control panel")
	see(t, tab, `document.querySelector("#link.live")`)
	noErrors(t, tab)
}

func noErrors(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	for _, e := range tab.Errors() {
		t.Error("the page's console:", e)
	}
}

// checkJoining brings laptops into a group, each in a different way, and watches the board from another laptop.
func (c *class) checkJoining(t *testing.T) {
	watcher := c.Laptops[4].Browser(t)
	watcher.Open(t, c.board+"/", 1920, 1080)

	first := c.join(t, c.Laptops[0], 1)
	first.says(t, `You are in team 1`)
	lanes(t, watcher, "5", 0)

	second := c.join(t, c.Laptops[1], 1)
	second.says(t, `You are in team 1`)
	lanes(t, watcher, "3+2", 0)
	second.interrupt(t)
	lanes(t, watcher, "5", 0)

	c.join(t, c.Laptops[1], 1, "./participant-client") // its settings were saved
	lanes(t, watcher, "3+2", 0)
	c.checkTerminal(t, c.Laptops[2])
	lanes(t, watcher, "2+2+1", 0)
	c.until(t, 1, "its badges", func(b boardTeam) bool { return b.has("connected") && b.has("scaled") })
	watcher.Screenshot(t, "room-board")
	noErrors(t, watcher)

	hosts := map[string]bool{}
	for _, m := range c.team(t, 1).Members {
		hosts[m.Host] = true
	}
	for _, laptop := range c.Laptops[:3] {
		if !hosts[laptop.IP] {
			t.Errorf("members come from %v, not from %s", hosts, laptop.IP)
		}
	}
}

// checkTerminal joins with a typed code in a terminal.
func (c *class) checkTerminal(t *testing.T, laptop *room.Host) {
	client := filepath.Join(c.data, "bin", "participant-client")
	socket := filepath.Join(laptop.Home, "tmux")
	tmux := func(words ...string) string {
		t.Helper()
		out, err := laptop.Command(append([]string{"tmux", "-S", socket}, words...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("tmux %s: %v: %s", strings.Join(words, " "), err, out)
		}
		return string(out)
	}
	shows := func(text string) {
		t.Helper()
		wait.For(t, "the terminal", func() error {
			if screen := tmux("capture-pane", "-p"); !strings.Contains(screen, text) {
				return fmt.Errorf("the terminal does not show %q:\n%s", text, screen)
			}
			return nil
		})
	}

	tmux("new-session", "-d", "-x", "80", "-y", "24", client+" join "+c.board+"; sleep 600")
	t.Cleanup(func() { tmux("kill-server") })
	shows("Your team's code:")
	tmux("send-keys", "AAA-BBB-CCC", "Enter")
	shows("No team has this code")
	tmux("send-keys", c.codes[0], "Enter")
	shows("team-1")
	shows("P0")
}

// checkEnd stops the class and starts it again with the same codes and the same data. The instructor is promised an end
// within ten seconds; the test logs the time.
func (c *class) checkEnd(t *testing.T) {
	began := time.Now()
	c.interrupt(t)
	t.Logf("Ctrl+C ended the class within %.1f s", time.Since(began).Seconds())

	codes, token := c.codes, c.token
	c.start(t)
	if !slices.Equal(c.codes, codes) || c.token != token {
		t.Error("the second start has other codes, or another token")
	}
	c.until(t, 2, "the name of the first start", func(b boardTeam) bool { return b.Name == "The Lag Busters" })
	c.join(t, c.Laptops[2], 3).says(t, `joined team-3`)
	c.until(t, 3, "a member", func(b boardTeam) bool { return len(b.Members) == 1 })
}
