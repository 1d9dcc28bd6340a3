//go:build !windows

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/wait"
)

// class is a workshop on the cluster: the services, run by deploy/local, and members.
type class struct {
	url, bin, env string
}

func startClass(t *testing.T, c *cluster) *class {
	t.Helper()
	dir := t.TempDir()
	local := filepath.Join(dir, "local")
	if out, err := exec.Command("go", "build", "-o", local, "kafka-workshop/deploy/local/launcher").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	board, panel := freeAddr(t), freeAddr(t)
	k := &class{url: "http://" + board, bin: filepath.Join(dir, "data", "bin", "participant-client"), env: c.settingsFile()}
	cmd := exec.Command(local, "--env", k.env, "--data", filepath.Join(dir, "data"), "--board", board, "--panel", panel, "--teams", "3", "--rate", "50")
	launch(t, cmd, syscall.SIGINT)
	wait.Until(t, "the board", func() bool {
		resp, err := http.Get(k.url + "/readyz")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return k
}

// launch starts a process and sends it the signal when the test ends.
func launch(t *testing.T, cmd *exec.Cmd, signal syscall.Signal) {
	t.Helper()
	cmd.Stderr = testWriter{t}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(signal) // it may have ended, which Wait reports
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", filepath.Base(cmd.Path), err)
		}
	})
}

func freeAddr(t *testing.T) string {
	t.Helper()
	addr, err := process.FreeAddr("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// join starts two members of a team.
func (k *class) join(t *testing.T, team int, assignor string) {
	t.Helper()
	wait.Until(t, "the participant's program", func() bool { return exists(k.bin) })
	cmd := exec.Command(k.bin, "run", "--env", k.env, "--team", strconv.Itoa(team), "--assignor", assignor, "--instances", "2", "--format", "json")
	out, err := os.Create(filepath.Join(t.TempDir(), "records"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() })
	cmd.Stdout = out
	launch(t, cmd, syscall.SIGINT)
}

type board struct {
	StaleSince *string `json:"stale_since"`
	Teams      []team  `json:"teams"`
}

type team struct {
	State      string  `json:"state"`
	StaleSince *string `json:"stale_since"`
	Lag        *int    `json:"lag"`
	Members    []struct {
		MemberID   string `json:"member_id"`
		Partitions []int  `json:"partitions"`
	} `json:"members"`
	Committed []struct {
		Committed *int64 `json:"committed"`
	} `json:"committed"`
}

func (k *class) look() (board, error) {
	var b board
	resp, err := http.Get(k.url + "/api/board")
	if err != nil {
		return b, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&b); err != nil {
		return b, err
	}
	if len(b.Teams) != 3 {
		return b, fmt.Errorf("%d teams", len(b.Teams))
	}
	return b, nil
}

func (k *class) board(t *testing.T) board {
	t.Helper()
	b, err := k.look()
	if err != nil {
		t.Fatalf("the board: %v", err)
	}
	return b
}

func (k *class) team(t *testing.T, n int) team { t.Helper(); return k.board(t).Teams[n-1] }

func (m team) owners() int {
	n := 0
	for _, o := range m.Members {
		if len(o.Partitions) > 0 {
			n++
		}
	}
	return n
}

// right reports whether the row is fresh and complete: two owners, and commits that follow the topic.
func (m team) right() bool {
	return m.StaleSince == nil && m.State == "Stable" && m.owners() == 2 && m.Lag != nil && *m.Lag < 50*15
}

func (m team) commits() int64 {
	var sum int64
	for _, c := range m.Committed {
		if c.Committed != nil {
			sum += *c.Committed
		}
	}
	return sum
}

// goesOn waits until both teams have committed further.
func (k *class) goesOn(t *testing.T) {
	t.Helper()
	for n := 1; n <= 2; n++ {
		was := k.team(t, n).commits()
		wait.Until(t, fmt.Sprintf("a further commit of team %d", n), func() bool { return k.team(t, n).commits() > was })
	}
}

// watch polls the board and records every look at which a team has lost members.
type watch struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
	wrong  []string
	stale  int
}

func (k *class) watch(t *testing.T) *watch {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &watch{cancel: cancel}
	w.done.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			b, err := k.look()
			if err != nil {
				w.wrong = append(w.wrong, err.Error())
				continue
			}
			for i, m := range b.Teams[:2] {
				if len(m.Members) != 2 {
					w.wrong = append(w.wrong, fmt.Sprintf("team %d with %d members, state %s", i+1, len(m.Members), m.State))
				}
				if b.StaleSince != nil || m.StaleSince != nil {
					w.stale++
				}
			}
		}
	})
	return w
}

func (w *watch) end(t *testing.T) {
	t.Helper()
	w.cancel()
	w.done.Wait()
	t.Logf("rows seen stale: %d", w.stale)
	if len(w.wrong) > 0 {
		t.Errorf("the board lost members %d times: %s", len(w.wrong), strings.Join(w.wrong[:min(3, len(w.wrong))], "; "))
	}
}
