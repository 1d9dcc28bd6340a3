package main

import (
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/participant-client/inspect"

	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/term"
)

// describeCommand prints the group as kafka-consumer-groups --describe does.
type describeCommand struct {
	Watch time.Duration `default:"0s" placeholder:"2s" help:"Describe it again this often and mark the rows that changed."`
}

// Run is called by the command line.
func (c *describeCommand) Run(env environment) error {
	if err := env.flags.validate(); err != nil {
		return err
	}
	group := env.flags.group()
	if group == "" {
		return cli.Usagef("no group: use --team N or --group NAME")
	}
	if c.Watch < 0 {
		return cli.Usagef("--watch %s: use a duration of 0 or more", c.Watch)
	}
	client, err := env.client()
	if err != nil {
		return err
	}
	defer client.Close()

	d := inspect.Describe{Group: group, Watch: c.Watch, Clear: isTerminal(env.stdout)}
	return d.Run(env.ctx, client, env.stdout, env.stderr)
}

// tailCommand prints every record of the topic.
type tailCommand struct {
	From       string `enum:"earliest,latest" default:"latest" help:"Where to begin: earliest or latest."`
	MaxRecords int64  `default:"0" help:"Stop after this many records; 0 for no limit."`
}

// Run is called by the command line.
func (c *tailCommand) Run(env environment) error {
	if err := env.flags.validate(); err != nil {
		return err
	}

	tail := inspect.Tail{Topic: env.flags.topic(), From: c.From, MaxRecords: c.MaxRecords}
	client, err := env.client(tail.Options()...)
	if err != nil {
		return err
	}
	defer client.Close()

	return tail.Run(env.ctx, client, env.stdout, env.stderr)
}

// topicCommand prints the topic's partitions.
type topicCommand struct{}

// Run is called by the command line.
func (c *topicCommand) Run(env environment) error {
	if err := env.flags.validate(); err != nil {
		return err
	}
	client, err := env.client()
	if err != nil {
		return err
	}
	defer client.Close()

	return inspect.Topic(env.ctx, client, env.flags.topic(), env.stdout)
}

// checkCommand finds out what keeps this laptop from taking part.
type checkCommand struct {
	Leaderboard string `env:"WORKSHOP_LEADERBOARD" placeholder:"URL" help:"The board's address: tells a blocked Kafka port from a network that blocks everything, and compares clocks."`
}

// Run is called by the command line.
func (c *checkCommand) Run(env environment) error {
	if err := env.flags.validate(); err != nil {
		return err
	}
	if err := env.flags.Validate(); err != nil {
		return cli.UsageError{Err: err}
	}
	team, names := env.flags.Team, env.flags.Room
	check := inspect.Check{
		Kafka: env.flags.Config, Group: env.flags.group(), Topic: env.flags.topic(),
		Leaderboard: c.Leaderboard, Log: kafkaLog(env),
	}
	if env.flags.Lesson.Actions && team > 0 {
		check.Writes = []string{names.Actions(team), names.Stats(team)}
		check.TxnID = names.TransactionalID(team, "1")
	}
	return check.Run(env.ctx, env.stdout)
}

// client returns one that is in no group.
func (e environment) client(more ...kgo.Opt) (*kgo.Client, error) {
	if err := e.flags.Validate(); err != nil {
		return nil, cli.UsageError{Err: err}
	}

	opts, err := e.flags.Opts(program+"-look", kafkaLog(e))
	if err != nil {
		return nil, err
	}
	return kgo.NewClient(append(opts, more...)...)
}

// isTerminal reports whether a reader or writer is a terminal.
func isTerminal(file any) bool {
	f, ok := file.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}
