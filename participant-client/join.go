package main

import (
	"errors"
	"os"

	"kafka-workshop/internal/cli"
	"kafka-workshop/participant-client/settings"
)

// joinCommand fetches the team's settings, saves them, and then runs as without a command.
type joinCommand struct {
	Address string   `arg:"" placeholder:"URL|HOST" help:"What the board shows, as in http://192.168.1.5:8080 or …/j/CODE."`
	Code    string   `env:"WORKSHOP_CODE" help:"Your team's code; asked for when neither this nor the address holds it."`
	Flags   []string `arg:"" optional:"" passthrough:"" help:"Flags for the start, as in --instances 2."`
}

// Run is called by the command line.
func (c *joinCommand) Run(env environment) error {
	start := settings.Start{Address: c.Address, Code: c.Code, Stderr: env.stderr}
	if isTerminal(os.Stdin) {
		start.Stdin = os.Stdin
	}

	if _, err := start.Join(env.ctx); err != nil {
		if errors.As(err, new(settings.AddressError)) {
			return cli.UsageError{Err: err}
		}
		return err
	}

	return run(env.ctx, c.Flags, env.stdout, env.stderr)
}
