package main

import (
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
)

// Whenever workers are killed, every job is finally accepted, and none before its line is written.
func TestKilledWorkersLoseNoJob(t *testing.T) {
	t.Parallel()
	q := newQueue(t, 2)
	q.add(t, 300, 20*time.Millisecond)
	steady := q.start(t, "--format", "plain")
	var processes []*workerProcess
	for range 8 {
		p := q.start(t, "--format", "plain", "--instances", "2")
		processes = append(processes, p)
		wait.Until(t, "jobs for the two that come", func() bool {
			if q.backlog(t) == 0 { // the steady one may be done before they are there
				q.add(t, 40, 20*time.Millisecond)
			}
			return len(p.with("jobs:")) >= 10
		})
		p.signal(t, os.Kill)
		<-p.ended
	}
	wait.Until(t, "an empty queue", func() bool { return q.backlog(t) == 0 })
	steady.signal(t, os.Interrupt)
	<-steady.ended

	done := map[string]int{}
	for _, p := range append(processes, steady) {
		for _, line := range p.said() {
			if _, value, ok := strings.Cut(line, " key=- "); ok {
				var job workshop.Job
				if json.Unmarshal([]byte(value), &job) == nil { // a kill may have cut it
					done[job.ID]++
				}
			}
		}
	}
	again := 0
	for _, times := range done {
		again += times - 1
	}
	t.Logf("%d jobs were begun again", again)
	if len(done) != q.added {
		t.Errorf("%d jobs of %d were written", len(done), q.added)
	}
}

// Each record's line is written before the record is accepted, and the last line sums up the run. SIGTERM gives back
// the rest.
func TestWorkersLines(t *testing.T) {
	t.Parallel()
	q := newQueue(t, 1)
	q.add(t, 12, 10*time.Millisecond)
	plain := q.start(t, "--format", "plain", "--instances", "2", "--max-records", "6")
	<-plain.ended
	lines := plain.with(" key=- ")
	for _, line := range lines {
		if number, rest, _ := strings.Cut(line, " "); (number != "1" && number != "2") || !strings.HasPrefix(rest, q.topic+":0:") {
			t.Errorf("a line is %q", line)
		}
	}
	all := strings.Join(plain.said(), "\n")
	if len(lines) != 6 || !strings.Contains(all, "done: accepted 6") || plain.ProcessState.ExitCode() != 0 {
		t.Errorf("ends with %d after\n%s", plain.ProcessState.ExitCode(), all)
	}

	structured := q.start(t, "--format", "json")
	structured.await(t, 6, `"event":"accepted"`)
	structured.signal(t, syscall.SIGTERM)
	<-structured.ended
	written := map[int64]bool{}
	for _, line := range structured.said() {
		var e jobLine
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("no JSON: %v in %q", err, line)
		}
		if e.Event == "record" {
			written[e.Offset] = true
		}
		if e.Event == "accepted" && !written[e.Offset] {
			t.Errorf("accepted before it was written: %s", line)
		}
	}
	closed := eventsOf(t, structured, "closed")
	if end := closed[len(closed)-1]; end.Instance != 0 || end.Accepted != 6 || structured.ProcessState.ExitCode() != 0 {
		t.Errorf("ends with %+v", end)
	}
	if left := q.backlog(t); left != 0 {
		t.Errorf("%d jobs are left", left)
	}
}

// A pipe that nobody reads takes no more: records whose lines it refused are not accepted, and others get them at once.
func TestAClosedPipeAcceptsNoMore(t *testing.T) {
	t.Parallel()
	q := newQueue(t, 1)
	q.add(t, 2000, 0)
	cmd := q.command("--format", "plain")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	if _, err := r.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("a closed pipe is no error: %v", err)
	}
	left := q.backlog(t)
	t.Logf("%d of 2000 jobs are left", left)
	if left == 0 {
		t.Error("everything was accepted, and the pipe was closed after the first byte")
	}
}
