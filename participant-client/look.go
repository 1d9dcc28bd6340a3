package main

import (
	"kafka-workshop/internal/cli"

	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/term"
)

// outputFormat is the flag of the commands that print what they find.
type outputFormat struct {
	Format string `enum:"plain,json" default:"plain" help:"plain for people, or json: one value a line."`
}

func (f outputFormat) json() bool { return f.Format == "json" }

// group returns the group that the flags name.
func (e environment) group() (string, error) {
	if err := e.flags.validate(); err != nil {
		return "", err
	}
	group := e.flags.group()
	if group == "" {
		return "", cli.Usagef("no group: use --team N or --group NAME")
	}
	return group, nil
}

// client returns a client that is in no group.
func (e environment) client(more ...kgo.Opt) (*kgo.Client, error) {
	if err := e.flags.Validate(); err != nil {
		return nil, cli.UsageError{Err: err}
	}

	opts, err := e.flags.Opts(program+"-look", kafkaLog(e))
	if err != nil {
		return nil, cli.UsageError{Err: err}
	}
	return kgo.NewClient(append(opts, more...)...)
}

// isTerminal reports whether a reader or writer is a terminal.
func isTerminal(file any) bool {
	f, ok := file.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}
