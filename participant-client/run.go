package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/report"
)

// runCommand joins the group and reads.
type runCommand struct {
	Instances      int           `env:"WORKSHOP_INSTANCES" default:"1" help:"How many members to start in this process, 0 to 100."`
	Format         string        `env:"WORKSHOP_FORMAT" enum:"auto,tui,plain,json" default:"auto" help:"tui, plain or json; by default tui in a terminal, else plain."`
	From           string        `env:"WORKSHOP_FROM" enum:"earliest,latest" default:"earliest" help:"Where partitions without a commit begin: earliest or latest."`
	Assignor       string        `env:"WORKSHOP_ASSIGNOR" enum:"range,roundrobin,cooperative-sticky,server" default:"range" help:"How the group shares partitions: range, roundrobin, cooperative-sticky, or server (KIP-848)."`
	SessionTimeout time.Duration `env:"WORKSHOP_SESSION_TIMEOUT" placeholder:"10s" help:"How long the group waits for a silent member; not with --assignor server, where the broker decides."`
	Commit         string        `env:"WORKSHOP_COMMIT" enum:"auto,manual" default:"auto" help:"auto commits each --commit-interval, manual after each batch."`
	CommitInterval time.Duration `env:"WORKSHOP_COMMIT_INTERVAL" default:"5s" help:"How often to commit."`
	Slow           time.Duration `env:"WORKSHOP_SLOW" default:"0s" help:"Wait this long for each record, as in 50ms."`
	MaxRecords     int64         `env:"WORKSHOP_MAX_RECORDS" default:"0" help:"Leave after this many records; 0 goes on."`
}

// Run is called by the command line.
func (c *runCommand) Run(env environment) error {
	lesson, err := env.flags.lesson()
	if err != nil {
		return err
	}
	cfg, err := c.config(env.flags, lesson)
	if err != nil {
		return err
	}
	if err := cfg.Validate(); err != nil {
		return cli.UsageError{Err: err}
	}
	ctx, cancel := context.WithCancelCause(env.ctx)
	defer cancel(nil)
	return c.lines(ctx, cancel, env, lesson, cfg)
}

// config turns the flags into what members need.
func (c *runCommand) config(flags *commandLine, lesson workshop.Lesson) (member.Config, error) {
	cfg := member.Config{
		Kafka: flags.Config, Group: flags.group(lesson), Topic: flags.topic(lesson),
		Assignor: c.Assignor, From: c.From, SessionTimeout: c.SessionTimeout,
		Manual: c.Commit == "manual", CommitInterval: c.CommitInterval, Slow: c.Slow, MaxRecords: c.MaxRecords,
	}
	switch {
	case cfg.Group == "":
		return cfg, cli.Usagef("whose group? Give --team N, or --group NAME")
	case c.Instances < 0 || c.Instances > 100:
		return cfg, cli.Usagef("--instances %d: use 0 to 100", c.Instances)
	case c.Assignor == member.Server && c.SessionTimeout != 0:
		return cfg, cli.Usagef("--session-timeout has no effect with --assignor server, where the broker's setting rules: leave it out")
	case c.Assignor != member.Server && c.SessionTimeout == 0:
		cfg.SessionTimeout = 10 * time.Second
	}
	cfg.ClientID = clientID(flags.Team, cfg.Group)
	return cfg, nil
}

// clientID is how the members show on the board: team-7-laptop.
func clientID(team int, group string) string {
	who := group
	if team > 0 {
		who = workshop.TeamID(team)
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "laptop"
	}
	host, _, _ = strings.Cut(host, ".")
	return who + "-" + host
}

// lines runs with the plain or the JSON output. A stdout that nobody reads any more ends it quietly.
func (c *runCommand) lines(ctx context.Context, cancel context.CancelCauseFunc, env environment, lesson workshop.Lesson, cfg member.Config) error {
	var crew *member.Crew
	var out *report.Report
	if c.format(env.stdout) == "json" {
		out = report.JSON(env.stdout, cancel)
	} else {
		partitions := func() int { return len(crew.Snapshot().Group.Lanes) }
		out = report.Plain(lesson, cfg.Group, partitions, env.stdout, env.stderr, cancel)
	}
	crew, err := member.New(cfg, out, kafkaLog(env))
	if err != nil {
		return cli.UsageError{Err: err}
	}
	if lesson.Name == workshop.RebalancingDemo.Name && c.format(env.stdout) == "plain" {
		out.Starting(cfg.Group)
	}
	flushing, stop := context.WithCancel(context.Background())
	flushed := make(chan struct{})
	go func() { defer close(flushed); out.Run(flushing) }()
	defer func() { stop(); <-flushed }()
	return crew.Run(ctx, c.Instances)
}

func (c *runCommand) format(stdout io.Writer) string {
	if c.Format != "auto" {
		return c.Format
	}
	return "plain"
}

// kafkaLog is the library's log, which only --log-level debug shows: the client says what is wrong in
// its own words.
func kafkaLog(env environment) *slog.Logger {
	if env.flags.LogLevel != "debug" {
		return nil
	}
	return env.flags.Logger(env.stderr)
}
