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

// kafkaStopsWithin is how long deploy/kafka may take to stop its brokers: they have 5 s, then they are killed.
const kafkaStopsWithin = 8 * time.Second

// kafkaSettings is the file with the administrator's login; it is there once the brokers are ready.
func (s *stack) kafkaSettings() string { return s.data.Path(filepath.Join("kafka", "settings.env")) }

// startKafka starts deploy/kafka as a child. It does not wait: Postgres starts meanwhile.
func (s *stack) startKafka() error {
	if err := os.Remove(s.kafkaSettings()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}

	s.kafka = &process.Child{Name: "kafka", Command: s.kafkaCommand, Log: s.stderr, StopWithin: kafkaStopsWithin}
	s.kafka.Start()
	return nil
}

func (s *stack) kafkaCommand() *exec.Cmd {
	_, port, _ := net.SplitHostPort(s.flags.Kafka) // validate has seen it
	cmd := exec.Command(s.data.program("kafka"), "--parent-pipe", "--secure", "--listen", s.flags.Listen, "--port", port,
		"--nodes", strconv.Itoa(s.flags.Nodes), "--data", s.data.Path("kafka"), "--settings", s.kafkaSettings())
	cmd.Stdout = io.Discard // our banner says what its banner says
	return cmd
}

// awaitKafka returns when the class's brokers are ready, and logs in there from then on.
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
			return fmt.Errorf("the class's Kafka did not start (%w): its lines above say why", died)
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// useKafka takes the administrator's login from the settings, as --env would.
func (s *stack) useKafka() error {
	made, err := cli.ReadEnvFile(s.kafkaSettings())
	if err != nil {
		return err
	}

	s.brokers = made["KAFKA_BROKERS"]
	s.flags.Cluster = cluster{
		Brokers: s.brokers, Username: made["KAFKA_USERNAME"], Password: workshop.Secret(made["KAFKA_PASSWORD"]),
		SASL: made["KAFKA_SASL"], CA: made["KAFKA_CA"],
	}
	if !s.secured() {
		return fmt.Errorf("the settings in %s name no login", s.kafkaSettings())
	}
	return nil
}
