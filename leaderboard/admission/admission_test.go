package admission

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/workshop"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "an instructor's token"

func admissions(t *testing.T, change func(*Config)) *Service {
	t.Helper()
	cfg := Config{Secret: "a secret of this test alone", Room: workshop.Room{Lesson: workshop.ScaleUp, Teams: 15}, Auth: httpserve.NewAuth(token)}
	cfg.Kafka.Brokers = []string{"192.168.1.5:9092"}
	if change != nil {
		change(&cfg)
	}
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func serve(t *testing.T, change func(*Config)) (*Service, *httptest.Server) {
	t.Helper()
	d := admissions(t, change)
	e := httpserve.Engine(slog.New(slog.DiscardHandler), "")
	d.Register(e)
	srv := httptest.NewServer(e)
	t.Cleanup(srv.Close)
	return d, srv
}

// An answer is a response whose body has been read.
type answer struct {
	StatusCode int
	Header     http.Header
}

func do(t *testing.T, req *http.Request) (answer, string) {
	t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	return answer{resp.StatusCode, resp.Header}, string(body)
}

func post(t *testing.T, srv *httptest.Server, body string) (answer, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/api/join", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req)
}

func TestACodeOpensItsTeamAlone(t *testing.T) {
	d, srv := serve(t, func(c *Config) { c.Namespace, c.Kafka.Username, c.Kafka.Password = "spring.", "leaderboard", "its own" })
	for team := 1; team <= 15; team++ {
		resp, body := post(t, srv, `{"code":"`+strings.ToLower(workshop.ReadableCode(d.Code(team)))+`"}`)
		var got workshop.Joining
		if err := json.Unmarshal([]byte(body), &got); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("team %d: %d %s %v", team, resp.StatusCode, body, err)
		}
		id := "spring." + workshop.TeamID(team)
		if got.Team != team || got.Group != id || got.Username != id || got.Password != string(d.cfg.Secret.Password(id)) || got.Leaderboard != srv.URL ||
			!slices.Equal(got.Topics, []string{"spring.new_users", id + ".actions", id + ".stats"}) || !slices.Equal(got.Brokers, []string{"192.168.1.5:9092"}) {
			t.Errorf("team %d got %+v", team, got)
		}
		if resp.Header.Get("Cache-Control") != "no-store" {
			t.Error("the answer may be cached")
		}
	}
}

func TestWithoutALoginNoneIsHandedOut(t *testing.T) {
	d, srv := serve(t, func(c *Config) { c.Lesson = workshop.WebEvents })
	_, body := post(t, srv, `{"code":"`+d.Code(2)+`"}`)
	if !strings.Contains(body, `"username":"","password":"","sasl":""`) || !strings.Contains(body, `"group":"web-events-group-2","topics":["web-events-partitioned"]`) {
		t.Error(body)
	}
}

// The service may log in with another mechanism. Teams still get users, with passwords that derive from the secret.
func TestTeamsGetTheirUserWhateverTheServiceLogsInWith(t *testing.T) {
	for _, mechanism := range []string{"OAUTHBEARER", "AWS_MSK_IAM"} {
		d, srv := serve(t, func(c *Config) { c.Kafka.SASL = mechanism })
		_, body := post(t, srv, `{"code":"`+d.Code(2)+`"}`)
		if !strings.Contains(body, `"username":"team-2","password":"`+string(d.cfg.Secret.Password("team-2"))+`","sasl":"SCRAM-SHA-256"`) {
			t.Errorf("%s: %s", mechanism, body)
		}
	}
}

func TestWhatIsNoCodeIsRefused(t *testing.T) {
	_, srv := serve(t, nil)
	for body, want := range map[string]int{
		`{"code":"AAAAAAAAA"}`:        http.StatusNotFound,
		`{"code":""}`:                 http.StatusNotFound,
		`{}`:                          http.StatusNotFound,
		`{"code":7}`:                  http.StatusBadRequest,
		`{"code":"A","team":4}`:       http.StatusBadRequest,
		`not JSON`:                    http.StatusBadRequest,
		strings.Repeat(" ", 70_000):   http.StatusBadRequest,
		`{"code":"` + "\u0000" + `"}`: http.StatusBadRequest,
	} {
		resp, text := post(t, srv, body)
		if resp.StatusCode != want || !strings.Contains(text, `"error"`) || strings.Contains(text, "team-1") {
			t.Errorf("%.40s: %d %s, want %d", body, resp.StatusCode, text, want)
		}
	}
}

func TestDownloads(t *testing.T) {
	dir := t.TempDir()
	binary := []byte("the client")
	for name, text := range map[string][]byte{"participant-client-linux-amd64": binary, ".hidden": []byte("x"), "participant-client-windows-amd64.exe": []byte("w")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, srv := serve(t, func(c *Config) { c.Downloads = dir })
	hash := sha256.Sum256(binary)
	sum := hex.EncodeToString(hash[:])
	resp, body := get(t, srv, "/downloads/participant-client-linux-amd64", "")
	if resp.StatusCode != http.StatusOK || body != string(binary) || resp.Header.Get("ETag") != `"`+sum+`"` {
		t.Errorf("%d %q %v", resp.StatusCode, body, resp.Header)
	}
	_, body = get(t, srv, "/downloads/SHA256SUMS", "")
	if !strings.Contains(body, sum+"  participant-client-linux-amd64\n") || strings.Count(body, "\n") != 2 {
		t.Errorf("checksums: %s", body)
	}
	// A file that is replaced has a new checksum.
	if err := os.WriteFile(filepath.Join(dir, "participant-client-linux-amd64"), []byte("a newer client"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, body = get(t, srv, "/downloads/SHA256SUMS", ""); strings.Contains(body, sum) {
		t.Errorf("the old checksum is still there: %s", body)
	}
	for _, name := range []string{"nothing", ".hidden", "link", "folder", "..%2f..%2fetc%2fpasswd", "%2e%2e", "ca.pem"} {
		if resp, body := get(t, srv, "/downloads/"+name, ""); resp.StatusCode != http.StatusNotFound || strings.Contains(body, "secret") {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
}

func TestTheScriptFetchesChecksAndStartsTheClient(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		lacks.Part(t, "no curl: install it to try the script")
	}
	dir, here := t.TempDir(), t.TempDir()
	client := "#!/bin/sh\necho \"started: $* code=$WORKSHOP_CODE\"\n"
	for _, arch := range []string{"linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"} {
		if err := os.WriteFile(filepath.Join(dir, "participant-client-"+arch), []byte(client), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, srv := serve(t, func(c *Config) { c.Downloads = dir })
	line := Lines(srv.URL, d.Code(3))[0].Text
	run := func() string {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
		cmd.Dir = here
		out, _ := cmd.CombinedOutput() // the output shows whether it succeeded
		return string(out)
	}
	want := "started: join " + srv.URL + " code=" + d.Code(3)
	if out := run(); !strings.Contains(out, want) {
		t.Errorf("the first time: %s", out)
	}
	if out := run(); strings.TrimSpace(out) != want {
		t.Errorf("the second time, nothing to fetch: %s", out)
	}
	// A client that does not match its checksum is fetched again, never started.
	if err := os.WriteFile(filepath.Join(here, "participant-client"), []byte("#!/bin/sh\necho spoilt\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if out := run(); !strings.Contains(out, want) || strings.Contains(out, "spoilt") {
		t.Errorf("after it was spoilt: %s", out)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if out := run(); !strings.Contains(out, "tell the instructor") {
		t.Errorf("without downloads: %s", out)
	}
}

// While a client is being built, its download, the script and the list say so: it is not reported missing.
func TestAClientThatIsBeingBuilt(t *testing.T) {
	dir, here := t.TempDir(), t.TempDir()
	name := "participant-client-" + runtime.GOOS + "-" + runtime.GOARCH
	building := filepath.Join(dir, workshop.BeingBuilt)
	if err := os.WriteFile(building, []byte(name+"\nparticipant-client-windows-amd64.exe\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, srv := serve(t, func(c *Config) { c.Downloads = dir })
	if got := d.BeingBuilt(); !slices.Equal(got, []string{name, "participant-client-windows-amd64.exe"}) {
		t.Errorf("being built: %q", got)
	}
	for file, want := range map[string]int{name: 503, "participant-client-plan9-386": 404, workshop.BeingBuilt: 404} {
		resp, text := get(t, srv, "/downloads/"+file, "")
		if resp.StatusCode != want || (want == 503) != strings.Contains(text, "try again in a minute") || (want == 503) != (resp.Header.Get("Retry-After") != "") {
			t.Errorf("%s: %d %s", file, resp.StatusCode, text)
		}
	}
	t.Run("join.sh", func(t *testing.T) {
		if _, err := exec.LookPath("curl"); err != nil {
			lacks.Part(t, "no curl: install it to try the script")
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-c", Lines(srv.URL, d.Code(1))[0].Text)
		cmd.Dir = here
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "still being built on the instructor's machine: try again in a minute") {
			t.Errorf("join.sh: %v: %s", err, out)
		}
	})

	// A client from the last start is served while the next one is being built.
	if err := os.WriteFile(filepath.Join(dir, name), []byte("the last one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if resp, text := get(t, srv, "/downloads/"+name, ""); resp.StatusCode != 200 || text != "the last one" {
		t.Errorf("the last start's: %d %s", resp.StatusCode, text)
	}
	if got := d.BeingBuilt(); !slices.Equal(got, []string{"participant-client-windows-amd64.exe"}) {
		t.Errorf("being built: %q", got)
	}
}

func TestHostIsNotPutIntoScriptsUnseen(t *testing.T) {
	_, srv := serve(t, nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/join.sh", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "a';rm$x"
	if resp, body := do(t, req); resp.StatusCode != http.StatusBadRequest || strings.Contains(body, "rm$x") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}
