package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kafka-workshop/internal/process"
)

//go:embed config/*.properties
var config embed.FS

// properties is the server.properties of every node: what differs between nodes is in their
// environment.
func properties(nodes int, secure bool) ([]byte, error) {
	size, security := "one", "plain"
	if nodes > 1 {
		size = "three"
	}
	if secure {
		security = "secure"
	}
	var out []byte
	for _, name := range []string{"common", size, security} {
		b, err := config.ReadFile("config/" + name + ".properties")
		if err != nil {
			return nil, err
		}
		out = append(out, b...)
	}
	return out, nil
}

// killAfter is how long a broker may take to stop by itself.
const killAfter = 5 * time.Second

// node is one broker and controller.
type node struct {
	id        int
	at        addresses
	data      string   // the folder of its log
	env       []string // what its properties refer to, a password among it
	java      string
	jars      string
	config    string
	heap      string
	collector string // Java's option for it
	log       *os.File
	process   *process.Child
}

func (n *node) name() string { return fmt.Sprintf("kafka-%d", n.id) }

func (n *node) environment(data string) []string {
	return append(append(os.Environ(), n.env...), "BROKER_ID="+strconv.Itoa(n.id), "BROKER_DATA="+data,
		"BROKER_LISTEN="+n.at.clients, "BROKER_ADVERTISED="+n.at.clients,
		"BROKER_INTERNAL="+n.at.internal, "BROKER_CONTROLLER="+n.at.controller)
}

// format makes the node's folder with the administrator's user in it, whole or not at all. The
// password goes by a file that Java reads its arguments from: a process list shows command lines.
func (n *node) format(ctx context.Context, clusterID, password string) error {
	if there(filepath.Join(n.data, "meta.properties")) {
		return nil
	}
	half, args := n.data+".new", n.data+".args"
	if err := os.RemoveAll(half); err != nil {
		return err
	}
	text := strings.Join([]string{"-cp", quoted(filepath.Join(n.jars, "*")), "kafka.tools.StorageTool", "format",
		"--config", quoted(n.config), "--cluster-id", clusterID,
		"--add-scram", quoted("SCRAM-SHA-256=[name=" + admin + ",password=" + password + "]")}, "\n")
	if err := os.WriteFile(args, []byte(text), 0o600); err != nil {
		return err
	}
	defer func() { _ = os.Remove(args) }()
	cmd := exec.CommandContext(ctx, n.java, "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "@"+args)
	cmd.Env = n.environment(half)
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := bytes.Split(bytes.TrimSpace(out), []byte("\n")) // no credential is in the last
		return fmt.Errorf("format the folder of %s: %w: %s", n.name(), err, lines[len(lines)-1])
	}
	return errors.Join(os.RemoveAll(n.data), os.Rename(half, n.data))
}

// quoted is a word of Java's argument files.
func quoted(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
}

// command runs the broker so that it ends when we do, however we do.
func (n *node) command() *exec.Cmd {
	cmd := process.UntilPipeCloses("TERM", killAfter, n.java, "-Xms64m", "-Xmx"+n.heap, n.collector, "-Djava.awt.headless=true",
		"-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
		"-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config=warn",
		"-cp", filepath.Join(n.jars, "*"), "kafka.Kafka", n.config)
	cmd.Env = n.environment(n.data)
	cmd.Stdout, cmd.Stderr = n.log, n.log
	return cmd
}

// lastLines are the end of the node's log, without the stack traces.
func (n *node) lastLines(most int) []string {
	b, err := os.ReadFile(n.log.Name())
	if err != nil {
		return nil
	}
	var out []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && !strings.HasPrefix(line, "\t") {
			out = append(out, line)
		}
	}
	return out[max(0, len(out)-most):]
}
