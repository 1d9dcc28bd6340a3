package main

import (
	"context"
	"errors"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/tui"
)

// screen runs with the full-screen view. When it is quit a second time, the members are not waited for.
func (c *runCommand) screen(env environment, cfg member.Config) error {
	flags := *env.flags
	flags.LogLevel = "info" // the library's log would be painted over
	quiet := environment{ctx: env.ctx, flags: &flags, stdout: env.stdout, stderr: env.stderr}
	show := c.shown(env, cfg)
	show.Output = env.stdout
	screen := tui.New(show)
	ctx, leave := context.WithCancel(env.ctx)
	defer leave()
	made, ended := make(chan *member.Crew, 1), make(chan error, 1)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		ended <- c.crew(ctx, quiet, cfg, screen, func(crew *member.Crew) { made <- crew })
	}()
	var crew *member.Crew
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

// shown is what a screen is told beside what the members report.
func (c *runCommand) shown(env environment, cfg member.Config) tui.Config {
	interval := cfg.CommitInterval
	if cfg.Manual || cfg.TransactionalID != nil {
		interval = 0
	}
	return tui.Config{
		Group: cfg.Group, Topic: cfg.Topic, Team: env.flags.Team, Assignor: cfg.Assignor, CommitInterval: interval,
		SessionTimeout: cfg.SessionTimeout, Slow: cfg.Slow, Flags: cfg.Handler != nil, Leaderboard: c.Leaderboard,
	}
}
