package panel

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/testing/wait"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// enter opens the panel by the link that logs in.
func (r *room) enter(t *testing.T, width, height int) *browsertest.Tab {
	t.Helper()
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/login#"+token, width, height)
	see(t, tab, `document.querySelector("#link.live")`)
	return tab
}

func see(t *testing.T, tab *browsertest.Tab, expression string) {
	t.Helper()
	if err := tab.Until(expression); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, tab *browsertest.Tab, script string) {
	t.Helper()
	if _, err := chromedp.Run(tab, chromedp.Evaluate[chromedp.Void](script)); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}

func press(t *testing.T, tab *browsertest.Tab, keys string) {
	t.Helper()
	if err := chromedp.Do(tab, chromedp.KeyEvent(keys)); err != nil {
		t.Fatal(err)
	}
}

func (r *room) rateIs(t *testing.T, want float64) {
	t.Helper()
	wait.Until(t, "the rate that was turned to", func() bool { return *r.load(t).Rate == want })
}

func clean(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	for _, e := range tab.Errors() {
		t.Error("the page says", e)
	}
}

func TestTheDialInABrowser(t *testing.T) {
	r := open(t)
	tab := r.enter(t, 1366, 768)
	if got := tab.Text(t, "location.hash + document.cookie"); got != "" {
		t.Errorf("the token or the cookie stays in reach: %q", got)
	}
	run(t, tab, `const d = document.getElementById("dial"); d.value = 400; d.dispatchEvent(new Event("input"));`)
	r.rateIs(t, 1000)
	see(t, tab, `document.getElementById("rate").value === "1,000"`)
	see(t, tab, `document.querySelector('.preset[data-rate="1000"]').getAttribute("aria-pressed") === "true"`)
	run(t, tab, `document.querySelector('.preset[data-rate="100"]').click()`)
	r.rateIs(t, 100)
	see(t, tab, `Math.abs(parseFloat(document.getElementById("achieved").textContent) - 100) < 10`)
	run(t, tab, `const f = document.getElementById("rate"); f.focus(); f.value = "2.5k"; f.blur(); f.dispatchEvent(new Event("change"));`)
	r.rateIs(t, 2500)
	run(t, tab, `document.querySelector('[name=keys][value=hot]').click()`)
	see(t, tab, `document.querySelectorAll("#shares li.hot").length === 1`)
	run(t, tab, `document.querySelector('#burst [name=records]').value = "5000"; document.querySelector('#burst button').click()`)
	wait.Until(t, "the burst", func() bool { return *r.load(t).Produced > 5000 })
	run(t, tab, `document.querySelector('#partitions [name=count]').value = "7"; document.querySelector('#partitions button').click()`)
	see(t, tab, `document.querySelectorAll("#shares li").length === 7 && document.getElementById("note").textContent.includes("7 partitions")`)
	run(t, tab, `document.querySelector('#partitions [name=count]').value = "3"; document.querySelector('#partitions button').click()`)
	see(t, tab, `document.getElementById("fault-count").textContent.includes("cannot remove partitions")`)
	for typed, says := range map[string]string{"many": "not a number", "-5": "not a number", "1.000": "may be 1 or 1000", "2000000": "0 to 1000000"} {
		run(t, tab, fmt.Sprintf(`const g%d = document.getElementById("rate"); g%[1]d.focus(); g%[1]d.value = %q; g%[1]d.dispatchEvent(new Event("change"));`, len(typed)*1000+len(says), typed))
		see(t, tab, fmt.Sprintf(`document.getElementById("fault-rate").textContent.includes(%q) && document.getElementById("rate").value === "2,500"`, says))
	}
	tab.Screenshot(t, "panel-refused")
	r.rateIs(t, 2500)
	run(t, tab, `const h = document.getElementById("rate"); h.value = "1,5"; h.dispatchEvent(new Event("change"));`)
	r.rateIs(t, 1.5)
	see(t, tab, `document.getElementById("fault-rate").textContent === ""`)
	for _, size := range [][2]int64{{1366, 650}, {1536, 730}, {1440, 800}, {1600, 900}, {1920, 1080}, {1366, 768}} {
		if err := chromedp.Do(tab, chromedp.EmulateViewport(size[0], size[1])); err != nil {
			t.Fatal(err)
		}
		if got := tab.Text(t, `document.documentElement.scrollWidth + " × " + document.documentElement.scrollHeight`); got != fmt.Sprintf("%d × %d", size[0], size[1]) {
			t.Errorf("in a window of %d × %d it is %s: not one screen", size[0], size[1], got)
		}
	}
	tab.Screenshot(t, "panel")
}

func TestByKeyboardAlone(t *testing.T) {
	r := open(t)
	tab := r.enter(t, 1366, 768)
	r.rateIs(t, 10)
	press(t, tab, "+")
	r.rateIs(t, 20)
	press(t, tab, "+++")
	r.rateIs(t, 200)
	press(t, tab, "-")
	r.rateIs(t, 100)
	press(t, tab, " ")
	wait.Until(t, "paused", func() bool { return *r.load(t).Paused })
	see(t, tab, `document.getElementById("pause").getAttribute("aria-pressed") === "true"`)
	press(t, tab, " ")
	wait.Until(t, "going on", func() bool { return !*r.load(t).Paused })
	run(t, tab, `document.getElementById("dial").focus()`)
	see(t, tab, `document.activeElement.id === "dial"`)
	press(t, tab, kb.ArrowRight)
	r.rateIs(t, 110)
	see(t, tab, `document.getElementById("dial").getAttribute("aria-valuetext") === "110 records per second"`)
	press(t, tab, kb.ArrowRight)
	r.rateIs(t, 130)
	press(t, tab, kb.Home)
	r.rateIs(t, 0)
	press(t, tab, kb.End)
	r.rateIs(t, 1e6)
	run(t, tab, `document.getElementById("rate").select()`)
	press(t, tab, "42"+kb.Enter)
	r.rateIs(t, 42)
	names := tab.Text(t, `[...document.querySelectorAll("input, button, output, svg[role]")].filter((e) => e.type !== "hidden" && e.tagName !== "OUTPUT" &&
		!(e.ariaLabel || e.labels?.length || e.textContent.trim())).map((e) => e.outerHTML).join()`)
	if names != "" {
		t.Errorf("a screen reader has no name for %s", names)
	}
	clean(t, tab)
}

func TestTwoInstructorsSeeEachOther(t *testing.T) {
	r := open(t)
	one, two := r.enter(t, 1366, 768), r.enter(t, 390, 844)
	press(t, one, "+")
	see(t, two, `document.getElementById("rate").value === "20"`)
	run(t, two, `document.querySelector('[name=keys][value=user]').click()`)
	see(t, one, `document.querySelector('[name=keys][value=user]').checked`)
	press(t, two, " ")
	see(t, one, `document.getElementById("limit").textContent === "paused"`)
	if two.Text(t, `document.documentElement.scrollWidth <= innerWidth`) != "true" {
		t.Error("a phone has to scroll sideways")
	}
	two.Screenshot(t, "panel-phone")
	clean(t, one)
	clean(t, two)
}

// serve runs the panel on an address until the function that it returns is called.
func (r *room) serve(t *testing.T, addr string) (string, func()) {
	t.Helper()
	ln, err := httpserve.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- httpserve.Serve(ctx, ln, r.handler, slog.New(slog.DiscardHandler)) }()
	stopped := false
	stop := func() {
		if !stopped {
			stopped = true
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(stop)
	return ln.Addr().String(), stop
}

func TestALostConnectionComesBack(t *testing.T) {
	r := open(t)
	addr, stop := r.serve(t, "127.0.0.1:0")
	r.url = "http://" + addr
	tab := r.enter(t, 1366, 768)
	stop()
	http.DefaultClient.CloseIdleConnections()
	see(t, tab, `document.body.classList.contains("lost") && document.getElementById("all").inert`)
	see(t, tab, `document.getElementById("link").textContent.includes("connection lost")`)
	tab.Screenshot(t, "panel-lost")
	r.serve(t, addr)
	see(t, tab, `!document.body.classList.contains("lost") && document.querySelector("#link.live")`)
	press(t, tab, "+")
	r.rateIs(t, 20)
}

func TestTypedNumbers(t *testing.T) {
	r := open(t)
	tab := r.enter(t, 1366, 768)
	for typed, want := range map[string]string{
		"10": "10", "0": "0", "1.5": "1.5", "1,5": "1.5", "0,125": "0.125", ".5": "0.5", ",5": "0.5", "12,75": "12.75", "1.2345": "1.2345",
		"1,000": "1000", "12,500": "12500", "1,000,000": "1000000", "1.000.000": "1000000", "1 000": "1000", "1\u00a0000\u202f000": "1000000",
		"1'000": "1000", "1\u2019000": "1000", "1.234,5": "1234.5", "1,234.5": "1234.5", "1 234,5": "1234.5", " 10k ": "10000", "2.5k": "2500",
		"2,5 K": "2500", "1M": "1000000", "1.25k": "1250", "1000000": "1000000",
		"1.000": "", "12.500": "", "1,000k": "", "1.000,000.0": "", "1,5,5": "", "10 00": "", "": "", "-1": "", "1e3": "", "many": "", "1,": "", "--": "", "١٠": "",
	} {
		got := tab.Text(t, fmt.Sprintf(`workshop.number(%q).value ?? ""`, typed))
		if got != want {
			t.Errorf("%q is read as %q, want %q", typed, got, want)
		}
		if fault := tab.Text(t, fmt.Sprintf(`workshop.number(%q).fault ?? ""`, typed)); (fault == "") != (want != "") {
			t.Errorf("%q: the fault is %q", typed, fault)
		}
	}
}
