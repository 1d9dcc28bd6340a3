//go:build !windows

package main

import (
	"context"
	"fmt"
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
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// patience is for what has no bound on a busy machine.
const patience = 4 * time.Minute

// haveJava reports whether Apache Kafka can run here. A machine without Java leaves these tests out,
// and says so; in CI that is a failure.
func haveJava(t *testing.T) bool {
	t.Helper()
	_, err := apache.FindJava(t.Context())
	if err == nil {
		_, err = apache.FindJars(t.Context(), func(line string) { t.Log(line) })
	}
	if err == nil {
		return true
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	t.Logf("not tested: %v", err)
	return false
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

// stop is Ctrl+C.
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

// ready waits for the settings, which come when the brokers are ready.
func ready(t *testing.T, data string, ended chan error) {
	t.Helper()
	until(t, "the settings", func() bool {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("ended at the start: %v", err)
		default:
		}
		return there(filepath.Join(data, "settings.env"))
	})
}

// until waits for a condition.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !met() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
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
	if _, err := cli.Parse("test", "", &f, []string{"--env", file}, io.Discard); err != nil {
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

// consumeOne makes a topic and a group that has read and committed one record of it.
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

// TestOneNode goes through a node's life: secured, stopped, started again in plain text on the same
// data, and killed with the process that started it.
func TestOneNode(t *testing.T) {
	t.Parallel()
	if !haveJava(t) {
		return
	}
	data := filepath.Join(t.TempDir(), "a class")
	r := start(t, data, "--secure")
	cfg := settings(t, data)
	consumeOne(t, cfg, "new_users", "team-7")

	t.Run("Kafka's own tools agree", func(t *testing.T) {
		if out := tool(t, r, cfg, "TopicCommand", "--describe", "--topic", "new_users"); !strings.Contains(out, "PartitionCount: 5") {
			t.Errorf("topics: %s", out)
		}
		out := tool(t, r, cfg, "consumer.group.ConsumerGroupCommand", "--describe", "--group", "team-7")
		if strings.Count(out, "new_users") != 1 && strings.Count(out, "new_users") != 5 {
			t.Errorf("groups: %s", out)
		}
	})
	t.Run("nobody comes in without the password", func(t *testing.T) { refused(t, cfg) })
	t.Run("no password shows", func(t *testing.T) { passwordHidden(t, data, string(cfg.Password)) })
	r.stop(t)
	if there(filepath.Join(data, "node-1.args")) {
		t.Error("the file with the password for the formatting is still there")
	}

	cmd, ended := startBinary(t, data)
	plain := settings(t, data)
	if plain.Username != "" || plain.CA != "" {
		t.Errorf("plain settings ask for a login: %+v", plain)
	}
	committed, err := kadm.NewClient(client(t, plain)).FetchOffsets(t.Context(), "team-7")
	if err != nil || len(committed.Offsets()["new_users"]) == 0 {
		t.Errorf("the group is lost over a restart: %v, %v", committed, err)
	}
	_ = cmd.Process.Kill()
	<-ended
	until(t, "the broker's end behind its parent's", func() bool { return !alive(t, data) })
}

// refused holds that a wrong password, and a user without rights, get nothing.
func refused(t *testing.T, cfg kafka.Config) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	wrong := cfg
	wrong.Password = "wrong"
	if err := client(t, wrong).Ping(ctx); err == nil {
		t.Error("a wrong password is taken")
	}
	adm := kadm.NewClient(client(t, cfg))
	results, err := adm.AlterUserSCRAMs(ctx, nil, []kadm.UpsertSCRAM{{User: "nobody", Mechanism: kadm.ScramSha256, Iterations: 4096, Password: "nobody-knows"}})
	if err == nil {
		err = results.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
	nobody := cfg
	nobody.Username, nobody.Password = "nobody", workshop.Secret("nobody-knows")
	until(t, "the new user's login", func() bool { return client(t, nobody).Ping(ctx) == nil })
	topics, err := kadm.NewClient(client(t, nobody)).ListTopics(ctx)
	if err != nil || len(topics) != 0 {
		t.Errorf("a user without rights sees topics: %v, %v", topics.Names(), err)
	}
}

// passwordHidden looks at every command line of the machine and every log of the run.
func passwordHidden(t *testing.T, data, password string) {
	if password == "" {
		t.Fatal("no password in the settings")
	}
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the patterns are well formed
	logs, _ := filepath.Glob(filepath.Join(data, "*.log"))
	for _, file := range append(files, logs...) {
		b, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(b), password) {
			t.Errorf("%s holds the password", file)
		}
	}
}

// startBinary builds and starts the command as a process of its own, in plain text.
func startBinary(t *testing.T, data string) (*exec.Cmd, chan error) {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "kafka")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	if err := os.Remove(filepath.Join(data, "settings.env")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "--data", data, "--port", "0")
	cmd.Stderr = testWriter{t}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it has ended already when all went well
	ready(t, data, ended)
	return cmd, ended
}

// alive reports whether any process still runs on the data folder.
func alive(t *testing.T, data string) bool {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(files) == 0 {
		return false
	}
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil && strings.Contains(string(b), fmt.Sprintf("%s/server.properties", data)) {
			return true
		}
	}
	return false
}
