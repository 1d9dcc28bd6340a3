package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kafka-workshop/internal/cli"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/report"
	"kafka-workshop/participant-client/story"
	"kafka-workshop/participant-client/worker"
	"kafka-workshop/participant-client/worker/screen"
)

// Flags of run that apply only to members of a consumer group, and those that apply only to workers of a share group.
var (
	memberFlags = []string{
		"from", "assignor", "session-timeout", "commit", "commit-interval", "slow", "filter", "type", "reason", "solve", "exactly-once",
	}
	workerFlags = []string{"lock", "on-poison"}
)

// checkFlags rejects flags that do not apply to the lesson.
func checkFlags(lesson workshop.Lesson, given []string) error {
	meaningless := workerFlags
	why := "belongs to --lesson queues"
	if lesson.Share {
		meaningless = memberFlags
		why = "means nothing in --lesson " + lesson.Name + ", where workers share a queue"
	}
	for _, name := range given {
		for _, flag := range meaningless {
			if name == flag {
				return cli.Usagef("--%s %s: remove it", name, why)
			}
		}
	}
	return nil
}

// runWorkers runs workers of a share group.
func (c *runCommand) runWorkers(env environment) error {
	cfg, err := c.workers(env.flags)
	if err != nil {
		return err
	}
	if err := cfg.Validate(); err != nil {
		return cli.UsageError{Err: err}
	}
	if c.format(env.stdout) == "tui" {
		return c.jobScreen(env, cfg)
	}
	return c.jobLines(env, cfg)
}

// jobScreen runs with the terminal screen. If the user quits a second time, it does not wait for the workers.
func (c *runCommand) jobScreen(env environment, cfg worker.Config) error {
	view := screen.New(screen.Config{
		Group: cfg.Group, Topic: cfg.Topic, Board: c.board(env.flags), Output: env.stdout,
	})
	workers, err := worker.New(cfg, view, nil) // the library's log would be painted over
	if err != nil {
		return cli.UsageError{Err: err}
	}

	ctx, leave := context.WithCancel(env.ctx)
	defer leave()
	result := make(chan error, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		result <- workers.Run(ctx, c.Instances)
	}()
	err = view.Run(env.ctx, workers, leave, ended)
	if errors.Is(err, screen.ErrHurried) {
		return err
	}
	leave()
	failed := <-result
	if err == nil && failed == nil {
		fmt.Fprintln(env.stdout, "done: "+workers.Snapshot().Totals.String())
	}
	return errors.Join(err, failed)
}

// workers returns the workers' configuration for the flags.
func (c *runCommand) workers(flags *commandLine) (worker.Config, error) {
	cfg := worker.Config{
		Kafka: flags.Config, Group: flags.group(), Topic: flags.topic(),
		Lock: c.Lock, OnPoison: c.OnPoison, MaxRecords: c.MaxRecords, Instance: instance,
	}
	switch {
	case cfg.Group == "":
		return cfg, cli.Usagef("no group: use --team N or --group NAME")
	case c.Instances < 0 || c.Instances > 100:
		return cfg, cli.Usagef("--instances %d: use 0 to 100", c.Instances)
	}

	cfg.ClientID = clientID(flags.Team, cfg.Group)
	if flags.Team > 0 && flags.Lesson.Stats {
		cfg.Stats, cfg.Team = flags.Stats(flags.Team), workshop.TeamID(flags.Team)
	}
	return cfg, nil
}

// jobLines runs with plain or JSON output. It ends without an error when stdout is closed.
func (c *runCommand) jobLines(env environment, cfg worker.Config) error {
	writers := c.newLineWriters(env)
	defer writers.close()
	out := report.PlainJobs(c.Instances > 1 || c.OnPoison == worker.Crash, env.stdout, env.stderr, writers.gone)
	if c.format(env.stdout) == "json" {
		out = report.JSONJobs(env.stdout, writers.gone)
	}
	workers, err := worker.New(cfg, out, kafkaLog(env))
	if err != nil {
		return cli.UsageError{Err: err}
	}

	board := c.board(env.flags)
	writers.start(out.Run)
	writers.start(board.Run)
	writers.start(func(ctx context.Context) { noteNews(ctx, board, out) })
	err = workers.Run(writers.ctx, c.Instances)
	writers.stop()
	_ = out.Flush() // its error is the cause of the writers' context
	return writers.finish(err)
}

// board returns a Board that follows the team on the leaderboard.
func (c *runCommand) board(flags *commandLine) *story.Board {
	return story.NewBoard(story.Config{Leaderboard: flags.Leaderboard, Team: flags.Team, Code: c.Code})
}

// noteNews writes the team's new badges, questions and their answers until ctx ends.
func noteNews(ctx context.Context, board *story.Board, out *report.Jobs) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			for _, s := range board.Advance(time.Now()) {
				out.Note(s)
			}
		}
	}
}
