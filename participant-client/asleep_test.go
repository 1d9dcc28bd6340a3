//go:build unix

package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kafka-workshop/internal/kafkatest"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A laptop that sleeps longer than its session is out of the group, and another member has its
// partitions. When it wakes it says what it lost, joins again and goes on, and so does the group.
func TestALaptopThatSleptJoinsAgain(t *testing.T) {
	for _, assignor := range []string{"range", "cooperative-sticky"} {
		t.Run(assignor, func(t *testing.T) {
			t.Parallel()
			c := kafkatest.New(t)
			topic, group := c.Namespace.Name("new_users"), c.Namespace.Name("team-7")
			c.CreateTopic(t, topic, 5, nil)
			admin := c.Admin(t)
			sleeper := launch(t, c, group, topic, assignor)
			owns(t, admin, group, "one member owns all", 5)
			launch(t, c, group, topic, assignor)
			owns(t, admin, group, "two share", 2, 3)

			tell(t, sleeper.process, syscall.SIGSTOP)
			owns(t, admin, group, "the other has all", 5)
			tell(t, sleeper.process, syscall.SIGCONT)
			owns(t, admin, group, "two share again", 2, 3)
			if !sleeper.lost.Load() {
				t.Error("it did not say that it lost its partitions")
			}

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

// A participant is a client in a process of its own.
type participant struct {
	process *os.Process
	read    atomic.Int64 // lines of records
	lost    atomic.Bool  // it said that it lost partitions
}

func launch(t *testing.T, c *kafkatest.Cluster, group, topic, assignor string) *participant {
	t.Helper()
	cmd := exec.Command(program, "run", "--group", group, "--topic", topic, "--assignor", assignor, "--session-timeout", "6s", "--format", "plain")
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
			if strings.Contains(lines.Text(), ": lost P") {
				p.lost.Store(true)
			}
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

// owns waits until the group's members own so many partitions each, the fewest first.
func owns(t *testing.T, admin *kadm.Client, group, what string, want ...int) {
	t.Helper()
	within(t, what, func() bool {
		described, err := admin.DescribeGroups(t.Context(), group)
		if err != nil {
			return false
		}
		var have []int
		for _, m := range described[group].Members {
			n := 0
			if a, ok := m.Assigned.AsConsumer(); ok {
				for _, of := range a.Topics {
					n += len(of.Partitions)
				}
			}
			have = append(have, n)
		}
		slices.Sort(have)
		return slices.Equal(have, want)
	})
}

func within(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
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
