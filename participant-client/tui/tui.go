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

// Config is what the screen needs in addition to what the members report.
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

// Event stores an event for the next frame. It never waits for the terminal.
func (s *Screen) Event(e member.Event) { s.story.Event(e) }

// Records does nothing: the screen polls counts, so that it never slows reading.
func (s *Screen) Records(int, []*kgo.Record) {}

// Flush has nothing to write.
func (s *Screen) Flush() error { return nil }

// Run draws until ended is closed, which means that all members have left. The key q, or the end of ctx, calls leave;
// then the screen shows how the members leave. A second q returns ErrHurried at once.
func (s *Screen) Run(ctx context.Context, members Members, leave func(), ended <-chan struct{}) error {
	m := newModel(s.cfg, members, s.story, leave)
	on := Terminal{Input: s.cfg.Input, Output: s.cfg.Output, Environ: s.cfg.Environ}
	m.plain = on.plain()
	m.jobs = NewJobs()
	err := on.Run(ctx, m, m.jobs, s.story.PollLeaderboard, ended)

	m.advance() // to the end of the members that left last
	s.lastWords = m.lastWords()

	if m.hurried {
		return ErrHurried
	}
	return err
}

// LastWords returns how the members left, for the shell's screen. They are known once Run has returned.
func (s *Screen) LastWords() []string { return s.lastWords }

// A Terminal is where a model is drawn. Nil streams and a nil environment are the process's.
type Terminal struct {
	Input   io.Reader
	Output  io.Writer
	Environ []string
}

func (t Terminal) environ() []string {
	if t.Environ == nil {
		return os.Environ()
	}
	return t.Environ
}

// plain reports whether colours are off.
func (t Terminal) plain() bool { return noColour(t.environ()) }

// Run draws a model until it quits, or until ended is closed. The end of ctx sends it a LeaveMsg; a process that was
// stopped and continues sends a ContinueMsg. Run calls beside in another goroutine.
func (t Terminal) Run(ctx context.Context, m tea.Model, j *Jobs, beside func(context.Context), ended <-chan struct{}) error {
	p := tea.NewProgram(m, t.options()...)
	running, stop := context.WithCancel(context.Background())
	var helpers sync.WaitGroup
	helpers.Go(func() { beside(running) })
	helpers.Go(func() { forwardEnd(p, ctx.Done(), ended, running.Done()) })
	helpers.Go(func() { forwardJobs(p, j, running.Done()) })

	_, err := p.Run()
	stop()
	helpers.Wait()
	j.close()
	return err
}

func (t Terminal) options() []tea.ProgramOption {
	options := []tea.ProgramOption{tea.WithoutSignalHandler(), tea.WithEnvironment(t.environ()), tea.WithFPS(30)}
	if t.plain() {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	if t.Input != nil {
		options = append(options, tea.WithInput(t.Input))
	}
	if t.Output != nil {
		options = append(options, tea.WithOutput(t.Output))
	}
	return options
}

// forwardEnd makes the program leave when asked to, and quit when all members have left.
func forwardEnd(p *tea.Program, told, ended, stopped <-chan struct{}) {
	for {
		select {
		case <-told:
			told = nil
			p.Send(LeaveMsg{})
		case <-ended:
			p.Quit()
			return
		case <-stopped:
			return
		}
	}
}

// noColour interprets NO_COLOR by its standard: any value except an empty one.
func noColour(environ []string) bool {
	off := false
	for _, v := range environ {
		if len(v) >= 9 && v[:9] == "NO_COLOR=" {
			off = len(v) > 9
		}
	}
	return off
}
