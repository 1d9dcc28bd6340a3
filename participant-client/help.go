package main

import (
	"fmt"
	"io"

	"kafka-workshop/internal/cli"

	"github.com/alecthomas/kong"
)

// helpCommand prints what --help of a command does.
type helpCommand struct {
	Command []string `arg:"" optional:"" complete:"commands" help:"The command to explain, as in: tail, or: offsets set."`
}

// Run is called by the command line.
func (c *helpCommand) Run(env environment, app *kong.Kong) error {
	if err := cli.KnownCommand(app.Model, c.Command); err != nil {
		return err
	}
	return run(env.ctx, append(c.Command, "--help"), env.stdout, env.stderr)
}

// completionCommand prints a script that makes a shell complete this program's commands, flags and values.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish,powershell" help:"bash, zsh, fish or powershell."`
}

// Run is called by the command line.
func (c *completionCommand) Run(env environment, app *kong.Kong) error {
	_, err := io.WriteString(env.stdout, cli.CompletionScript(app.Model, c.Shell))
	return err
}

// completeCommand is what the scripts call.
type completeCommand struct {
	Current string   `help:"What is typed of the word to complete."`
	Words   []string `arg:"" optional:"" help:"The words before it."`
}

// Run is called by the command line.
func (c *completeCommand) Run(env environment, app *kong.Kong) error {
	for _, found := range cli.Complete(app.Model, c.Words, c.Current) {
		if _, err := fmt.Fprintf(env.stdout, "%s\t%s\n", found.Word, found.Help); err != nil {
			return err
		}
	}
	return nil
}
