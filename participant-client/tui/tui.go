// Package tui is the terminal's full-screen view: the topic's partitions as lanes coloured by their
// owner, what happens to the group and what it means, and keys to make it happen. It draws what the
// members report and decides nothing; lines for pipes are package report's.
package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A Crew is the members that the keys work on.
type Crew interface {
	Start() (int, error)
	Stop(instance int) error
	Crash(instance int) error
	Pause(instance int, on bool) error
	Slow(instance int, wait time.Duration) error
	Commit(ctx context.Context, instance int) error
	Rewind(ctx context.Context, instance int, to string) error
	Snapshot() member.Snapshot
}

// Config says what the screen is told beside what the members report.
type Config struct {
	story.Config
	Slow  time.Duration // what s slows a member to; 0 is 200 ms
	Flags bool          // members publish actions

	Input   io.Reader // nil is the terminal's
	Output  io.Writer // nil is stdout
	Environ []string  // nil is the process's
}

// ErrHurried is Run's error when it was quit a second time, before the members had left.
var ErrHurried = errors.New("quit before the members had left: the group waits for their session timeout")

// A Screen is a member.Sink that draws.
type Screen struct {
	cfg   Config
	story *story.Story
}

// New makes a screen; Run draws it.
func New(cfg Config) *Screen { return &Screen{cfg: cfg, story: story.New(cfg.Config)} }

// Event keeps what happened for the next frame. It never waits for the terminal.
func (s *Screen) Event(e member.Event) { s.story.Event(e) }

// Records does nothing: the screen polls counts, so that it never slows consuming.
func (s *Screen) Records(int, []*kgo.Record) {}

// Flush has nothing to write.
func (s *Screen) Flush() error { return nil }

// Run draws until ended is closed, which says that all members have left. The key q, and the end of
// ctx, call leave; after that the screen shows how they go. A second q gives ErrHurried at once.
func (s *Screen) Run(ctx context.Context, crew Crew, leave func(), ended <-chan struct{}) error {
	environ := s.cfg.Environ
	if environ == nil {
		environ = os.Environ()
	}
	m := newModel(s.cfg, crew, s.story, leave)
	options := []tea.ProgramOption{tea.WithoutSignalHandler(), tea.WithEnvironment(environ), tea.WithFPS(30)}
	if m.plain = noColour(environ); m.plain {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	if s.cfg.Input != nil {
		options = append(options, tea.WithInput(s.cfg.Input))
	}
	if s.cfg.Output != nil {
		options = append(options, tea.WithOutput(s.cfg.Output))
	}
	p := tea.NewProgram(m, options...)
	running, stop := context.WithCancel(context.Background())
	var helpers sync.WaitGroup
	helpers.Go(func() { s.story.PollLeaderboard(running) })
	helpers.Go(func() {
		over := ctx.Done()
		for {
			select {
			case <-over:
				over = nil
				p.Send(leaveMsg{})
			case <-ended:
				p.Quit()
				return
			case <-running.Done():
				return
			}
		}
	})
	_, err := p.Run()
	stop()
	helpers.Wait()
	if m.hurried {
		return ErrHurried
	}
	return err
}

// noColour reads NO_COLOR as its standard says: any value but an empty one.
func noColour(environ []string) bool {
	off := false
	for _, v := range environ {
		if len(v) >= 9 && v[:9] == "NO_COLOR=" {
			off = len(v) > 9
		}
	}
	return off
}
