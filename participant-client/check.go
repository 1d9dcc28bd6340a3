package main

import (
	"kafka-workshop/internal/cli"
	"kafka-workshop/participant-client/inspect"
)

// checkCommand finds out what keeps this laptop from taking part.
type checkCommand struct{ outputFormat }

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
		Share: env.flags.Lesson.Share, Leaderboard: env.flags.Leaderboard, JSON: c.json(), Log: kafkaLog(env),
	}
	if team > 0 {
		for _, topic := range names.TeamTopics(team) {
			check.Writes = append(check.Writes, topic.Name)
		}
	}
	if env.flags.Lesson.Actions && team > 0 {
		check.TxnID = names.TransactionalID(team, "1")
	}
	return check.Run(env.ctx, env.stdout)
}
