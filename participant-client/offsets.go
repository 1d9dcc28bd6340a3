package main

import (
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/participant-client/inspect"
)

// offsetsCommand shows and sets the group's committed offsets.
type offsetsCommand struct {
	Show offsetsShow `cmd:"" help:"Print where the group goes on in each partition, and where the partition starts and ends."`
	Set  offsetsSet  `cmd:"" help:"Set where the group goes on. Only while it has no members."`
}

// offsetFlags are the flags of both commands.
type offsetFlags struct {
	outputFormat
	Partition []int32 `placeholder:"N" help:"Only these partitions."`
}

func (c offsetFlags) offsets(env environment) (inspect.Offsets, error) {
	group, err := env.group()
	return inspect.Offsets{Group: group, Topic: env.flags.topic(), Partitions: c.Partition, JSON: c.json(), Share: env.flags.Lesson.Share}, err
}

type offsetsShow struct{ offsetFlags }

// Run is called by the command line.
func (c *offsetsShow) Run(env environment) error {
	offsets, err := c.offsets(env)
	if err != nil {
		return err
	}
	client, err := env.client()
	if err != nil {
		return err
	}
	defer client.Close()

	return offsets.Show(env.ctx, client, env.stdout)
}

type offsetsSet struct {
	offsetFlags
	To rawText `required:"" placeholder:"earliest|latest|N|TIME" help:"Where to: earliest, latest, an offset, -N for the last N records, or a time, which is RFC 3339 or how long ago, as in 5m."`
}

// Run is called by the command line.
func (c *offsetsSet) Run(env environment) error {
	offsets, err := c.offsets(env)
	if err != nil {
		return err
	}
	to, err := inspect.ParseTarget(string(c.To), time.Now())
	if err != nil {
		return cli.Usagef("--to %w", err)
	}
	client, err := env.client()
	if err != nil {
		return err
	}
	defer client.Close()

	return offsets.Set(env.ctx, client, to, env.stdout, env.stderr)
}
