package main

import (
	"os"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/participant-client/inspect"
	"kafka-workshop/participant-client/report"
)

// describeCommand prints the group as kafka-consumer-groups --describe does, or kafka-share-groups.
type describeCommand struct {
	outputFormat
	Members bool          `xor:"view" help:"Print the members and what they own, as kafka-consumer-groups --describe --members does."`
	State   bool          `xor:"view" help:"Print the group's state and coordinator, as kafka-consumer-groups --describe --state does."`
	Watch   time.Duration `default:"0s" placeholder:"2s" help:"Describe it again this often, with each member's letter and colour on the board, and mark the rows that changed."`
}

// Run is called by the command line.
func (c *describeCommand) Run(env environment) error {
	group, err := env.group()
	if err != nil {
		return err
	}
	if c.Watch < 0 {
		return cli.Usagef("--watch %s: use a duration of 0 or more", c.Watch)
	}
	client, err := env.client()
	if err != nil {
		return err
	}
	defer client.Close()

	d := inspect.Describe{
		Group: group, Share: env.flags.Lesson.Share, JSON: c.json(), Watch: c.Watch, Clear: isTerminal(env.stdout),
		Palette: report.NewPalette(env.stdout, os.Environ()),
	}
	if env.flags.Group == "" {
		d.Board = inspect.Board{URL: env.flags.Leaderboard, Team: env.flags.Team}
	}
	switch {
	case c.Members:
		d.View = inspect.MembersView
	case c.State:
		d.View = inspect.StateView
	}
	if c.Watch == 0 {
		return d.Run(env.ctx, client, env.stdout, env.stderr)
	}

	ctx, stop := cli.WhileRead(env.ctx, env.stdout)
	defer stop()
	return d.Run(ctx, client, env.stdout, env.stderr)
}
