package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/leaderboard/game"
)

// A program is a leaderboard in its own process.
type program struct {
	*exec.Cmd
	url string
}

const instructorToken = "0123456789abcdef"

func start(t testing.TB, c *kafkatest.Cluster, database string, args ...string) *program {
	t.Helper()
	addr, err := process.FreeAddr("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	p := &program{url: "http://" + addr}
	p.Cmd = exec.Command(os.Args[0], append([]string{"--listen", addr, "--teams", "2", "--log-level", "warn"}, args...)...)
	p.Env = append(environment(c), asProgram+"=1", "DATABASE_URL="+database, "INSTRUCTOR_TOKEN="+instructorToken)
	p.Stderr = t.Output()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

// environment returns the settings of a program of the room.
func environment(c *kafkatest.Cluster) []string {
	return append(os.Environ(), "KAFKA_BROKERS="+strings.Join(c.Config.Brokers, ","), "WORKSHOP_NAMESPACE="+string(c.Namespace), "WORKSHOP_LESSON="+c.Lesson.Name,
		"KAFKA_USERNAME="+c.Config.Username, "KAFKA_PASSWORD="+string(c.Config.Password), "KAFKA_CA="+c.Config.CA)
}

// kill ends the process as a power cut would; a second call does nothing.
func (p *program) kill() {
	_ = p.Process.Kill() // it may have ended already
	_ = p.Wait()
}

// client keeps no connections: next time, another program may listen at the address.
var client = &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// ready waits until /readyz returns the status, and returns its body.
func (p *program) ready(t testing.TB, status int) string {
	t.Helper()
	var body string
	wait.Until(t, p.url+"/readyz answers otherwise", func() bool {
		code, text := p.get("/readyz")
		body = text
		return code == status
	})
	return body
}

// get returns status 0 while nobody listens.
func (p *program) get(path string) (status int, body string) {
	res, err := client.Get(p.url + path)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body) // a truncated body fails below
	return res.StatusCode, string(text)
}

// board returns the answer of /api/board; ok is false while there is none.
func (p *program) board() (b game.Board, ok bool) {
	status, body := p.get("/api/board")
	err := json.Unmarshal([]byte(body), &b)
	return b, status == http.StatusOK && err == nil && len(b.Teams) > 0
}

// until waits for a board for which ok returns true.
func (p *program) until(t testing.TB, what string, ok func(game.Board) bool) game.Board {
	t.Helper()
	var b game.Board
	wait.Until(t, what, func() bool {
		var is bool
		b, is = p.board()
		return is && ok(b)
	})
	return b
}

func (p *program) act(t testing.TB, path, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/api/instructor/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+instructorToken)
	slow := &http.Client{Timeout: 10 * time.Second, Transport: client.Transport}
	res, err := slow.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close() // only the status is needed
	return res.StatusCode
}

// authorised requests a page or an API of the instructor's.
func (p *program) authorised(t testing.TB, path string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+instructorToken)
	res, err := client.Do(req)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body) // a truncated body fails in the caller
	return res.StatusCode, string(text)
}

func (p *program) freeze(t *testing.T) int { t.Helper(); return p.act(t, "freeze", "") }
