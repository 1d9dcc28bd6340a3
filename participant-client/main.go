// Command participant-client is what a team runs: members of its consumer group that show what Kafka does to them, and
// tools that inspect groups and topics without joining.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/settings"

	"github.com/alecthomas/kong"
)

const (
	program     = "participant-client"
	description = "Joins your team's consumer group and shows what Kafka does to it."
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // so that a closed stdout is a write error, and members still leave their group
	os.Exit(cli.Main(program, run))
}

// A commandLine holds the flags of all commands. Those of the cluster and the room are shared by all of them.
type commandLine struct {
	cli.Env
	cli.Log
	cli.Parent
	kafka.Config
	room
	Leaderboard string `env:"WORKSHOP_LEADERBOARD" placeholder:"URL" help:"The board's address: shows your badges and the members' colours, and lets check tell a blocked port from a network that blocks everything."`

	Version kong.VersionFlag `help:"Print the version, the commit and the version of Go."`
	Run     runCommand       `cmd:"" default:"withargs" help:"Join the group and read; the default command."`

	Join joinCommand `cmd:"" help:"Fetch your team's settings from the board with its code, save them, and start."`

	Describe   describeCommand   `cmd:"" help:"Print the group as kafka-consumer-groups --describe does, or kafka-share-groups in the lesson queues."`
	Tail       tailCommand       `cmd:"" help:"Print key, partition, offset and value of every record, in no group. Of __consumer_offsets it prints what the records mean."`
	ShowTopic  topicCommand      `cmd:"" name:"topic" help:"Print the topic's partitions, with leader, replicas, ISR, first and next offset, and its settings."`
	Check      checkCommand      `cmd:"" help:"Find out what keeps this laptop from taking part, address by address."`
	Publish    publishCommand    `cmd:"" help:"Send actions or stats that another program prints."`
	Offsets    offsetsCommand    `cmd:"" help:"Show where the group goes on, or set it."`
	Completion completionCommand `cmd:"" help:"Print a script that completes commands, flags and values in a shell."`
	Help       helpCommand       `cmd:"" help:"Explain a command."`
	Complete   completeCommand   `cmd:"" hidden:"" help:"Print what can complete a command line; called by the scripts of completion."`
}

// room selects the lesson, group and topic.
type room struct {
	workshop.Room

	Team  int    `env:"WORKSHOP_TEAM" help:"Your team's number: names its group."`
	Group string `env:"WORKSHOP_GROUP" placeholder:"NAME" help:"The group to join, taken as it is, instead of a team's."`
	Topic string `env:"WORKSHOP_TOPIC" placeholder:"NAME" help:"The topic to read, taken as it is, instead of the lesson's."`
}

// An environment is what every command gets in addition to its own flags.
type environment struct {
	ctx            context.Context
	flags          *commandLine
	given          []string // names of the flags on the command line and in --env FILE
	stdout, stderr io.Writer
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	args, err := settings.Args(ctx, args, stderr)
	if err != nil {
		return err
	}

	var flags commandLine
	kctx, err := cli.Parse(program, description, &flags, args, stdout, stderr)
	if err != nil || kctx == nil {
		return err
	}

	ctx, cancel := flags.Parent.Context(ctx) //nolint:staticcheck // flags.Context would not say whose
	defer cancel()
	var given []string
	for _, p := range kctx.Path {
		if p.Flag != nil {
			given = append(given, p.Flag.Name)
		}
	}
	return kctx.Run(environment{ctx, &flags, given, stdout, stderr})
}

// validate names the flag at fault.
func (r room) validate() error {
	if err := r.Validate(); err != nil {
		return cli.UsageError{Err: err}
	}
	if r.Team < 0 || r.Team > r.Teams {
		return cli.Usagef("--team %d: there are teams 1 to %d (--teams)", r.Team, r.Teams)
	}
	return nil
}

// group returns the group that the flags name, empty if they name none.
func (r room) group() string {
	if r.Group != "" || r.Team == 0 {
		return r.Group
	}
	return r.Room.Group(r.Team)
}

// topic returns the topic that the flags name.
func (r room) topic() string {
	if r.Topic != "" {
		return r.Topic
	}
	return r.Room.Topic()
}
