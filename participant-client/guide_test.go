//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Every line of the guide's section about commands works: it prints a line, and ends without an error if nobody reads
// the rest.
func TestTheGuidesCommandsWork(t *testing.T) {
	text, err := os.ReadFile("../docs/participant.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## Look without joining\n")
	section, _, _ = strings.Cut(section, "\n## ")
	lines := 0
	for _, block := range regexp.MustCompile("(?s)```sh[^\n]*\n(.*?)```").FindAllStringSubmatch(section, -1) {
		c := guideRoom(t)
		if !strings.Contains(block[1], "offsets set") {
			joinGroup(t, c)
		}
		for line := range strings.Lines(block[1]) {
			lines++
			t.Run(strings.TrimSpace(line), func(t *testing.T) { runGuideLine(t, c, line) })
		}
	}
	if lines < 15 {
		t.Errorf("only %d lines were found", lines)
	}
}

// guideRoom returns a cluster with team 7's topics, some users, and a group that committed once.
func guideRoom(t *testing.T) *kafkatest.Cluster {
	t.Helper()
	c := kafkatest.New(t)
	c.CreateTopic(t, c.Topic(), 2, nil)
	c.CreateTopic(t, c.Actions(7), 1, nil)
	c.CreateTopic(t, c.Stats(7), 1, nil)
	produceUsers(t, c)

	cmd := exec.Command(program, "offsets", "set", "--to", "1")
	cmd.Env = guideEnvironment(c)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return c
}

// joinGroup joins team 7's group until the test ends.
func joinGroup(t *testing.T, c *kafkatest.Cluster) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	assigned := make(chan struct{}, 1)
	client := c.Client(t, kgo.ConsumerGroup(c.Group(7)), kgo.ConsumeTopics(c.Topic()), kgo.Balancers(kgo.RangeBalancer()),
		kgo.OnPartitionsAssigned(func(context.Context, *kgo.Client, map[string][]int32) { assigned <- struct{}{} }))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			client.PollFetches(ctx)
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
	<-assigned
}

func produceUsers(t *testing.T, c *kafkatest.Cluster) {
	t.Helper()
	client := c.Client(t, kgo.DefaultProduceTopic(c.Topic()), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	for range 10 {
		if err := client.ProduceSync(t.Context(), kgo.StringRecord(`{"email":"a@hotmail.com","premium":true,"credit":11}`)).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

func guideEnvironment(c *kafkatest.Cluster) []string {
	return append(os.Environ(), "WORKSHOP_TEAM=7", "WORKSHOP_NAMESPACE="+string(c.Namespace),
		"KAFKA_BROKERS="+strings.Join(c.Config.Brokers, ","), "KAFKA_USERNAME="+c.Config.Username,
		"KAFKA_PASSWORD="+string(c.Config.Password), "KAFKA_CA="+c.Config.CA)
}

// runGuideLine runs a line in a folder that holds the client and the programs that the guide mentions.
func runGuideLine(t *testing.T, c *kafkatest.Cluster, line string) {
	folder := t.TempDir()
	client, err := exec.LookPath(program)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(client, filepath.Join(folder, program)); err != nil {
		t.Fatal(err)
	}
	for name, prints := range map[string]string{
		"my-program": `{"customer":"a@hotmail.com","type":"CONTACT_CUSTOMER","reason":"VIP_USER","team":"team-7"}`,
		"my-counts":  `{"team":"team-7","processed":10,"flagged":1}`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\necho '"+prints+"'\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}

	cmd := exec.Command("bash", "-c", "set -o pipefail; "+line)
	cmd.Dir, cmd.Env = folder, guideEnvironment(c)
	var said bytes.Buffer
	cmd.Stderr = &said
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer late.Stop()

	first := firstLine(t, c, stdout)
	_ = stdout.Close()
	if err := cmd.Wait(); err != nil || first == "" {
		t.Errorf("%v: printed %q and said %s", err, first, said.String())
	}
}

// firstLine returns the first line that is not empty. It produces records until then, because tail prints new records only.
func firstLine(t *testing.T, c *kafkatest.Cluster, from io.Reader) string {
	found := make(chan string)
	go func() {
		defer close(found)
		for lines := bufio.NewScanner(from); lines.Scan(); {
			if line := strings.TrimSpace(lines.Text()); line != "" {
				found <- line
				return
			}
		}
	}()
	for {
		select {
		case line := <-found:
			return line
		default:
			produceUsers(t, c)
		}
	}
}
