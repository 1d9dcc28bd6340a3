package docs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
)

// services holds the addresses and secrets of the two services that deploy/local runs.
type services struct {
	board, panel, token, code, client, kafka string
	removed                                  map[string]bool // members that an example removed from the group
}

// An example is a route of api.md with its blocks.
type example struct {
	method, path    string
	request, answer string
}

var memberID = regexp.MustCompile(`"member_id":"([^"]+)"`)

var heading = regexp.MustCompile(`^### (GET|PUT|POST) (\S+)$`)

// Every route that api.md documents exists, and every example has the fields of a real response.
func TestAPIIsWhatTheServicesAnswer(t *testing.T) {
	text, err := os.ReadFile("api.md")
	if err != nil {
		t.Fatal(err)
	}
	s := startServices(t)

	out := string(text)
	for _, e := range examples(out) {
		answer := s.ask(t, e)
		if e.answer == "" {
			continue
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, answer, "", "  "); err != nil {
			t.Fatalf("%s %s: %v", e.method, e.path, err)
		}
		if *update {
			out = strings.Replace(out, section(out, e), strings.Replace(section(out, e), "```json answer\n"+e.answer+"```", "```json answer\n"+indented.String()+"\n```", 1), 1)
			continue
		}
		if have, want := shape(t, []byte(e.answer)), shape(t, answer); !slices.Equal(have, want) {
			t.Errorf("%s %s: api.md has the fields\n%s\nthe service answers with\n%s", e.method, e.path, strings.Join(have, "\n"), strings.Join(want, "\n"))
		}
	}
	if *update {
		if err := os.WriteFile("api.md", []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// startServices runs both services with two teams, one of which has a member, until the test ends.
func startServices(t *testing.T) services {
	t.Helper()
	dir := t.TempDir()
	bin := filepath.Join(dir, "local")
	if out, err := exec.Command("go", "build", "-o", bin, "../deploy/local/launcher").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	addr := func() string {
		a, err := process.FreeAddr("127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	data := filepath.Join(dir, "data")
	board, panel := addr(), addr()
	s := services{board: "http://" + board, panel: "http://" + panel, token: "a token of this test alone", kafka: addr(), client: filepath.Join(data, "bin", "participant-client"), removed: map[string]bool{}}

	launch(t, bin, "--data", data, "--kafka", s.kafka, "--board", board, "--panel", panel, "--teams", "2", "--instructor-token", s.token)
	wait.Until(t, "the board", func() bool {
		resp, err := http.Get(s.board + "/readyz")
		if err != nil {
			return false
		}
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode == http.StatusOK
	})

	secret, err := os.ReadFile(filepath.Join(data, "workshop-secret"))
	if err != nil {
		t.Fatal(err)
	}
	s.code = workshop.Secret(strings.TrimSpace(string(secret))).Codes("", 2)[0]

	launch(t, s.client, "run", "--team", "1", "--brokers", s.kafka, "--format", "plain", "--solve", "--commit-interval", "200ms")
	wait.Until(t, "a team with a member, a commit, a badge and an action", func() bool {
		status, answer := s.get(t, s.board+"/api/board")
		return status == http.StatusOK && bytes.Contains(answer, []byte(`"badge":"first_load"`)) && regexp.MustCompile(`"committed":\d`).Match(answer) &&
			regexp.MustCompile(`"precision":[\d.]`).Match(answer)
	})
	return s
}

// launch runs a program until the test ends.
func launch(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		stuck := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		defer stuck.Stop()
		if err := cmd.Wait(); err != nil || t.Failed() {
			t.Logf("%s: %v: %s", filepath.Base(name), err, said.String())
		}
	})
}

// browser keeps a voter's cookie.
var browser = func() *http.Client {
	jar, _ := cookiejar.New(nil) // fails with options only
	return &http.Client{Jar: jar}
}()

func (s services) get(t *testing.T, url string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.send(t, req)
}

func (s services) send(t *testing.T, req *http.Request) (int, []byte) {
	t.Helper()
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := browser.Do(req)
	if err != nil {
		return 0, nil // it is not up yet
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

// ask sends an example's request and returns the response, which must be a success.
func (s services) ask(t *testing.T, e example) []byte {
	t.Helper()
	base := s.board
	if strings.HasPrefix(e.path, "/api/load") || slices.Contains([]string{"/api/ramp", "/api/burst", "/api/partitions"}, e.path) {
		base = s.panel
	}
	path := strings.NewReplacer(":team/offsets", "2/offsets", ":team", "1", ":badge", "connected").Replace(e.path)
	if before, after, ok := strings.Cut(path, ":member"); ok {
		id := s.member(t)
		s.removed[id] = true
		path = before + id + after
	}
	switch e.path {
	case "/api/prediction/vote":
		s.get(t, s.board+"/predict")
	case "/api/instructor/prediction": // the member was removed, and comes back
		wait.Until(t, "a member", func() bool {
			_, answer := s.get(t, s.board+"/api/teams/1")
			member := memberID.FindSubmatch(answer)
			return bytes.Contains(answer, []byte(`"state":"Stable"`)) && member != nil && !s.removed[string(member[1])]
		})
	}
	body := e.request
	if e.method == http.MethodPost && body == "" {
		body = "{}"
	}
	req, err := http.NewRequestWithContext(t.Context(), e.method, base+path, strings.NewReader(strings.Replace(body, "CODE OF TEAM 1", s.code, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	status, answer := s.send(t, req)
	if status != http.StatusOK {
		t.Errorf("%s %s: %d %.300s", e.method, e.path, status, answer)
	}
	return answer
}

func (s services) member(t *testing.T) string {
	t.Helper()
	var team struct {
		Members []struct {
			MemberID string `json:"member_id"`
		} `json:"members"`
	}
	_, answer := s.get(t, s.board+"/api/teams/1")
	if err := json.Unmarshal(answer, &team); err != nil || len(team.Members) == 0 {
		t.Fatalf("no member: %v %s", err, answer)
	}
	return team.Members[0].MemberID
}

// examples returns the routes of api.md that have a heading of their own.
func examples(text string) []example {
	var out []example
	for _, part := range strings.Split(text, "\n### ")[1:] {
		part = "### " + part
		title, _, _ := strings.Cut(part, "\n")
		m := heading.FindStringSubmatch(title)
		if m == nil {
			continue
		}
		out = append(out, example{m[1], m[2], block(part, "request"), block(part, "answer")})
	}
	return out
}

// section returns the part of api.md that holds an example.
func section(text string, e example) string {
	_, rest, _ := strings.Cut(text, "\n### "+e.method+" "+e.path+"\n")
	part, _, _ := strings.Cut(rest, "\n### ")
	return part
}

func block(text, kind string) string {
	_, rest, ok := strings.Cut(text, "```json "+kind+"\n")
	if !ok {
		return ""
	}
	inside, _, _ := strings.Cut(rest, "```")
	return inside
}

// shape lists the paths of all fields of a document. It merges the elements of a list and ignores values.
func shape(t *testing.T, doc []byte) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatalf("%v: %.200s", err, doc)
	}
	found := map[string]bool{}
	fields(v, "", found)
	var out []string
	for path := range found {
		if !optional.MatchString(path) {
			out = append(out, path)
		}
	}
	slices.Sort(out)
	return out
}

// optional matches fields that are present only at times, such as rejected records or teams that need help.
var optional = regexp.MustCompile(`rejected\[\]|help\[\]|strangers\[\]|pause_ms|evidence|load\.(ramp|limited)|ramp\.|ticker\[\]|events\[\]|log\[\]|duplicate|first`)

func fields(v any, at string, found map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			path := fmt.Sprintf("%s.%s", at, name)
			found[strings.TrimPrefix(path, ".")] = true
			fields(inner, path, found)
		}
	case []any:
		for _, inner := range v {
			fields(inner, at+"[]", found)
		}
	}
}
