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

// properties returns the server.properties of all nodes. They refer to environment variables where nodes
// differ.
func properties(nodes int, secure bool) ([]byte, error) {
	size := "one"
	if nodes > 1 {
		size = "three"
	}
	security := "plain"
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

// killAfter is how long a broker may take to stop before it is killed.
const killAfter = 5 * time.Second

// A node is a broker and controller.
type node struct {
	id        int
	at        addresses
	data      string   // its log directory
	env       []string // variables of its properties, with a password
	java      string
	jars      string
	config    string
	heap      string
	collector string // Java's option for the garbage collector
	log       *os.File
	process   *process.Child
}

func (n *node) name() string { return fmt.Sprintf("kafka-%d", n.id) }

func (n *node) environment(data string) []string {
	return append(append(os.Environ(), n.env...), "BROKER_ID="+strconv.Itoa(n.id), "BROKER_DATA="+data,
		"BROKER_LISTEN="+n.at.clients, "BROKER_ADVERTISED="+n.at.clients,
		"BROKER_INTERNAL="+n.at.internal, "BROKER_CONTROLLER="+n.at.controller)
}

// format creates the node's folder, with the administrator's user in it, only when complete. The password
// is passed in an argument file, because process lists show command lines.
func (n *node) format(ctx context.Context, clusterID, password string) error {
	if exists(filepath.Join(n.data, "meta.properties")) {
		return nil
	}

	half := n.data + ".new"
	args := n.data + ".args"
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
		lines := bytes.Split(bytes.TrimSpace(out), []byte("\n")) // the last line has no credentials
		return fmt.Errorf("format the folder of %s: %w: %s", n.name(), err, lines[len(lines)-1])
	}

	return errors.Join(os.RemoveAll(n.data), os.Rename(half, n.data))
}

// quoted quotes an argument for Java's argument files.
func quoted(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
}

// command returns the command of the broker, which exits when we do, even after a SIGKILL.
func (n *node) command() *exec.Cmd {
	cmd := process.UntilPipeCloses("TERM", killAfter, n.java, "-Xms64m", "-Xmx"+n.heap, n.collector, "-Djava.awt.headless=true",
		"-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
		"-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config=warn",
		"-cp", filepath.Join(n.jars, "*"), "kafka.Kafka", n.config)
	cmd.Env = n.environment(n.data)
	cmd.Stdout = n.log
	cmd.Stderr = n.log
	return cmd
}

// lastLines returns the end of the node's log, without stack traces.
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
