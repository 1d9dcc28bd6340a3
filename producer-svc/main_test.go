package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
)

const token = "a-token-of-the-tests"

// TestMain runs the program itself if a test starts it as a child process: the effect of kill -9 can only be seen from
// outside.
func TestMain(m *testing.M) {
	if os.Getenv("PRODUCER_TEST_CHILD") != "" {
		os.Exit(cli.Main("producer-svc", run))
	}
	os.Exit(m.Run())
}

// child is the program in a process of its own.
type child struct {
	*exec.Cmd
	url string

	mu       sync.Mutex
	out, err bytes.Buffer
	waited   chan error
}

// Write collects the log and finds the address in it.
func (p *child) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err.Write(b)
	if _, rest, ok := strings.Cut(p.err.String(), "url="); ok && p.url == "" && strings.Contains(rest, " ") {
		p.url, _, _ = strings.Cut(rest, " ")
	}
	return len(b), nil
}

func (p *child) log() string  { p.mu.Lock(); defer p.mu.Unlock(); return p.err.String() }
func (p *child) addr() string { p.mu.Lock(); defer p.mu.Unlock(); return p.url }

type output struct{ p *child }

func (o output) Write(b []byte) (int, error) {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	return o.p.out.Write(b)
}

func (p *child) printed() string { p.mu.Lock(); defer p.mu.Unlock(); return p.out.String() }

// launch starts the program and waits until it serves.
func launch(t *testing.T, c *kafkatest.Cluster, args ...string) *child {
	t.Helper()
	p := &child{waited: make(chan error, 1)}
	p.Cmd = exec.Command(os.Args[0], append([]string{"--listen", "127.0.0.1:0", "--namespace", string(c.Namespace)}, args...)...)
	p.Env = append(os.Environ(), "PRODUCER_TEST_CHILD=1", "INSTRUCTOR_TOKEN="+token, "KAFKA_BROKERS="+strings.Join(c.Config.Brokers, ","),
		"KAFKA_USERNAME="+c.Config.Username, "KAFKA_PASSWORD="+string(c.Config.Password), "KAFKA_CA="+c.Config.CA)
	p.Stdout, p.Stderr = output{p}, p
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.waited <- p.Wait() }()
	t.Cleanup(func() { _ = p.Process.Kill() })
	wait.Until(t, "serving", func() bool { return p.addr() != "" })
	return p
}

func (p *child) do(method, path, body string) (int, string) {
	req, err := http.NewRequestWithContext(context.Background(), method, p.addr()+path, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := (&http.Client{Timeout: 5 * time.Second}).Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text)
}

func (p *child) ready() bool { code, _ := p.do("GET", "/readyz", ""); return code == http.StatusOK }

func TestWrongCommandLines(t *testing.T) {
	t.Setenv("INSTRUCTOR_TOKEN", "")
	for _, tt := range []struct{ args, says string }{
		{"--rate -1", "--rate"}, {"--rate x", "--rate"}, {"--keys odd", "--keys"}, {"--lesson x", "--lesson"},
		{"--namespace x", "--namespace"}, {"--brokers nohost", "--brokers"}, {"--listen 0.0.0.0:0", "INSTRUCTOR_TOKEN"},
		{"--instructor-token short", "--instructor-token"}, {"--odd", "--odd"},
	} {
		var out, errs bytes.Buffer
		status := cli.Status("producer-svc", run(t.Context(), strings.Fields(tt.args), &out, &errs), &errs)
		if status != cli.UsageWrong || !strings.Contains(errs.String(), tt.says) || strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("%s: status %d, %q", tt.args, status, errs.String())
		}
	}
}

func TestHelpAndVersion(t *testing.T) {
	for args, says := range map[string]string{"--help": "KAFKA_BROKERS", "--version": "devel"} {
		var out bytes.Buffer
		if err := run(t.Context(), []string{args}, &out, io.Discard); err != nil || !strings.Contains(out.String(), says) {
			t.Errorf("%s: %v, %q", args, err, out.String())
		}
	}
}

func TestAPortThatIsTaken(t *testing.T) {
	c := kafkatest.New(t)
	p := launch(t, c)
	var errs bytes.Buffer
	err := run(t.Context(), []string{"--listen", strings.TrimPrefix(p.addr(), "http://"), "--instructor-token", token}, io.Discard, &errs)
	if cli.Status("producer-svc", err, &errs) != cli.Failed || !strings.Contains(errs.String(), "is in use") {
		t.Errorf("%v, %q", err, errs.String())
	}
}

func TestTheDemoPrintsItsLines(t *testing.T) {
	c := kafkatest.New(t)
	p := launch(t, c, "--lesson", "rebalancing-demo", "--print", "--rate", "50")
	wait.Until(t, "ten lines", func() bool { return strings.Count(p.printed(), "\n") >= 10 })
	for i, line := range strings.Split(p.printed(), "\n")[:10] {
		var key string
		if rest, ok := strings.CutPrefix(line, "Produced: Message-"+string(rune('0'+i))+" (key="); ok {
			key = strings.TrimSuffix(rest, ")")
		}
		if len(key) != 1 || key < "0" || key > "3" {
			t.Errorf("line %d is %q", i, line)
		}
	}
}
