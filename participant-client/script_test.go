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
	"kafka-workshop/internal/group"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/schema"
	"kafka-workshop/internal/workshop"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/twmb/franz-go/pkg/kgo"
)

// scriptCommands are the commands of scripts in addition to testscript's own.
var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){
	"exits": exits, "topic": topicOf, "produce": produce, "joined": joined, "committed": committed, "sharegroup": shareGroup, "shared": shared,
	"start": start, "prints": prints, "stop": stop, "schema": checkSchema, "needs": needs,
}

// cluster, testingT and started are the keys of a script's cluster, its test and the processes that it started.
type (
	cluster  struct{}
	testingT struct{}
	started  struct{}
)

// patience is how long a script waits for anything.
const patience = 30 * time.Second

// needs PROGRAM... skips the script without the programs, and fails it in CI.
func needs(ts *testscript.TestScript, neg bool, args []string) {
	tb, isTB := ts.Value(testingT{}).(testing.TB)
	if neg || !isTB {
		ts.Fatalf("usage: needs PROGRAM ...")
	}
	for _, name := range args {
		if _, err := exec.LookPath(name); err != nil {
			lacks.Part(tb, "%s is not on PATH: install it", name)
		}
	}
}

// exits STATUS COMMAND... runs a command that must end with that status.
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

// topicOf NAME PARTITIONS [SETTING=VALUE...] creates a topic.
func topicOf(ts *testscript.TestScript, neg bool, args []string) {
	c, tb := onCluster(ts, neg, args)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	settings := map[string]*string{}
	for _, arg := range args[2:] {
		name, value, _ := strings.Cut(arg, "=")
		settings[name] = &value
	}
	c.CreateTopic(tb, args[0], n, settings)
}

// produce [-headers] NAME[/PARTITION] KEY=VALUE... writes records to partition 0 unless another is named, - for no key.
func produce(ts *testscript.TestScript, neg bool, args []string) {
	c, tb := onCluster(ts, neg, args)
	var headers []kgo.RecordHeader
	if args[0] == "-headers" {
		headers = []kgo.RecordHeader{{Key: "from", Value: []byte("script")}, {Key: "empty"}}
		args = args[1:]
	}
	topic, number, _ := strings.Cut(args[0], "/")
	partition, err := strconv.Atoi("0" + number)
	ts.Check(err)

	cl := c.Client(tb, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for _, kv := range args[1:] {
		key, value, _ := strings.Cut(kv, "=")
		r := &kgo.Record{Topic: topic, Partition: int32(partition), Value: []byte(value), Headers: headers}
		if key != "-" {
			r.Key = []byte(key)
		}
		ts.Check(cl.ProduceSync(tb.Context(), r).FirstErr())
	}
}

// joined GROUP MEMBERS waits until the group is stable and has this many members.
func joined(ts *testscript.TestScript, neg bool, args []string) {
	c, tb := onCluster(ts, neg, args)
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	adm := c.Admin(tb)
	until(ts, tb, func(ctx context.Context) bool {
		groups, err := adm.DescribeGroups(ctx, args[0])
		return err == nil && len(groups[args[0]].Members) == want && groups[args[0]].State == "Stable"
	})
}

// committed GROUP OFFSET waits until the group has committed that offset in any partition.
func committed(ts *testscript.TestScript, neg bool, args []string) {
	c, tb := onCluster(ts, neg, args)
	want, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	adm := c.Admin(tb)
	until(ts, tb, func(ctx context.Context) bool {
		found := false
		offsets, err := adm.FetchOffsets(ctx, args[0])
		for _, o := range offsets.Sorted() {
			found = found || o.At == want
		}
		return err == nil && found
	})
}

// sharegroup GROUP sets the settings of a share group, which stay whether or not it exists.
func shareGroup(ts *testscript.TestScript, neg bool, args []string) {
	c, tb := onCluster(ts, neg, append(args, ""))
	c.ConfigureGroup(tb, args[0], workshop.ShareConfigs())
}

// shared GROUP TOPIC MEMBERS waits until the share group has this many members, and nothing waits in the topic.
func shared(ts *testscript.TestScript, neg bool, args []string) {
	c, tb := onCluster(ts, neg, args)
	want, err := strconv.Atoi(args[2])
	ts.Check(err)
	cl := c.Client(tb)
	until(ts, tb, func(ctx context.Context) bool {
		g, err := group.DescribeShare(ctx, cl, args[0], args[1])
		if err != nil || len(g.Members) != want || len(g.Shares) == 0 {
			return false
		}
		for _, at := range g.Shares {
			if at.Lag != 0 {
				return false
			}
		}
		return true
	})
}

func until(ts *testscript.TestScript, tb testing.TB, done func(context.Context) bool) {
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	for !done(ctx) {
		ts.Check(ctx.Err())
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

// A running is a process that a script started. It is a writer of what the process prints.
type running struct {
	cmd            *exec.Cmd
	stdout, stderr output
	ended          chan error
}

// environ returns the environment of a script's processes.
func environ(ts *testscript.TestScript) []string {
	out := os.Environ()
	for _, name := range []string{"HOME", "PATH", "KAFKA_BROKERS", "KAFKA_USERNAME", "KAFKA_PASSWORD", "KAFKA_CA", "WORKSHOP_NAMESPACE", "TERM"} {
		out = append(out, name+"="+ts.Getenv(name))
	}
	return out
}

// checkSchema NAME [FILE] compares each line of a file, stdout by default, with one of docs/schemas.
func checkSchema(ts *testscript.TestScript, neg bool, args []string) {
	tb, isTB := ts.Value(testingT{}).(testing.TB)
	if neg || len(args) < 1 || !isTB {
		ts.Fatalf("usage: schema NAME [FILE]")
	}
	file := "stdout"
	if len(args) > 1 {
		file = args[1]
	}

	s := schema.Open(tb, args[0])
	lines := 0
	for line := range strings.Lines(ts.ReadFile(file)) {
		lines++
		if err := s.Check([]byte(line)); err != nil {
			ts.Fatalf("%s is not as docs/schemas/%s.json says: %v", strings.TrimSpace(line), args[0], err)
		}
	}
	if lines == 0 {
		ts.Fatalf("%s is empty", file)
	}
	ts.Logf("%s", fmt.Sprintf("%d lines are as the schema says", lines))
}
