package settings

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/fault"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const right = "ABCDEFGHJ"

func TestAddress(t *testing.T) {
	for typed, want := range map[string][2]string{
		"http://192.168.1.5:8080":                {"http://192.168.1.5:8080", ""},
		"http://192.168.1.5:8080/":               {"http://192.168.1.5:8080", ""},
		"http://192.168.1.5:8080/join":           {"http://192.168.1.5:8080", ""},
		"http://192.168.1.5:8080/j/abcdefghj\n":  {"http://192.168.1.5:8080", right},
		"http://192.168.1.5:8080/j/ABC-DEF-GHJ/": {"http://192.168.1.5:8080", right},
		"192.168.1.5":                            {"http://192.168.1.5:8080", ""},
		"192.168.1.5:81":                         {"http://192.168.1.5:81", ""},
		"board.example.org/j/ABCDEFGHJ":          {"http://board.example.org:8080", right},
		"[2001:db8::1]":                          {"http://[2001:db8::1]:8080", ""},
		"https://board.example.org/class/join":   {"https://board.example.org/class", ""},
	} {
		base, code, err := Address(typed)
		if err != nil || base != want[0] || code != want[1] {
			t.Errorf("Address(%q) = %q, %q, %v", typed, base, code, err)
		}
	}
	for _, typed := range []string{"", "http://", "ftp://host", "http://me:secret@host", "http://host/j/short", "ho st", ":8080"} {
		if base, code, err := Address(typed); err == nil {
			t.Errorf("Address(%q) = %q, %q", typed, base, code)
		}
	}
}

// leaderboard serves answer until the test ends, and returns the address.
func leaderboard(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(answer)
	t.Cleanup(srv.Close)
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	return srv.URL
}

func joining() workshop.Joining {
	return workshop.Joining{
		Team: 7, Name: "The\x1b[2JSevens", Lesson: "web-events", Namespace: "spring.", Teams: 15, Group: "spring.web-events-group-7",
		Topics: []string{"spring.web-events-partitioned"}, Brokers: []string{"192.168.1.5:9092", "192.168.1.6:9092"},
		Username: "spring.team-7", Password: "pass word", SASL: "SCRAM-SHA-256", TLS: true, CA: "-----BEGIN CERTIFICATE-----\n",
	}
}

func answering(j workshop.Joining) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Code string }
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Method != http.MethodPost || r.URL.Path != "/api/join" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if in.Code != right {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(j)
	}
}

// home gives the test its own configuration folder.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"XDG_CONFIG_HOME", "HOME", "AppData"} {
		t.Setenv(name, dir)
	}
	for _, name := range []string{"KAFKA_BROKERS", "WORKSHOP_TEAM", "WORKSHOP_GROUP"} {
		t.Setenv(name, "")
	}
	folder, err := Folder()
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestJoinKeepsSettingsForTheNextStart(t *testing.T) {
	folder := home(t)
	base := leaderboard(t, answering(joining()))
	var said strings.Builder
	if _, err := (Start{Address: base + "/j/" + right, Stderr: &said}).Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(said.String(), "\x1b") || strings.Contains(said.String(), "pass word") || !strings.Contains(said.String(), "team 7") {
		t.Errorf("said %q", said.String())
	}
	got, err := cli.ReadEnvFile(settingsFile(folder))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"KAFKA_BROKERS": "192.168.1.5:9092,192.168.1.6:9092", "KAFKA_USERNAME": "spring.team-7", "KAFKA_PASSWORD": "pass word",
		"KAFKA_SASL": "SCRAM-SHA-256", "KAFKA_TLS": "true", "KAFKA_CA": filepath.Join(folder, "ca.pem"), "WORKSHOP_LESSON": "web-events",
		"WORKSHOP_NAMESPACE": "spring.", "WORKSHOP_TEAMS": "15", "WORKSHOP_TEAM": "7", "WORKSHOP_LEADERBOARD": base, "WORKSHOP_CODE": right,
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
	if len(got) != len(want) {
		t.Errorf("kept %v", got)
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 2 {
		t.Errorf("kept %v, %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", f.Name(), info.Mode(), err)
		}
	}
}

func TestTheCodeIsAskedForUntilItIsRight(t *testing.T) {
	home(t)
	base := leaderboard(t, answering(joining()))
	var said strings.Builder
	in := strings.NewReader("0OIL\nZZZZZZZZZ\nabc-def-ghj\nrest")
	j, err := Start{Address: base, Stdin: in, Stderr: &said}.Join(t.Context())
	if err != nil || j.Team != 7 {
		t.Fatalf("%+v, %v; said %s", j, err, said.String())
	}
	if strings.Count(said.String(), "Your team's code: ") != 3 || !strings.Contains(said.String(), "neither 0 nor O") || !strings.Contains(said.String(), "No team has this code") {
		t.Errorf("said %s", said.String())
	}
	if rest, _ := io.ReadAll(in); string(rest) != "rest" {
		t.Errorf("%q is left to read", rest)
	}
	if _, err := (Start{Address: base, Stderr: io.Discard}).Join(t.Context()); err == nil || !strings.Contains(err.Error(), "/j/CODE") {
		t.Errorf("with nobody to ask: %v", err)
	}
	if _, err := (Start{Address: base, Code: "ZZZZZZZZZ", Stderr: io.Discard}).Join(t.Context()); err == nil || err.Error() != ErrWrongCode.Error() {
		t.Errorf("with a wrong code given: %v", err)
	}
}

func TestAskingEndsWithTheProgram(t *testing.T) {
	home(t)
	base := leaderboard(t, answering(joining()))
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Start{Address: base, Stdin: r, Stderr: io.Discard}).Join(ctx); err == nil {
		t.Error("joined without a code")
	}
	_ = w.Close()
}

func TestWhatIsInTheWayIsSaid(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	portal := leaderboard(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html>Welcome to our wifi")
	})
	redirect := leaderboard(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://portal.example.org/", http.StatusFound)
	})
	busy := leaderboard(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"error":"too many wrong codes came from this address: wait a minute"}`)
	})
	old := leaderboard(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"welcome":true}`)
	})
	for base, want := range map[string]string{
		closed.URL: "ask " + closed.URL, portal: "Log in to the wifi", redirect: "Log in to the wifi",
		busy: "wait a minute", old: "newest client",
	} {
		if _, _, err := Fetch(t.Context(), base, right); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestClock(t *testing.T) {
	base := leaderboard(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(7*time.Minute).UTC().Format(http.TimeFormat))
		answering(joining())(w, r)
	})
	_, skew, err := Fetch(t.Context(), base, right)
	if err != nil || !strings.Contains(fault.Clock(skew), "behind") {
		t.Errorf("%v %q %v", skew, fault.Clock(skew), err)
	}
	if says := fault.Clock(3 * time.Second); says != "" {
		t.Error(says)
	}
}

func TestAStartUsesWhatWasKeptOnlyWhenItSaysNothing(t *testing.T) {
	folder := home(t)
	base := leaderboard(t, answering(joining()))
	if got, err := Args(t.Context(), []string{"tail"}, io.Discard); err != nil || !slices.Equal(got, []string{"tail"}) {
		t.Errorf("nothing kept: %v, %v", got, err)
	}
	if _, err := (Start{Address: base + "/j/" + right, Stderr: io.Discard}).Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept := []string{"--env", settingsFile(folder)}
	for _, c := range []struct {
		args []string
		uses bool
	}{
		{nil, true},
		{[]string{"--instances", "2"}, true},
		{[]string{"describe", "--watch", "2s"}, true},
		{[]string{"--team", "3"}, false},
		{[]string{"run", "--team=3"}, false},
		{[]string{"--group=mine"}, false},
		{[]string{"tail", "--brokers", "127.0.0.1:9092"}, false},
		{[]string{"--env=other.env"}, false},
		{[]string{"join", base}, false},
		{[]string{"--help"}, false},
	} {
		want := c.args
		if c.uses {
			want = append(slices.Clone(kept), c.args...)
		}
		if got, err := Args(t.Context(), c.args, io.Discard); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: %v, %v", c.args, got, err)
		}
	}
	t.Setenv("KAFKA_BROKERS", "127.0.0.1:9092")
	if got, err := Args(t.Context(), nil, io.Discard); err != nil || len(got) != 0 {
		t.Errorf("with KAFKA_BROKERS: %v, %v", got, err)
	}
}

func TestALaterStartAsksForWhatHasChanged(t *testing.T) {
	folder := home(t)
	now := joining()
	answer := answering(now)
	base := leaderboard(t, func(w http.ResponseWriter, r *http.Request) { answer(w, r) })
	if _, err := (Start{Address: base, Code: right, Stderr: io.Discard}).Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	now.Lesson, now.Password = "scale-up", "another"
	answer = answering(now)
	var said strings.Builder
	if _, err := Args(t.Context(), nil, &said); err != nil {
		t.Fatal(err)
	}
	got, err := cli.ReadEnvFile(settingsFile(folder))
	if err != nil || got["WORKSHOP_LESSON"] != "scale-up" || got["KAFKA_PASSWORD"] != "another" || !strings.Contains(said.String(), "the lesson is scale-up now") {
		t.Errorf("%v, %v; said %s", got, err, said.String())
	}

	answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	said.Reset()
	if args, err := Args(t.Context(), nil, &said); err != nil || len(args) != 2 || !strings.Contains(said.String(), "using the saved settings") {
		t.Errorf("without the leaderboard: %v, %v; said %s", args, err, said.String())
	}

	answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
	}
	if _, err := Args(t.Context(), nil, io.Discard); err == nil || !strings.Contains(err.Error(), "participant-client join "+base) {
		t.Errorf("with a code of another class: %v", err)
	}
}

func TestSettingsCannotSmuggleLines(t *testing.T) {
	folder := home(t)
	j := joining()
	j.Username = "x\nKAFKA_CA=/etc/passwd"
	if err := Save(folder, j, right); err == nil {
		t.Error("kept a name with a line in it")
	}
}
