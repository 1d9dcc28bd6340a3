package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kgo"
)

// filled creates a topic of 5 partitions with this many users of 440 bytes.
func filled(b *testing.B, c *kafkatest.Cluster, records int) (topic string) {
	topic = c.Namespace.Name("new_users")
	c.CreateTopic(b, topic, 5, nil)
	cl := c.Client(b, kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()), kgo.MaxBufferedRecords(50_000))
	for i := range records {
		cl.Produce(b.Context(), &kgo.Record{Value: user(i)}, func(_ *kgo.Record, err error) {
			if err != nil {
				b.Error(err)
			}
		})
	}
	if err := cl.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	return topic
}

func user(i int) []byte {
	return fmt.Appendf(make([]byte, 0, 440), `{"id":"%032d","full_name":"Ada Lovelace %08d","email":"ada%08d@hotmail.com","pack":"free","payment_method":null,`+
		`"country_code":"FR","country":"France","city":"Saint-Rémy-de-Provence","address":"12 rue du Vieux Marché aux Herbes","browser":"Mozilla/5.0 `+
		`(X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36","ipv4":"203.0.113.7","created_at":"2026-03-14T14:03:22Z"}`, i, i, i)
}

// built builds the client as it ships.
func built(b *testing.B) string {
	b.Helper()
	out := filepath.Join(b.TempDir(), program)
	if text, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, ".").CombinedOutput(); err != nil {
		b.Fatalf("build: %v %s", err, text)
	}
	return out
}

// BenchmarkConsume reads a topic into a file with kcat and with this client, each in its own group, and with kcat
// without a group. The time runs from the first byte in the file to the end of the process, so that joining is not
// measured. Run it with -benchtime 1x.
func BenchmarkConsume(b *testing.B) {
	kcat, err := exec.LookPath("kcat")
	if err != nil {
		b.Skip("kcat is not on PATH, so there is nothing to compare with")
	}
	c := kafkatest.New(b)
	if c.Config.Username != "" {
		b.Skip("compared on a plain cluster only")
	}
	const records, lines = 2_000_000, "%p %o %k %s\n"
	brokers, topic, client := strings.Join(c.Config.Brokers, ","), filled(b, c, records), built(b)
	group := func(name string) string { return c.Namespace.Name(name) }
	common := []string{"-b", brokers, "-q", "-c", strconv.Itoa(records), "-X", "auto.offset.reset=earliest", "-X", "partition.assignment.strategy=range"}
	theirs := func(name string, format ...string) *exec.Cmd {
		return exec.Command(kcat, slices.Concat(common, format, []string{"-G", group(name), topic})...)
	}
	alone := func(format ...string) *exec.Cmd {
		return exec.Command(kcat, slices.Concat(common, format, []string{"-C", "-t", topic, "-o", "beginning"})...)
	}
	ours := func(name, format string) *exec.Cmd {
		return exec.Command(client, "run", "--brokers", brokers, "--group", group(name), "--topic", topic, "--format", format, "--max-records", strconv.Itoa(records))
	}
	for b.Loop() {
		for _, tool := range []struct {
			name string
			cmd  *exec.Cmd
		}{
			{"kcat-plain", theirs("kcat-plain", "-f", lines)}, {"kcat-alone-plain", alone("-f", lines)}, {"ours-plain", ours("ours-plain", "plain")},
			{"kcat-json", theirs("kcat-json", "-J")}, {"kcat-alone-json", alone("-J")}, {"ours-json", ours("ours-json", "json")},
		} {
			took, used := timed(b, tool.cmd, filepath.Join(b.TempDir(), tool.name))
			b.ReportMetric(records/took.Seconds(), tool.name+"/s")
			b.ReportMetric(float64(used.Microseconds())/records, tool.name+"-cpu-µs")
		}
	}
}

// timed runs a command with its output in a file and measures it.
func timed(b *testing.B, cmd *exec.Cmd, name string) (took, used time.Duration) {
	b.Helper()
	file, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = os.Remove(name) }()
	defer file.Close()
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = file, &said
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	var first time.Time
	for {
		select {
		case err := <-ended:
			if err != nil {
				b.Fatalf("%s: %v: %s", cmd.Path, err, said.String())
			}
			return time.Since(first), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		case <-tick.C:
			if at, err := file.Stat(); first.IsZero() && err == nil && at.Size() > 0 {
				first = time.Now()
			}
		}
	}
}

// BenchmarkScreen produces 10,000 records a second for 20 s and measures the client's share of one core and its memory:
// with its screen, in tmux, and with plain lines to a file. It needs Linux; run it with -benchtime 1x.
func BenchmarkScreen(b *testing.B) {
	if _, err := exec.LookPath("tmux"); err != nil || runtime.GOOS != "linux" {
		b.Skip("this needs Linux and tmux")
	}
	c := kafkatest.New(b)
	if c.Config.Username != "" {
		b.Skip("measured on a plain cluster only")
	}
	const rate, span = 10_000, 20 * time.Second
	topic, client := filled(b, c, rate), built(b)
	stop := steady(b, c, topic, rate)
	defer stop()
	args := func(name, format string) []string {
		return []string{"run", "--brokers", strings.Join(c.Config.Brokers, ","), "--group", c.Namespace.Name(name), "--topic", topic, "--instances", "3", "--format", format}
	}
	for b.Loop() {
		socket := filepath.Join(b.TempDir(), "socket")
		tmux := func(args ...string) string {
			out, err := exec.Command("tmux", append([]string{"-S", socket, "-f", os.DevNull}, args...)...).CombinedOutput()
			if err != nil {
				b.Fatalf("tmux %v: %v %s", args, err, out)
			}
			return strings.TrimSpace(string(out))
		}
		tmux("new-session", "-d", "-x", "120", "-y", "40", "exec "+client+" "+strings.Join(args("screen", "tui"), " "))
		pid, err := strconv.Atoi(tmux("display-message", "-p", "#{pane_pid}"))
		if err != nil {
			b.Fatal(err)
		}
		watch(b, pid, span, "screen")
		if screen := tmux("capture-pane", "-p"); !strings.Contains(screen, "Stable") {
			b.Fatalf("no view of a group:\n%s", screen)
		}
		tmux("kill-server")

		file, err := os.Create(filepath.Join(b.TempDir(), "lines"))
		if err != nil {
			b.Fatal(err)
		}
		cmd := exec.Command(client, args("lines", "plain")...)
		cmd.Stdout = file
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		watch(b, cmd.Process.Pid, span, "plain")
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		_ = file.Close()
	}
}

// steady produces this many records a second until stop is called.
func steady(b *testing.B, c *kafkatest.Cluster, topic string, rate int) (stop func()) {
	cl := c.Client(b, kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for made, begun := 0, time.Now(); ; {
			select {
			case <-end:
				return
			case <-tick.C:
			}
			for due := int(time.Since(begun).Seconds() * float64(rate)); made < due; made++ {
				cl.Produce(b.Context(), &kgo.Record{Value: user(made)}, nil)
			}
		}
	}()
	return func() { close(end); <-ended }
}

// watch reports the share of one core that a process uses from 5 s on, and its memory then and at the end.
func watch(b *testing.B, pid int, span time.Duration, name string) {
	b.Helper()
	<-time.After(5 * time.Second)
	used, mb := vitals(b, pid)
	<-time.After(span)
	usedLater, mbLater := vitals(b, pid)
	b.ReportMetric(100*(usedLater-used).Seconds()/span.Seconds(), name+"-%cpu")
	b.ReportMetric(mb, name+"-MB-5s")
	b.ReportMetric(mbLater, name+"-MB-end")
}

// vitals reads a process's processor time and resident memory.
func vitals(b *testing.B, pid int) (used time.Duration, mb float64) {
	b.Helper()
	used, err := process.CPUTime(pid)
	if err != nil {
		b.Fatal(err)
	}
	if mb, err = process.Resident(pid); err != nil {
		b.Fatal(err)
	}
	return used, mb
}
