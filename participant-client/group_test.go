//go:build unix

package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/testing/interop"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/participant-client/member"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A laptop that sleeps longer than its session loses its place in the group, and another member gets its partitions.
// When it wakes it reports the loss, joins again and continues, and so does the group.
func TestALaptopThatSleptJoinsAgain(t *testing.T) {
	for _, assignor := range []string{"range", "cooperative-sticky"} {
		t.Run(assignor, func(t *testing.T) {
			t.Parallel()
			c := kafkatest.New(t)
			topic, name := c.Namespace.Name("new_users"), c.Namespace.Name("team-7")
			c.CreateTopic(t, topic, 5, nil)
			admin := c.Client(t)
			sleeper := launch(t, c, name, topic, assignor)
			owns(t, admin, name, "one member owns all", 5)
			launch(t, c, name, topic, assignor)
			owns(t, admin, name, "two share", 2, 3)

			tell(t, sleeper.process, syscall.SIGSTOP)
			owns(t, admin, name, "the other has all", 5)
			tell(t, sleeper.process, syscall.SIGCONT)
			owns(t, admin, name, "two share again", 2, 3)
			within(t, "the word that it lost its partitions", func() bool { return sleeper.said(": lost P") })

			producer := c.Client(t, kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
			read := sleeper.read.Load()
			within(t, "the sleeper reads on", func() bool {
				if err := producer.ProduceSync(t.Context(), &kgo.Record{Value: []byte("after")}).FirstErr(); err != nil {
					t.Fatal(err)
				}
				return sleeper.read.Load() > read
			})
		})
	}
}

// Together with a member of another client in its group, of either protocol, this client shares partitions, sees the
// colleague come and go, and gets all partitions back.
func TestAColleagueOfAnotherMake(t *testing.T) {
	for _, other := range interop.Clients {
		t.Run(other.ID(), func(t *testing.T) {
			t.Parallel()
			c := kafkatest.New(t)
			topic, name := c.Namespace.Name("new_users"), c.Namespace.Name("team-7")
			c.CreateTopic(t, topic, 5, nil)
			admin := c.Client(t)
			assignor := member.Range
			if other.Protocol == "consumer" {
				assignor = member.Server
			}
			ours := launch(t, c, name, topic, assignor)
			owns(t, admin, name, "ours owns all", 5)
			leave := other.Join(t, c.Config, name, topic)
			owns(t, admin, name, "both share", 2, 3)
			within(t, "the word that a colleague came", func() bool { return ours.said(other.ID() + " (") })
			leave()
			owns(t, admin, name, "ours owns all again", 5)
			within(t, "the word that the colleague is gone", func() bool { return ours.said("is gone from the group") })
		})
	}
}

// A participant is a client in a process of its own.
type participant struct {
	process *os.Process
	read    atomic.Int64 // lines of records

	mu     sync.Mutex
	stderr strings.Builder
}

// said reports whether stderr has the words.
func (p *participant) said(words string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Contains(p.stderr.String(), words)
}

func launch(t *testing.T, c *kafkatest.Cluster, name, topic, assignor string) *participant {
	t.Helper()
	cmd := exec.Command(program, "run", "--group", name, "--topic", topic, "--assignor", assignor, "--format", "plain")
	if assignor != member.Server {
		cmd.Args = append(cmd.Args, "--session-timeout", "6s")
	}
	cmd.Env = append(os.Environ(), "KAFKA_BROKERS="+strings.Join(c.Config.Brokers, ","),
		"KAFKA_USERNAME="+c.Config.Username, "KAFKA_PASSWORD="+string(c.Config.Password), "KAFKA_CA="+c.Config.CA)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &participant{process: cmd.Process}
	ended := make(chan struct{}, 2)
	go func() {
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			p.read.Add(1)
		}
		ended <- struct{}{}
	}()
	go func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			p.mu.Lock()
			p.stderr.WriteString(lines.Text() + "\n")
			p.mu.Unlock()
		}
		ended <- struct{}{}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		<-ended
		_ = cmd.Wait() // killed
	})
	return p
}

// owns waits until the group's members own this many partitions each, the fewest first.
func owns(t *testing.T, admin *kgo.Client, name, what string, want ...int) {
	t.Helper()
	within(t, what, func() bool {
		g, err := group.Find(t.Context(), admin, name)
		if err != nil {
			return false
		}
		var have []int
		for _, m := range g.Members {
			have = append(have, len(m.Assigned.All()))
		}
		slices.Sort(have)
		return slices.Equal(have, want)
	})
}

func within(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // Java and Python start slowly on a busy machine
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		case <-tick.C:
		}
	}
}
