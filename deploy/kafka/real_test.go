//go:build !windows

package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/apache"
	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/wait"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// patience is the timeout for steps that have no bound on a busy machine.
const patience = 4 * time.Minute

// needsJava skips the test if Apache Kafka cannot run here.
func needsJava(t *testing.T) {
	t.Helper()
	_, err := apache.FindJava(t.Context())
	if err == nil {
		_, err = apache.FindJars(t.Context(), func(line string) { t.Log(line) })
	}
	if err != nil {
		lacks.Part(t, "Apache Kafka cannot run here: %v", err)
	}
}

// running is a run of the command inside this process.
type running struct {
	data   string
	cancel context.CancelFunc
	ended  chan error
}

func start(t *testing.T, data string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{data: data, cancel: cancel, ended: make(chan error, 1)}
	args = append([]string{"--data", data, "--port", "0"}, args...)
	go func() { r.ended <- run(ctx, args, io.Discard, testWriter{t}) }()
	t.Cleanup(func() { r.stop(t) })
	ready(t, data, r.ended)
	return r
}

// stop cancels the run, as Ctrl+C does, and waits for its end.
func (r *running) stop(t *testing.T) {
	t.Helper()
	if r.cancel == nil {
		return
	}
	r.cancel()
	r.cancel = nil
	if err := <-r.ended; err != nil {
		t.Errorf("stopped with %v", err)
	}
}

// ready waits for the settings file, which is written once the brokers are ready.
func ready(t *testing.T, data string, ended chan error) {
	t.Helper()
	wait.Until(t, "the settings", func() bool {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("ended at the start: %v", err)
		default:
		}
		return exists(filepath.Join(data, "settings.env"))
	})
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Logf("%s", b)
	return len(b), nil
}

// settings reads the file as --env does.
func settings(t *testing.T, data string) kafka.Config {
	t.Helper()
	file := filepath.Join(data, "settings.env")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the settings are not the owner's alone: %v, %v", info, err)
	}
	var f struct {
		cli.Env
		kafka.Config
	}
	if _, err := cli.Parse("test", "", &f, []string{"--env", file}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	return f.Config
}

func client(t *testing.T, cfg kafka.Config, more ...kgo.Opt) *kgo.Client {
	t.Helper()
	opts, err := cfg.Opts("deploy-kafka-test", nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := kgo.NewClient(append(opts, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseAllowingRebalance)
	return c
}

// tool runs one of the command-line tools that Kafka ships.
func tool(t *testing.T, r *running, cfg kafka.Config, class string, args ...string) string {
	t.Helper()
	java, err := apache.FindJava(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	jars, err := apache.FindJars(t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), java, append([]string{"-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
		"-cp", filepath.Join(jars, "*"), "org.apache.kafka.tools." + class, "--bootstrap-server", strings.Join(cfg.Brokers, ","),
		"--command-config", filepath.Join(r.data, "client.properties")}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v: %s", class, args, err, out)
	}
	return string(out)
}

// consumeOne creates a topic, and a group that has read and committed one of its records.
func consumeOne(t *testing.T, cfg kafka.Config, topic, group string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := kadm.NewClient(client(t, cfg)).CreateTopic(ctx, 5, -1, nil, topic); err != nil {
		t.Fatal(err)
	}
	c := client(t, cfg, kgo.ConsumeTopics(topic), kgo.ConsumerGroup(group), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err := c.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte("one")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	for fetched := 0; fetched == 0; {
		fetches := c.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			t.Fatal("the record did not come")
		}
		fetched = fetches.NumRecords()
	}
	if err := c.CommitUncommittedOffsets(ctx); err != nil {
		t.Fatal(err)
	}
	c.Close()
}
