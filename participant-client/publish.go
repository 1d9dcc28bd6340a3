package main

import (
	"cmp"
	"fmt"
	"os"

	"kafka-workshop/internal/cli"
	"kafka-workshop/participant-client/publish"
)

// publishCommand sends what another program prints to the team's topics.
type publishCommand struct {
	Actions publishActions `cmd:"" help:"Send actions from standard input, one JSON object a line, to your team's actions."`
	Stats   publishStats   `cmd:"" help:"Send stats from standard input, one JSON object a line, to your team's stats."`
}

type publishActions struct{}

// Run is called by the command line.
func (c *publishActions) Run(env environment) error {
	team, err := env.publishingTeam()
	if err != nil {
		return err
	}
	return env.publish(publish.Lines{Topic: env.flags.Actions(team), Check: publish.Actions(team)})
}

type publishStats struct {
	Key string `placeholder:"NAME" help:"The records' key, which names your program among those of your team; this laptop's name unless given. Of each key the newest record counts. Stats with a partition have its key."`
}

// Run is called by the command line.
func (c *publishStats) Run(env environment) error {
	team, err := env.publishingTeam()
	if err != nil {
		return err
	}
	key := cmp.Or(c.Key, hostname())
	return env.publish(publish.Lines{Topic: env.flags.Stats(team), Check: publish.Stats(team, key)})
}

// publishingTeam returns the team whose topics are written.
func (e environment) publishingTeam() (int, error) {
	if err := e.flags.validate(); err != nil {
		return 0, err
	}
	if !e.flags.Lesson.Actions {
		return 0, cli.Usagef("publish belongs to the scale-up lesson: %s has no actions", e.flags.Lesson.Name)
	}
	if e.flags.Team == 0 {
		return 0, cli.Usagef("no team: use --team N")
	}
	return e.flags.Team, nil
}

// publish sends the lines of standard input. It fails if any was rejected or is lost.
func (e environment) publish(lines publish.Lines) error {
	client, err := e.client(lines.Options()...)
	if err != nil {
		return err
	}
	defer client.Close()

	result := lines.Run(e.ctx, client, os.Stdin, e.stderr)
	if _, err := fmt.Fprintf(e.stdout, "%d records published to %s\n", result.Acknowledged, lines.Topic); err != nil {
		return err
	}
	if result.Rejected+result.Lost > 0 {
		return fmt.Errorf("%d lines were rejected and %d were not acknowledged: they are not published", result.Rejected, result.Lost)
	}
	return nil
}
