package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Every committed offset belongs to a record whose line was written, whenever the process is killed.
func TestKilledProcessLosesNoLine(t *testing.T) {
	t.Parallel()
	c, topic, produced := steadyTopic(t)
	for kill := range 50 {
		commit := [][]string{{"--commit", "manual"}, {"--commit-interval", "100ms"}}[kill%2]
		group := c.Namespace.Name(fmt.Sprintf("killed-%d", kill))
		cmd, stdout := startPlain(t, c, group, topic, commit...)
		lines := readLines(stdout, int(produced.Load())+rand.IntN(600)) // caught up: it commits between flushes
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, readLines(stdout, -1)...)
		_ = cmd.Wait() // it was killed
		checkWritten(t, c, group, lines)
	}
}

// A pipe that is closed after three lines takes no more: records whose lines it refused are not committed.
func TestClosedPipeCommitsOnlyWhatItTook(t *testing.T) {
	t.Parallel()
	c, topic, _ := steadyTopic(t)
	for i, format := range []string{"plain", "json"} {
		group := c.Namespace.Name(fmt.Sprintf("head-%d", i))
		cmd, stdout := startPlain(t, c, group, topic, "--format", format, "--commit-interval", "100ms")
		pipe, ok := stdout.(*os.File)
		if !ok {
			t.Fatal("stdout is no file")
		}

		// Like head -3: one read, and no more. What the pipe holds then was written, but nobody sees it; it is at most
		// the pipe's 64 KiB, fewer than a thousand lines of these records.
		if _, err := pipe.Read(make([]byte, 4096)); err != nil {
			t.Fatal(err)
		}
		_ = pipe.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		total := int64(0)
		commits(t, c, group).Each(func(o kadm.OffsetResponse) { total += max(o.At, 0) })
		if total > 1000 {
			t.Errorf("%s: %d records are committed, and the pipe had room for less than 1000", format, total)
		}
	}
}

// steadyTopic returns a topic to which 3,000 records a second are added, after those it begins with, until the test ends.
func steadyTopic(t *testing.T) (c *kafkatest.Cluster, topic string, produced *atomic.Int64) {
	t.Helper()
	produced = new(atomic.Int64)
	c = kafkatest.New(t)
	topic = c.Namespace.Name("new_users")
	c.CreateTopic(t, topic, 3, nil)
	cl := c.Client(t, kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	value := []byte(strings.Repeat("x", 80))
	produce := func(ctx context.Context, n int) error {
		for range n {
			cl.Produce(ctx, &kgo.Record{Value: value}, nil)
		}
		produced.Add(int64(n))
		return cl.Flush(ctx)
	}
	if err := produce(t.Context(), 20_000); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	t.Cleanup(func() { stop(); <-done })
	go func() {
		defer close(done)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for produce(ctx, 30) == nil {
			<-tick.C
		}
	}()
	return c, topic, produced
}

func startPlain(t *testing.T, c *kafkatest.Cluster, group, topic string, flags ...string) (*exec.Cmd, io.ReadCloser) {
	t.Helper()
	args := append([]string{"run", "--format", "plain", "--brokers", strings.Join(c.Config.Brokers, ","), "--group", group, "--topic", topic}, flags...)
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "KAFKA_USERNAME="+c.Config.Username, "KAFKA_PASSWORD="+string(c.Config.Password), "KAFKA_CA="+c.Config.CA)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stdout
}

// readLines reads this many whole lines, or with a negative number all that are left. It reads no further than it has
// to, so that it can be called again.
func readLines(r io.Reader, most int) []string {
	if most < 0 {
		var out []string
		for lines := bufio.NewScanner(r); lines.Scan(); {
			out = append(out, lines.Text())
		}
		return out
	}
	var out []string
	var text strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		text.Write(buf[:n])
		if got := strings.Count(text.String(), "\n"); err != nil || (got >= most && strings.HasSuffix(text.String(), "\n")) {
			return append(out, strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")...)
		}
	}
}

// checkWritten compares commits with the lines: topic:partition:offset key=- value.
func checkWritten(t *testing.T, c *kafkatest.Cluster, group string, lines []string) {
	t.Helper()
	next := map[int32]int64{}
	for _, line := range lines {
		fields := strings.SplitN(line, ":", 3)
		if len(fields) < 3 {
			continue // cut by the kill
		}
		offset, _, whole := strings.Cut(fields[2], " ")
		partition, err := strconv.ParseInt(fields[1], 10, 32)
		at, err2 := strconv.ParseInt(offset, 10, 64)
		if err != nil || err2 != nil || !whole {
			continue
		}
		next[int32(partition)] = at + 1
	}
	commits(t, c, group).Each(func(o kadm.OffsetResponse) {
		if lost := o.At - next[o.Partition]; lost > 0 {
			t.Errorf("%s: partition %d: %d records are committed and were not written", group, o.Partition, lost)
		}
	})
}

func commits(t *testing.T, c *kafkatest.Cluster, group string) kadm.OffsetResponses {
	t.Helper()
	got, err := c.Admin(t).FetchOffsets(t.Context(), group)
	if err != nil && !strings.Contains(err.Error(), "GROUP_ID_NOT_FOUND") {
		t.Fatal(err)
	}
	return got
}
