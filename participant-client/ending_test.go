package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A process whose broker is gone, or accepts connections and answers nothing, still ends when it is asked to, even
// while it processes slow records whose actions nobody acknowledges: by Ctrl+C, and by the end of its parent.
func TestProcessEndsWithoutItsBroker(t *testing.T) {
	interrupt := func(t *testing.T, p *os.Process, _ io.Closer) { tell(t, p, os.Interrupt) }
	terminate := func(t *testing.T, p *os.Process, _ io.Closer) { tell(t, p, syscall.SIGTERM) }
	parent := func(_ *testing.T, _ *os.Process, stdin io.Closer) { _ = stdin.Close() }
	for _, tc := range []struct {
		name string
		end  func(t *testing.T, p *os.Process, stdin io.Closer)
		args string
	}{
		{"interrupted", interrupt, ""},
		{"interrupted when slow", interrupt, "--slow 200ms --solve"},
		{"terminated in a transaction", terminate, "--slow 20ms --solve --exactly-once"},
		{"parent gone", parent, "--slow 200ms --solve --parent-pipe"},
		{"parent gone, JSON", parent, "--slow 200ms --solve --parent-pipe --format json"},
	} {
		for _, frozen := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, frozen %v", tc.name, frozen), func(t *testing.T) {
				t.Parallel()
				c := newRoom(t)
				cmd := exec.CommandContext(t.Context(), program, strings.Fields("--team 15 --instances 2 --format plain --brokers "+c.ListenAddrs()[0]+" "+tc.args)...)
				stdin, err := cmd.StdinPipe()
				if err != nil {
					t.Fatal(err)
				}
				stdout, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				read := bufio.NewScanner(stdout)
				for n := 0; n < 8 && read.Scan(); n++ {
				}
				if frozen {
					c.freeze()
				} else {
					c.Close()
				}
				tc.end(t, cmd.Process, stdin)
				late := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() }) // it needs 4 s
				_, _ = io.Copy(io.Discard, stdout)
				if err := cmd.Wait(); err != nil {
					t.Error(err)
				}
				late.Stop()
			})
		}
	}
}

// A freezer is a broker with team 15's topics and records that can freeze.
type freezer struct {
	*kfake.Cluster
	frozen atomic.Bool
	thawed chan struct{}
}

func newRoom(t *testing.T) *freezer {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(5, "new_users"), kfake.SeedTopics(3, "team-15.actions"), kfake.SeedTopics(1, "team-15.stats"))
	if err != nil {
		t.Fatal(err)
	}
	f := &freezer{Cluster: c, thawed: make(chan struct{})}
	t.Cleanup(func() { close(f.thawed); c.Close() })
	c.Control(func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if f.frozen.Load() {
			<-f.thawed
		}
		return nil, nil, false
	})
	users := &kafkatest.Cluster{Config: kafka.Config{Brokers: c.ListenAddrs()}}
	cl := users.Client(t, kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	for i := range 500 {
		cl.Produce(t.Context(), &kgo.Record{Topic: "new_users", Value: fmt.Appendf(nil, `{"email":"%d@x.org","pack":"free"}`, i)}, nil)
	}
	if err := cl.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *freezer) freeze() { f.frozen.Store(true) }

func tell(t *testing.T, p *os.Process, s os.Signal) {
	t.Helper()
	if err := p.Signal(s); err != nil {
		t.Error(err)
	}
}
