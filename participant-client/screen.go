package main

import (
	"context"
	"errors"
	"fmt"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"
	"kafka-workshop/participant-client/tui"
)

// screen runs with the terminal screen. If the user quits a second time, it does not wait for the members.
func (c *runCommand) screen(env environment, cfg member.Config) error {
	flags := *env.flags
	flags.LogLevel = "info" // the library's log would be painted over
	quiet := environment{ctx: env.ctx, flags: &flags, stdout: env.stdout, stderr: env.stderr}

	screen := tui.New(tui.Config{Config: c.story(env, cfg), Slow: cfg.Slow, Flags: cfg.Handler != nil, Output: env.stdout})
	ctx, leave := context.WithCancel(env.ctx)
	defer leave()
	started := make(chan *member.Group, 1)
	result := make(chan error, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		result <- c.runMembers(ctx, quiet, cfg, screen, func(members *member.Group) { started <- members })
	}()

	var members *member.Group
	select {
	case members = <-started:
	case err := <-result:
		return err
	}
	err := screen.Run(env.ctx, members, leave, ended)
	if errors.Is(err, tui.ErrHurried) {
		return err
	}
	leave()
	failed := <-result
	if env.ctx.Err() != nil {
		err = nil // the terminal may be gone, and its errors mean no more than that
	}
	for _, text := range screen.LastWords() {
		fmt.Fprintln(env.stdout, text)
	}
	if last, ok := endOf(members, cfg); ok {
		fmt.Fprintln(env.stdout, last)
	}
	return errors.Join(err, failed)
}

// story returns the configuration of the sentences that explain events.
func (c *runCommand) story(env environment, cfg member.Config) story.Config {
	interval := cfg.CommitInterval
	if cfg.Manual || cfg.TransactionalID != nil {
		interval = 0
	}
	return story.Config{
		Group: cfg.Group, Topic: cfg.Topic, Team: env.flags.Team, Host: hostname(), Assignor: cfg.Assignor, CommitInterval: interval,
		SessionTimeout: cfg.SessionTimeout, Leaderboard: env.flags.Leaderboard, Code: c.Code,
	}
}
