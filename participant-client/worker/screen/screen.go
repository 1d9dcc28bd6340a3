// Package screen is the terminal screen of workers of a share group: what each of them holds, for how long it is
// locked, and what happens to it.
package screen

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	"kafka-workshop/participant-client/story"
	"kafka-workshop/participant-client/tui"
	"kafka-workshop/participant-client/worker"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Workers are the workers that keys act on.
type Workers interface {
	Start() (int, error)
	Stop(number int) error
	Crash(number int) error
	Release(number int) error
	Reject(number int) error
	Snapshot() worker.Snapshot
}

// Config is what the screen needs in addition to what the workers report.
type Config struct {
	Group, Topic string
	Board        *story.Board

	Input   io.Reader // nil is the terminal's
	Output  io.Writer // nil is stdout
	Environ []string  // nil is the process's
}

// ErrHurried is Run's error if the screen was quit a second time, before the workers had left.
var ErrHurried = errors.New("quit before the workers had left: what they held is free at once, but the group keeps them until their session ends")

// A Screen is a worker.Sink that draws.
type Screen struct {
	cfg Config

	mu     sync.Mutex // guards events
	events []worker.Event
}

// New returns a screen; Run draws it.
func New(cfg Config) *Screen {
	if cfg.Board == nil {
		cfg.Board = story.NewBoard(story.Config{})
	}
	return &Screen{cfg: cfg}
}

// inboxSize is how many events wait for the next frame, the newest if there are more.
const inboxSize = 512

// Event stores an event for the next frame. It never waits for the terminal.
func (s *Screen) Event(e worker.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.events) == inboxSize {
		s.events = slices.Delete(s.events, 0, inboxSize/2)
	}
	s.events = append(s.events, e)
}

func (s *Screen) drain() []worker.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.events
	s.events = nil
	return out
}

// Record does nothing: what a worker holds is in its status.
func (s *Screen) Record(int, *kgo.Record) {}

// Flush has nothing to write.
func (s *Screen) Flush() error { return nil }

// Run draws until ended is closed, which means that all workers have left. The key q, or the end of ctx, calls leave;
// then the screen shows how the workers leave. A second q returns ErrHurried at once.
func (s *Screen) Run(ctx context.Context, workers Workers, leave func(), ended <-chan struct{}) error {
	m := newModel(s.cfg, workers, s.drain, leave)
	m.jobs = tui.NewJobs()
	on := tui.Terminal{Input: s.cfg.Input, Output: s.cfg.Output, Environ: s.cfg.Environ}
	err := on.Run(ctx, m, m.jobs, s.cfg.Board.Run, ended)
	if m.hurried {
		return ErrHurried
	}
	return err
}
