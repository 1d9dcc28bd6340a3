package main

import (
	"context"
	"errors"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"
	"kafka-workshop/participant-client/tui"
)

// screen runs with the full-screen view. When it is quit a second time, the members are not waited for.
func (c *runCommand) screen(env environment, cfg member.Config) error {
	flags := *env.flags
	flags.LogLevel = "info" // the library's log would be painted over
	quiet := environment{ctx: env.ctx, flags: &flags, stdout: env.stdout, stderr: env.stderr}
	screen := tui.New(tui.Config{Config: c.story(env, cfg), Slow: cfg.Slow, Flags: cfg.Handler != nil, Output: env.stdout})
	ctx, leave := context.WithCancel(env.ctx)
	defer leave()
	made, ended := make(chan *member.Group, 1), make(chan error, 1)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		ended <- c.crew(ctx, quiet, cfg, screen, func(crew *member.Group) { made <- crew })
	}()
	var crew *member.Group
	select {
	case crew = <-made:
	case err := <-ended:
		return err
	}
	shown := screen.Run(env.ctx, crew, leave, gone)
	if errors.Is(shown, tui.ErrHurried) {
		return shown
	}
	leave()
	return errors.Join(shown, <-ended)
}

// story is what sentences need to know beside what the members report.
func (c *runCommand) story(env environment, cfg member.Config) story.Config {
	interval := cfg.CommitInterval
	if cfg.Manual || cfg.TransactionalID != nil {
		interval = 0
	}
	return story.Config{
		Group: cfg.Group, Topic: cfg.Topic, Team: env.flags.Team, Assignor: cfg.Assignor, CommitInterval: interval,
		SessionTimeout: cfg.SessionTimeout, Leaderboard: c.Leaderboard,
	}
}
