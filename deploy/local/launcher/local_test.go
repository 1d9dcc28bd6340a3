package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/testing/wait"
)

// deployment is a run of the real program on free ports.
type deployment struct {
	bin, data           string
	kafka, board, panel string
	args                []string
	cmd                 *exec.Cmd
	ended               chan error
}

func newDeployment(t *testing.T, args ...string) *deployment {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a class")
	d := &deployment{bin: filepath.Join(dir, "local"), data: filepath.Join(dir, "data"),
		kafka: freeAddr(t), board: freeAddr(t), panel: freeAddr(t), args: args}
	if out, err := exec.Command("go", "build", "-o", d.bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if d.cmd != nil {
			d.interrupt(t)
		}
	})
	return d
}

func freeAddr(t *testing.T) string { t.Helper(); return freeAddrOn(t, "127.0.0.1") }

func freeAddrOn(t *testing.T, address string) string {
	t.Helper()
	addr, err := process.FreeAddr(address)
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

func (d *deployment) command(extra ...string) *exec.Cmd {
	args := append([]string{"--data", d.data, "--kafka", d.kafka, "--board", d.board, "--panel", d.panel}, d.args...)
	cmd := exec.Command(d.bin, append(args, extra...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// start starts the program and returns once the banner is printed.
func (d *deployment) start(t *testing.T, extra ...string) {
	t.Helper()
	d.cmd = d.command(extra...)
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.cmd.Stderr = &testLog{t: t}
	if err := d.cmd.Start(); err != nil {
		d.cmd = nil
		t.Fatal(err)
	}
	defer bound(d.cmd)()
	d.ended = make(chan error, 1)
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "Ctrl+C stops") {
				ready <- true
			}
		}
		d.ended <- d.cmd.Wait()
	}()
	select {
	case <-ready:
	case err := <-d.ended:
		d.cmd = nil
		t.Fatalf("ended while starting: %v", err)
	}
}

// bound sends SIGQUIT to a program that hangs, which makes Go print its goroutines. The bound leaves time to download
// Postgres first.
func bound(cmd *exec.Cmd) (done func() bool) {
	return time.AfterFunc(5*time.Minute, func() { _ = cmd.Process.Signal(syscall.SIGQUIT) }).Stop
}

// interrupt sends Ctrl+C; nothing may be left afterwards.
func (d *deployment) interrupt(t *testing.T) {
	t.Helper()
	defer bound(d.cmd)()
	_ = d.cmd.Process.Signal(os.Interrupt) // it may have ended
	if err := <-d.ended; err != nil {
		t.Errorf("Ctrl+C: %v", err)
	}
	d.cmd = nil
	d.nothingLeft(t)
}

// kill is kill -9 of the parent only; its children must then exit.
func (d *deployment) kill(t *testing.T) {
	t.Helper()
	if err := d.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-d.ended; err == nil {
		t.Error("killed, it ended with status 0")
	}
	d.cmd = nil
	d.nothingLeft(t)
}

// nothingLeft waits until no process names the data folder any more.
func (d *deployment) nothingLeft(t *testing.T) { t.Helper(); nothingLeft(t, d.data) }

func nothingLeft(t *testing.T, data string) {
	t.Helper()
	wait.For(t, "the end of all processes", func() error {
		if left := processesNaming(data); len(left) > 0 {
			return fmt.Errorf("left running: %q", left)
		}
		return nil
	})
}

func processesNaming(text string) []string {
	var out []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is well formed
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && strings.Contains(string(b), text) {
			out = append(out, strings.ReplaceAll(string(b), "\x00", " "))
		}
	}
	return out
}

// member starts the shipped client for team 1.
func (d *deployment) member(t *testing.T, assignor string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(filepath.Join(d.data, "bin", "participant-client"), "run", "--team", "1", "--brokers", d.kafka,
		"--assignor", assignor, "--format", "plain")
	cmd.Stderr = &testLog{t: t}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	return cmd
}

// goodbye sends Ctrl+C to a member and returns when the member has ended.
func goodbye(m *exec.Cmd) {
	defer bound(m)()
	_ = m.Process.Signal(os.Interrupt)
	_ = m.Wait()
}

// earned returns team 1's badges with their times, as the API reports them.
func (d *deployment) earned(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	var team struct {
		Badges []struct {
			Badge    string `json:"badge"`
			EarnedAt string `json:"earned_at"`
		} `json:"badges"`
	}
	look(t, "http://"+d.board+"/api/teams/1", &team)
	for _, b := range team.Badges {
		out[b.Badge] = b.EarnedAt
	}
	return out
}

// look decodes a JSON response.
func look(t *testing.T, url string, into any) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
}

// lanes waits until the owners of team 1's five cells, read from the page, have this split.
func lanes(t *testing.T, tab *browsertest.Tab, split string, idle int) {
	t.Helper()
	const owners = `[...document.querySelectorAll('[data-team="1"][data-partition]')].map(c => c.dataset.owner)`
	counts := `(() => { const n = {}; let hollow = 0; for (const o of ` + owners + `) { if (o) n[o] = (n[o] || 0) + 1; else hollow++ }
		return hollow ? "hollow" : Object.values(n).sort().reverse().join("+") })()`
	idles := `document.querySelectorAll('[data-team="1"][data-idle]').length`
	if err := tab.Until(fmt.Sprintf(`%s === %q && %s === %d`, counts, split, idles, idle)); err != nil {
		t.Fatalf("lanes %s with %d idle, now %s with %s: %v", split, idle, tab.Text(t, counts), tab.Text(t, idles), err)
	}
}

// testLog copies a process's lines to the test's log.
type testLog struct{ t *testing.T }

func (l *testLog) Write(b []byte) (int, error) {
	if text := strings.TrimRight(string(b), "\n"); strings.Trim(text, "# \r.%0123456789") != "" { // curl's progress
		l.t.Log(text)
	}
	return len(b), nil
}
