//go:build !windows

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
)

// TestOneNode goes through a node's life: secured, stopped, started again in plain text on the same
// data, and killed with the process that started it.
func TestOneNode(t *testing.T) {
	t.Parallel()
	needsJava(t)
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
	if exists(filepath.Join(data, "node-1.args")) {
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
	t.Logf("the command ended: %v", <-ended)
	wait.Until(t, "the broker's end behind its parent's", func() bool { return !alive(t, data) })
}

// refused checks that a wrong password, and a user without rights, get nothing.
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
	wait.Until(t, "the new user's login", func() bool { return client(t, nobody).Ping(ctx) == nil })
	topics, err := kadm.NewClient(client(t, nobody)).ListTopics(ctx)
	if err != nil || len(topics) != 0 {
		t.Errorf("a user without rights sees topics: %v, %v", topics.Names(), err)
	}
}

// passwordHidden checks that the password is in no command line of the machine and no log of the run.
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

// startBinary builds the command and starts it as a separate process, in plain text.
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
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it has exited already if all went well
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
