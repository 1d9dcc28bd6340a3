package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"kafka-workshop/internal/apache"
	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/embedded"
	"kafka-workshop/internal/process"
	"kafka-workshop/internal/workshop"
)

// A stack is everything that the launcher runs. Its parts are in the order in which they start.
type stack struct {
	flags  flags
	data   *data
	stdout io.Writer
	stderr io.Writer

	brokers     string
	token       string
	secret      string
	databaseURL string

	broker    *embedded.Broker
	kafka     *process.Child // for --class only
	clients   *clientBuilds
	database  *database
	board     *process.Child
	producer  *process.Child
	demo      *demo
	sheet     workshop.Sheet
	sheetFile string // empty for the lesson's own sheet
}

func (s *stack) say(line string) { fmt.Fprintln(s.stderr, line) }

// start starts everything. After an error stop must still be called.
func (s *stack) start(ctx context.Context) error {
	if err := s.checkPorts(); err != nil {
		return err
	}

	var err error
	if s.token, err = s.data.Secret("instructor-token", s.flags.InstructorToken); err != nil {
		return err
	}
	if s.secret, err = s.data.Secret("workshop-secret", s.flags.Secret); err != nil {
		return err
	}

	if s.flags.DatabaseURL != "" {
		if err := checkDatabase(ctx, string(s.flags.DatabaseURL)); err != nil {
			return err
		}
	}

	if s.flags.Class {
		if _, err := apache.FindJava(ctx); err != nil {
			return err
		}
	}

	if err := s.build(ctx); err != nil {
		return err
	}
	if err := s.prepareDownloads(); err != nil {
		return err
	}
	if err := s.startBroker(); err != nil {
		return err
	}
	if err := s.startDatabase(ctx); err != nil {
		return err
	}
	if err := s.awaitKafka(ctx); err != nil {
		return err
	}
	if err := s.provision(ctx); err != nil {
		return err
	}

	s.producer = s.child("producer-svc", s.producerCommand)
	s.board = s.child("leaderboard", s.boardCommand)
	if err := s.awaitReady(ctx, s.producer, s.flags.Panel); err != nil {
		return err
	}

	if s.flags.Rate != nil { // replaces the rate stored by the last run
		if err := s.request(ctx, http.MethodPut, s.flags.Panel+"/api/load", map[string]any{"rate": *s.flags.Rate}); err != nil {
			return fmt.Errorf("--rate: %w", err)
		}
	}

	if err := s.awaitReady(ctx, s.board, s.flags.Board); err != nil {
		return err
	}

	if s.flags.Demo {
		s.demo = startDemo(s)
	}
	return nil
}

// stop stops everything: demo, producer, leaderboard, PostgreSQL, broker.
func (s *stack) stop() {
	if s.demo != nil {
		s.demo.stop()
	}
	if s.producer != nil {
		s.producer.Stop()
	}
	if s.board != nil {
		s.board.Stop()
	}
	if s.database != nil {
		s.database.stop()
	}
	if s.broker != nil {
		s.broker.Close()
	}
	if s.kafka != nil {
		s.kafka.Stop()
	}
}

func (s *stack) child(name string, command func() *exec.Cmd) *process.Child {
	c := &process.Child{Name: name, Command: command, Log: s.stderr}
	return c.Start()
}

func (s *stack) checkPorts() error {
	if s.flags.Cluster.Brokers == "" {
		if err := checkFree("--kafka", s.flags.Kafka); err != nil {
			return err
		}
	}

	if err := checkFree("--board", s.flags.Board); err != nil {
		return err
	}
	return checkFree("--panel", s.flags.Panel)
}

func (s *stack) startBroker() error {
	if s.flags.Class {
		return s.startKafka()
	}

	if s.flags.Cluster.Brokers != "" {
		s.brokers = s.flags.Cluster.Brokers
		return nil
	}

	b, err := embedded.Start(embedded.Config{Addr: s.flags.Kafka, Data: s.data.Path("broker")})
	if err != nil {
		return err
	}

	s.broker = b
	s.brokers = b.Addr()
	return nil
}

func (s *stack) startDatabase(ctx context.Context) error {
	if s.flags.DatabaseURL != "" {
		s.databaseURL = string(s.flags.DatabaseURL)
		return nil
	}
	return process.WithProgress(s.say, "starting PostgreSQL", func() error {
		d, err := startDatabase(ctx, s.data, s.say)
		if err != nil {
			return err
		}
		s.database = d
		s.databaseURL = d.url
		return nil
	})
}

func (s *stack) boardCommand() *exec.Cmd {
	return s.service("leaderboard", s.flags.Board, "DATABASE_URL="+s.databaseURL, "WORKSHOP_SECRET="+s.secret, "PUBLIC_URL="+s.boardURL(),
		"PANEL_URL=http://"+s.flags.Panel, "WORKSHOP_DOWNLOADS="+s.downloads(), "WORKSHOP_ROSTER="+s.flags.Roster, "WORKSHOP_SHEET="+s.sheetFile,
		"WORKSHOP_CALM="+strconv.FormatBool(s.flags.Calm))
}

func (s *stack) producerCommand() *exec.Cmd {
	return s.service("producer-svc", s.flags.Panel, "PUBLIC_URL="+s.boardURL())
}

// service returns the command of a service. Settings are passed in the environment, because process lists
// show command lines.
func (s *stack) service(name, listen string, env ...string) *exec.Cmd {
	cmd := exec.Command(s.data.program(name), "--listen", listen, "--parent-pipe")
	env = append(env, "LOG_LEVEL="+s.flags.LogLevel)
	if s.secured() {
		cmd.Args = append(cmd.Args, "--env", s.settings(name))
		cmd.Env = append(cleanEnv(), env...)
		return cmd
	}

	cmd.Env = slices.Concat(os.Environ(), s.clusterEnv(), s.roomEnv(), env)
	return cmd
}

func (s *stack) clusterEnv() []string {
	env := []string{"KAFKA_BROKERS=" + s.brokers}
	c := s.flags.Cluster
	if c.Brokers == "" { // the embedded broker has no logins
		return append(env, "KAFKA_USERNAME=", "KAFKA_PASSWORD=", "KAFKA_CA=", "KAFKA_TLS=false")
	}

	env = append(env, "KAFKA_USERNAME="+c.Username, "KAFKA_PASSWORD="+string(c.Password), "KAFKA_CA="+c.CA, "KAFKA_TLS="+strconv.FormatBool(c.TLS))
	if c.SASL != "" {
		env = append(env, "KAFKA_SASL="+c.SASL)
	}
	return env
}

// awaitReady waits until the service answers /readyz with 200. It returns early if the service rejected its
// settings, which a restart does not change.
func (s *stack) awaitReady(ctx context.Context, service *process.Child, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()

	for !ready(ctx, addr) {
		select {
		case err := <-service.Died():
			var exit *exec.ExitError
			if errors.As(err, &exit) && exit.ExitCode() == cli.UsageWrong {
				return fmt.Errorf("%s rejected its settings: see its line above", service.Name)
			}
		case <-ctx.Done():
			return fmt.Errorf("%s was not ready within a minute: see its lines above", service.Name)
		case <-tick.C:
		}
	}

	return nil
}

func ready(ctx context.Context, addr string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		return false
	}

	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}

	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}
