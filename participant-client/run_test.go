package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/testing/kafkatest"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
)

// leakless is the package's tests, and then a look for goroutines that they left.
type leakless struct{ *testing.M }

func (l leakless) Run() int {
	code := l.M.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){program: main})
}

// The command line, as scripts: what is printed where, and the exit statuses.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			tb, ok := env.T().(testing.TB)
			if !ok {
				return errors.New("not run by a test")
			}
			c := kafkatest.New(tb)
			env.Values[cluster{}], env.Values[testingT{}] = c, tb
			env.Setenv("KAFKA_BROKERS", strings.Join(c.Config.Brokers, ","))
			env.Setenv("KAFKA_USERNAME", c.Config.Username)
			env.Setenv("KAFKA_PASSWORD", string(c.Config.Password))
			env.Setenv("KAFKA_CA", c.Config.CA)
			env.Setenv("WORKSHOP_NAMESPACE", string(c.Namespace))
			env.Setenv("NS", string(c.Namespace))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "topic": topicOf, "produce": produce, "joined": joined},
	})
}

// cluster is the key of a script's cluster.
type cluster struct{}

// exits STATUS COMMAND... runs a command that must end with that status, in one line on stderr when
// it failed.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND ...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := cli.Done
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// topicOf NAME PARTITIONS makes a topic.
func topicOf(ts *testscript.TestScript, neg bool, args []string) {
	c, tb := onCluster(ts, neg, args)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	c.CreateTopic(tb, args[0], n, nil)
}

// produce NAME KEY=VALUE... writes records to partition 0, - for no key.
func produce(ts *testscript.TestScript, neg bool, args []string) {
	c, tb := onCluster(ts, neg, args)
	cl := c.Client(tb, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for _, kv := range args[1:] {
		key, value, _ := strings.Cut(kv, "=")
		r := &kgo.Record{Topic: args[0], Value: []byte(value)}
		if key != "-" {
			r.Key = []byte(key)
		}
		ts.Check(cl.ProduceSync(tb.Context(), r).FirstErr())
	}
}

// joined GROUP MEMBERS waits until the group has so many members.
func joined(ts *testscript.TestScript, neg bool, args []string) {
	c, tb := onCluster(ts, neg, args)
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	ctx, cancel := context.WithTimeout(tb.Context(), 30*time.Second)
	defer cancel()
	adm := c.Admin(tb)
	for {
		groups, err := adm.DescribeGroups(ctx, args[0])
		ts.Check(ctx.Err())
		if err == nil && len(groups[args[0]].Members) == want {
			return
		}
	}
}

func onCluster(ts *testscript.TestScript, neg bool, args []string) (*kafkatest.Cluster, testing.TB) {
	if neg || len(args) < 2 {
		ts.Fatalf("two arguments or more")
	}
	c, ok := ts.Value(cluster{}).(*kafkatest.Cluster)
	tb, isTB := ts.Value(testingT{}).(testing.TB)
	if !ok || !isTB {
		ts.Fatalf("no cluster")
	}
	return c, tb
}

// testingT is the key of a script's test.
type testingT struct{}
