package board

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/workshop"

	"github.com/chromedp/chromedp"
)

func TestAPhoneJoinsWithACode(t *testing.T) {
	r := newRoom(t, newSample(15))
	code := r.cfg.Admission.Code(7)
	tab := browsertest.New(t)
	prefer(t, tab, "dark")
	tab.Open(t, r.url+"/join", 390, 844)

	typeCode(t, tab, "ABC-DEF-GH0")
	if err := tab.Until(`document.querySelector('.fault') && document.querySelector('.fault').innerText.includes('neither 0 nor O')`); err != nil {
		t.Fatal(err)
	}
	tab.Screenshot(t, "join-refused")
	typeCode(t, tab, strings.ToLower(workshop.ReadableCode(code)))
	if err := tab.Until(`location.pathname === '/j/` + code + `'`); err != nil {
		t.Fatal(err)
	}
	page := tab.Text(t, "document.body.innerText")
	for _, want := range []string{"group team-7", "WORKSHOP_CODE=" + code + " sh", "join.ps1 | iex", "192.168.1.5:9092", "SCRAM-SHA-256", string(workshop.Secret("a secret of this test alone").Password("team-7"))} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page: %s", want, page)
		}
	}
	tab.Screenshot(t, "joined-phone")
	tab.Open(t, r.url+"/j/"+code, 1280, 800)
	tab.Screenshot(t, "joined-laptop")
	if faults := tab.Text(t, audit); faults != "" {
		t.Error(faults)
	}
	tab.Open(t, r.url+"/lessons/scale-up?team=7", 1000, 900)
	tab.Screenshot(t, "guide-of-a-team")
}

func typeCode(t *testing.T, tab *browsertest.Tab, code string) {
	t.Helper()
	if err := chromedp.Do(tab, chromedp.SetValue("#code", code), chromedp.Submit("#code")); err != nil {
		t.Fatal(err)
	}
}

func TestCodePagesAreNeverCached(t *testing.T) {
	r := newRoom(t, newSample(15))
	for path, want := range map[string]int{
		"/j/" + r.cfg.Admission.Code(3): http.StatusOK, "/j/AAAAAAAAA": http.StatusNotFound, "/j/short": http.StatusNotFound,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := r.server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != want || resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: %d %v %v", path, resp.StatusCode, resp.Header, err)
		}
		if want != http.StatusOK && strings.Contains(string(body), "password") {
			t.Errorf("%s shows a password", path)
		}
	}
}
