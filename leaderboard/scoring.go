package main

import (
	"context"
	"errors"

	"kafka-workshop/leaderboard/game"
	"kafka-workshop/leaderboard/score"
)

// scoring runs a Scorer from wherever the referee says that the stored counts end: at a start, when
// this leaderboard takes the lock over, and at a new round.
type scoring struct {
	cfg    score.Config
	resume chan game.Resume // the latest, until it is taken
}

func newScoring(cfg score.Config) *scoring {
	return &scoring{cfg: cfg, resume: make(chan game.Resume, 1)}
}

// from is called by the referee, from one goroutine; it does not wait.
func (s *scoring) from(r game.Resume) {
	select {
	case <-s.resume: // an older one that was not taken yet
	default:
	}
	s.resume <- r
}

// run scores until ctx ends; a Scorer is at work from the first Resume on.
func (s *scoring) run(ctx context.Context, emit func(game.Scores)) error {
	var next game.Resume
	select {
	case <-ctx.Done():
		return ctx.Err()
	case next = <-s.resume:
	}
	for {
		cfg := s.cfg
		cfg.Resume = next
		scorer, err := score.New(cfg)
		if err != nil {
			return err
		}
		running, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- scorer.Run(running, emit) }()
		select {
		case err := <-ended:
			stop()
			return err
		case next = <-s.resume:
			stop()
			if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
				return err
			}
		}
	}
}
