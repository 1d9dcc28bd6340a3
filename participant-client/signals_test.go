//go:build unix

package main

import (
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/participant-client/member"
)

// A terminal that is closed sends SIGHUP: the member leaves its group at once, and the last line reports what it read
// and committed.
func TestSIGHUPLeavesTheGroup(t *testing.T) {
	c := kafkatest.New(t)
	topic, name := c.Namespace.Name("new_users"), c.Namespace.Name("team-7")
	c.CreateTopic(t, topic, 2, nil)
	admin := c.Client(t)
	p := launch(t, c, name, topic, member.Range)
	owns(t, admin, name, "it owns both", 2)

	tell(t, p.process, syscall.SIGHUP)
	wait.Until(t, "its last line", func() bool { return p.said("Read 0 records; nothing is committed\n") })
	owns(t, admin, name, "nobody is left")
	if !p.said("member 1 left") {
		t.Error("it did not leave")
	}
}

// Under nohup the process continues: that is the purpose of nohup.
func TestNohupOutlivesTheTerminal(t *testing.T) {
	nohup, err := exec.LookPath("nohup")
	if err != nil {
		lacks.Part(t, "no nohup: install coreutils to test it")
	}
	c := newRoom(t)
	cmd := exec.CommandContext(t.Context(), nohup, program, "--team", "15", "--format", "plain", "--max-records", "5", "--slow", "200ms",
		"--brokers", c.ListenAddrs()[0])
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(stdout, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}

	tell(t, cmd.Process, syscall.SIGHUP)
	_, _ = io.Copy(io.Discard, stdout)
	if err := cmd.Wait(); err != nil || !strings.Contains(stderr.String(), "Read 5 records; committed ") {
		t.Errorf("%v, says %q", err, fmt.Sprint(&stderr))
	}
}
