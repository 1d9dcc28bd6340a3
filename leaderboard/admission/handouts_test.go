package admission

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/browsertest"
)

func TestHandoutsInTextAndCSV(t *testing.T) {
	d := admissions(t, func(c *Config) {
		c.Kafka.Username, c.Kafka.Password = "leaderboard", "its own"
		c.Name = func(team int) string { return map[int]string{1: "=cmd()", 2: "Zwei, <b>und</b> drei"}[team] }
	})
	hs := d.Handouts("http://192.168.1.5:8080")[:2]
	var text, table strings.Builder
	if err := hs.Text(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Team 2  Zwei", "code      " + hs[1].Readable(), "/join.sh | WORKSHOP_CODE=" + hs[1].Code + " sh", "username  team-2 (SCRAM-SHA-256)", hs[1].Password} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in %s", want, text.String())
		}
	}
	if err := hs.CSV(&table); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(table.String())).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][1] != "'=cmd()" || rows[2][3] != "http://192.168.1.5:8080/j/"+hs[1].Code {
		t.Errorf("%v, %v", rows, err)
	}
}

func TestHandoutsPageStandsAlone(t *testing.T) {
	d := admissions(t, func(c *Config) {
		c.Kafka.Username, c.Kafka.Password = "leaderboard", "its own"
		c.Name = func(team int) string {
			return map[int]string{1: "<script>document.title='no'</script>", 2: "A team with a name as long as forty letters"}[team]
		}
	})
	file := filepath.Join(t.TempDir(), "handouts.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Handouts("http://192.168.1.5:8080").HTML(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	tab := browsertest.New(t)
	tab.Open(t, "file://"+file, 1000, 1400)
	tab.Screenshot(t, "handouts")
	if got := tab.Text(t, "document.querySelectorAll('article svg.qr').length + ' ' + document.title"); got != "15 Handouts · Kafka Workshop" {
		t.Errorf("codes and title: %s", got)
	}
	if got := tab.Text(t, "getComputedStyle(document.querySelector('.code')).fontFamily.includes('mono')"); got != "true" {
		t.Error("the page has lost its style")
	}
	tab.Open(t, "file://"+file, 390, 844)
	if got := tab.Text(t, "document.documentElement.scrollWidth <= innerWidth"); got != "true" {
		t.Error("the page is wider than a phone")
	}
	tab.Screenshot(t, "handouts-phone")
}

func TestHandoutsAreTheInstructorsAlone(t *testing.T) {
	_, srv := serve(t, nil)
	for _, path := range []string{"/instructor/handouts", "/instructor/handouts.csv"} {
		resp, body := get(t, srv, path, "")
		if resp.StatusCode != http.StatusUnauthorized || strings.Contains(body, "code") {
			t.Errorf("%s without a token: %d %s", path, resp.StatusCode, body)
		}
		resp, body = get(t, srv, path, token)
		if resp.StatusCode != http.StatusOK || !strings.Contains(body, "team-15") || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
}

// get requests path, with a bearer token unless bearer is empty.
func get(t *testing.T, srv *httptest.Server, path, bearer string) (answer, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	return do(t, req)
}
