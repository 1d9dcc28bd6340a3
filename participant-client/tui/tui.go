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

// Members are the members that keys act on.
type Members interface {
	Start() (int, error)
	Stop(instance int) error
	Crash(instance int) error
	Pause(instance int, on bool) error
	Slow(instance int, wait time.Duration) error
	Commit(ctx context.Context, instance int) error
	Rewind(ctx context.Context, instance int, to string) error
	Snapshot() member.Snapshot
}

// Config is what the screen needs beside what the members report.
type Config struct {
	story.Config
	Slow  time.Duration // what s slows a member to; 0 is 200 ms
	Flags bool          // members publish actions

	Input   io.Reader // nil is the terminal's
	Output  io.Writer // nil is stdout
	Environ []string  // nil is the process's
}

// ErrHurried is Run's error if the screen was quit a second time, before the members had left.
var ErrHurried = errors.New("quit before the members had left: the group waits for their session timeout")

// A Screen is a member.Sink that draws.
type Screen struct {
	cfg       Config
	story     *story.Story
	lastWords []string
}

// New returns a screen; Run draws it.
func New(cfg Config) *Screen { return &Screen{cfg: cfg, story: story.New(cfg.Config)} }

// Event keeps an event for the next frame. It never waits for the terminal.
func (s *Screen) Event(e member.Event) { s.story.Event(e) }

// Records does nothing: the screen polls counts, so that it never slows reading.
func (s *Screen) Records(int, []*kgo.Record) {}

// Flush has nothing to write.
func (s *Screen) Flush() error { return nil }

// Run draws until ended is closed, which says that all members have left. The key q, or the end of ctx, calls leave; then the
// screen shows how the members leave. A second q returns ErrHurried at once.
func (s *Screen) Run(ctx context.Context, members Members, leave func(), ended <-chan struct{}) error {
	environ := s.cfg.Environ
	if environ == nil {
		environ = os.Environ()
	}
	m := newModel(s.cfg, members, s.story, leave)
	m.plain = noColour(environ)
	p := tea.NewProgram(m, s.options(environ, m.plain)...)

	running, stop := context.WithCancel(context.Background())
	var helpers sync.WaitGroup
	helpers.Go(func() { s.story.PollLeaderboard(running) })
	helpers.Go(func() { forwardEnd(p, ctx.Done(), ended, running.Done()) })
	m.jobs = newJobs()
	helpers.Go(func() { forwardJobs(p, m.jobs, running.Done()) })
	_, err := p.Run()
	stop()
	helpers.Wait()
	m.jobs.close()

	m.advance() // to the end of the members that left last
	s.lastWords = m.lastWords()

	if m.hurried {
		return ErrHurried
	}
	return err
}

// LastWords are how the members left, for the shell's screen. They are known once Run has returned.
func (s *Screen) LastWords() []string { return s.lastWords }

func (s *Screen) options(environ []string, plain bool) []tea.ProgramOption {
	options := []tea.ProgramOption{tea.WithoutSignalHandler(), tea.WithEnvironment(environ), tea.WithFPS(30)}
	if plain {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	if s.cfg.Input != nil {
		options = append(options, tea.WithInput(s.cfg.Input))
	}
	if s.cfg.Output != nil {
		options = append(options, tea.WithOutput(s.cfg.Output))
	}
	return options
}

// forwardEnd makes the program leave when told to, and quit when all members have left.
func forwardEnd(p *tea.Program, told, ended, stopped <-chan struct{}) {
	for {
		select {
		case <-told:
			told = nil
			p.Send(leaveMsg{})
		case <-ended:
			p.Quit()
			return
		case <-stopped:
			return
		}
	}
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
