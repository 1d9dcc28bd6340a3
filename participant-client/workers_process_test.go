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

// command returns a client on the queue, which has not started yet.
func (q *queue) command(flags ...string) *exec.Cmd {
	args := append([]string{"run", "--lesson", "queues", "--brokers", strings.Join(q.Config.Brokers, ","), "--group", q.group, "--topic", q.topic}, flags...)
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "KAFKA_USERNAME="+q.Config.Username, "KAFKA_PASSWORD="+string(q.Config.Password), "KAFKA_CA="+q.Config.CA)
	return cmd
}

// start runs a client on the queue.
func (q *queue) start(t *testing.T, flags ...string) *workerProcess {
	t.Helper()
	p := &workerProcess{Cmd: q.command(flags...), ended: make(chan struct{})}
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

// with returns the lines that contain a text.
func (p *workerProcess) with(text string) []string {
	return slices.DeleteFunc(p.said(), func(line string) bool { return !strings.Contains(line, text) })
}

// await waits for this many lines with a text, and returns them.
func (p *workerProcess) await(t *testing.T, count int, text string) []string {
	t.Helper()
	var lines []string
	wait.For(t, text, func() error {
		if lines = p.with(text); len(lines) < count {
			return fmt.Errorf("%d lines of %d:\n%s", len(lines), count, strings.Join(p.said(), "\n"))
		}
		return nil
	})
	return lines
}

func (p *workerProcess) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.Process.Signal(s); err != nil {
		t.Fatal(err)
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
