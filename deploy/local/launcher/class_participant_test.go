//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
	"time"

	"kafka-workshop/internal/testing/room"
)

// A participant is a client that runs on a laptop, and its output.
type participant struct {
	cmd   *exec.Cmd
	lines chan string
}

// join starts the client on a laptop with the handout's line, which downloads it first. The next start needs no
// settings.
func (c *class) join(t *testing.T, laptop *room.Host, team int, words ...string) *participant {
	t.Helper()
	line := fmt.Sprintf("curl -fsS %s/join.sh | WORKSHOP_CODE=%s sh", c.board, c.codes[team-1])
	if len(words) == 0 {
		words = []string{"sh", "-c", line}
	}
	m := &participant{cmd: laptop.Command(words...), lines: make(chan string, 1000)}
	out, w := io.Pipe()
	m.cmd.Stderr = io.MultiWriter(w, room.Log(t))
	laptop.Start(t, m.cmd)
	go func() {
		defer close(m.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			m.lines <- lines.Text()
		}
	}()
	return m
}

// says waits for a line that matches.
func (m *participant) says(t *testing.T, pattern string) {
	t.Helper()
	want := regexp.MustCompile(pattern)
	late := time.After(time.Minute)
	var said []string
	for {
		select {
		case line, ok := <-m.lines:
			if !ok {
				t.Fatalf("the client ended without saying %q; it said %q", pattern, said)
			}
			if want.MatchString(line) {
				return
			}
			said = append(said, line)
		case <-late:
			t.Fatalf("the client never said %q; it said %q", pattern, said)
		}
	}
}

// interrupt sends Ctrl+C.
func (m *participant) interrupt(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(-m.cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
}
