package main

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/participant-client/inspect"

	"github.com/alecthomas/kong"
)

// tailCommand prints the records of the topic.
type tailCommand struct {
	outputFormat
	From       *string `enum:"earliest,latest" xor:"start" placeholder:"latest" help:"Where to begin: earliest or latest; latest unless --offset or --since says otherwise."`
	Offset     rawText `xor:"start" placeholder:"N" help:"Begin at this offset of each partition: a number, earliest, latest, or -N for the last N records."`
	Since      string  `xor:"start" placeholder:"TIME" help:"Begin at the first record of this time: RFC 3339, or how long ago, as in 5m."`
	Partition  []int32 `placeholder:"N" help:"Read only these partitions."`
	Filter     string  `placeholder:"EXPR" help:"Print only the records that meet this, as in: email contains \"hotmail\", or key == \"user_001\"."`
	MaxRecords int64   `default:"0" help:"Stop after this many records; 0 for no limit."`
	Verbose    bool    `short:"v" help:"Print timestamps and headers too."`
}

// Run is called by the command line.
func (c *tailCommand) Run(env environment) error {
	if err := env.flags.validate(); err != nil {
		return err
	}
	start, err := c.start(time.Now())
	if err != nil {
		return err
	}
	tail := inspect.Tail{
		Room: env.flags.Room, Topic: env.flags.topic(), Start: start, Partitions: c.Partition, Filter: c.Filter,
		MaxRecords: c.MaxRecords, Verbose: c.Verbose, JSON: c.json(),
	}
	if err := tail.Validate(); err != nil {
		return cli.UsageError{Err: err}
	}

	client, err := env.client(tail.Options()...)
	if err != nil {
		return err
	}
	defer client.Close()

	ctx, stop := cli.WhileRead(env.ctx, env.stdout)
	defer stop()
	return tail.Run(ctx, client, env.stdout, env.stderr)
}

// start returns where the flags say to begin.
func (c *tailCommand) start(now time.Time) (inspect.Start, error) {
	if c.Since != "" {
		at, err := inspect.ParseMoment(c.Since, now)
		if err != nil {
			return inspect.Start{}, cli.Usagef("--since %w", err)
		}
		return inspect.Since(at), nil
	}

	from := "latest"
	if c.From != nil {
		from = *c.From
	}
	start, err := inspect.ParseStart(cmp.Or(string(c.Offset), from))
	if err != nil {
		return start, cli.Usagef("--offset %w", err)
	}
	return start, nil
}

// A rawText is a flag's value that may begin with a hyphen, as in --offset -5.
type rawText string

// Decode is called by the command line.
func (r *rawText) Decode(ctx *kong.DecodeContext) error {
	next := ctx.Scan.Pop()
	value, ok := next.Value.(string)
	if !ok || strings.HasPrefix(value, "--") {
		return errors.New("a value is missing")
	}
	*r = rawText(value)
	return nil
}
