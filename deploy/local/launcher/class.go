package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/process"
	"kafka-workshop/internal/workshop"
)

// kafkaStopTimeout is how long deploy/kafka may take to stop. It kills its brokers after 5 s.
const kafkaStopTimeout = 8 * time.Second

// kafkaSettings returns the path of the file with the administrator's login. deploy/kafka writes it once the
// brokers are ready.
func (s *stack) kafkaSettings() string { return s.data.Path(filepath.Join("kafka", "settings.env")) }

// startKafka starts deploy/kafka as a child and does not wait for it, so that PostgreSQL starts at the same time.
func (s *stack) startKafka() error {
	if err := os.Remove(s.kafkaSettings()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}

	s.kafka = &process.Child{Name: "kafka", Command: s.kafkaCommand, Log: s.stderr, StopWithin: kafkaStopTimeout}
	s.kafka.Start()
	return nil
}

func (s *stack) kafkaCommand() *exec.Cmd {
	_, port, _ := net.SplitHostPort(s.flags.Kafka) // validate has checked it
	cmd := exec.Command(s.data.program("kafka"), "--parent-pipe", "--secure", "--listen", s.flags.Listen, "--port", port,
		"--nodes", strconv.Itoa(s.flags.Nodes), "--data", s.data.Path("kafka"), "--settings", s.kafkaSettings())
	cmd.Stdout = io.Discard // its banner repeats ours
	return cmd
}

// awaitKafka waits until the class's brokers are ready and reads the login from their settings.
func (s *stack) awaitKafka(ctx context.Context) error {
	if s.kafka == nil {
		return nil
	}

	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(s.kafkaSettings()); err == nil {
			return s.useKafka()
		}

		select {
		case died := <-s.kafka.Died():
			return fmt.Errorf("the class's Kafka did not start (%w): see its lines above", died)
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// useKafka reads the administrator's login from the settings, as --env would.
func (s *stack) useKafka() error {
	settings, err := cli.ReadEnvFile(s.kafkaSettings())
	if err != nil {
		return err
	}

	s.brokers = settings["KAFKA_BROKERS"]
	s.flags.Cluster = cluster{
		Brokers: s.brokers, Username: settings["KAFKA_USERNAME"], Password: workshop.Secret(settings["KAFKA_PASSWORD"]),
		SASL: settings["KAFKA_SASL"], CA: settings["KAFKA_CA"],
	}
	if !s.secured() {
		return fmt.Errorf("the settings in %s contain no login", s.kafkaSettings())
	}
	return nil
}
