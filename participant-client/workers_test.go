package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A queue is a topic of jobs with a share group, whose workers are processes.
type queue struct {
	*kafkatest.Cluster
	topic, group string
	client       *kgo.Client
	added        int // jobs
}

func newQueue(t *testing.T, partitions int) *queue {
	t.Helper()
	c := kafkatest.New(t)
	room := c.Room
	room.Lesson = workshop.Queues
	q := &queue{Cluster: c, topic: room.Topic(), group: room.Group(1)}
	c.CreateTopic(t, q.topic, partitions, nil)
	c.ConfigureGroup(t, q.group, workshop.ShareConfigs())
	q.client = c.Client(t, kgo.DefaultProduceTopic(q.topic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	return q
}

// add produces jobs that take this long, numbered from 0.
func (q *queue) add(t *testing.T, n int, work time.Duration) {
	t.Helper()
	var records []*kgo.Record
	for range n {
		value, err := json.Marshal(workshop.Job{ID: fmt.Sprintf("job-%d", q.added), Kind: "resize_image", WorkMS: int(work.Milliseconds())})
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, &kgo.Record{Value: value})
		q.added++
	}
	if err := q.client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// backlog returns how many records are neither accepted nor rejected, -1 if that is unknown.
func (q *queue) backlog(t *testing.T) int64 {
	t.Helper()
	g, err := group.DescribeShare(t.Context(), q.client, q.group, q.topic)
	if err != nil || len(g.Shares) == 0 {
		return -1
	}
	sum := int64(0)
	for _, at := range g.Shares {
		if at.Lag < 0 {
			return -1
		}
		sum += at.Lag
	}
	return sum
}

// A workerProcess is a client whose lines a test waits for.
type workerProcess struct {
	*exec.Cmd
	mu     sync.Mutex // guards lines
	lines  []string   // of both outputs
	ended  chan struct{}
	reader sync.WaitGroup
}

// start runs a client on the queue.
func (q *queue) start(t *testing.T, flags ...string) *workerProcess {
	t.Helper()
	args := append([]string{"run", "--lesson", "queues", "--brokers", strings.Join(q.Config.Brokers, ","), "--group", q.group, "--topic", q.topic}, flags...)
	p := &workerProcess{Cmd: exec.Command(program, args...), ended: make(chan struct{})}
	p.Env = append(os.Environ(), "KAFKA_USERNAME="+q.Config.Username, "KAFKA_PASSWORD="+string(q.Config.Password), "KAFKA_CA="+q.Config.CA)
	for _, pipe := range []func() (io.ReadCloser, error){p.StdoutPipe, p.StderrPipe} {
		r, err := pipe()
		if err != nil {
			t.Fatal(err)
		}
		p.reader.Go(func() { p.read(r) })
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.reader.Wait()
		_ = p.Wait() // a test reads ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() { _ = p.Process.Kill(); <-p.ended })
	return p
}

func (p *workerProcess) read(r io.Reader) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		p.mu.Lock()
		p.lines = append(p.lines, lines.Text())
		p.mu.Unlock()
	}
}

func (p *workerProcess) said() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.lines)
}

// count returns how many lines have a text.
func (p *workerProcess) count(text string) (n int) {
	for _, line := range p.said() {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// await waits for this many lines with a text, and returns them.
func (p *workerProcess) await(t *testing.T, count int, text string) []string {
	t.Helper()
	var with []string
	wait.For(t, text, func() error {
		with = slices.DeleteFunc(p.said(), func(line string) bool { return !strings.Contains(line, text) })
		if len(with) < count {
			return fmt.Errorf("%d lines of %d:\n%s", len(with), count, strings.Join(p.said(), "\n"))
		}
		return nil
	})
	return with
}

func (p *workerProcess) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

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
			return p.count("jobs:") >= 10
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

// A jobLine is a line of the JSON output.
type jobLine struct {
	Event     string    `json:"event"`
	At        time.Time `json:"at"`
	Instance  int       `json:"instance"`
	Topic     string    `json:"topic"`
	Partition int32     `json:"partition"`
	Offset    int64     `json:"offset"`
	Delivery  int       `json:"delivery"`
	Reason    string    `json:"reason"`
	Accepted  int64     `json:"accepted"`
	Text      string    `json:"text"`
}

// eventsOf parses every line, and returns those of an event.
func eventsOf(t *testing.T, p *workerProcess, event string) []jobLine {
	t.Helper()
	var out []jobLine
	for _, line := range p.said() {
		var e jobLine
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Errorf("no JSON: %v in %q", err, line)
		}
		if e.Event == event {
			out = append(out, e)
		}
	}
	return out
}

// Each record's line is written before the record is accepted, and the last line sums up the run. SIGTERM gives back
// the rest.
func TestWorkersLines(t *testing.T) {
	t.Parallel()
	q := newQueue(t, 1)
	q.add(t, 12, 10*time.Millisecond)
	plain := q.start(t, "--format", "plain", "--instances", "2", "--max-records", "6")
	<-plain.ended
	lines := slices.DeleteFunc(plain.said(), func(line string) bool { return !strings.Contains(line, " key=- ") })
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
	args := []string{"run", "--lesson", "queues", "--format", "plain", "--brokers", strings.Join(q.Config.Brokers, ","), "--group", q.group, "--topic", q.topic}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "KAFKA_USERNAME="+q.Config.Username, "KAFKA_PASSWORD="+string(q.Config.Password), "KAFKA_CA="+q.Config.CA)
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
