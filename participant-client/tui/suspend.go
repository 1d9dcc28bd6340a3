package tui

import (
	"fmt"
	"io"
	"time"

	"kafka-workshop/participant-client/story"

	tea "charm.land/bubbletea/v2"
)

// maxLastWords limits how many members that ended are listed on the shell's screen.
const maxLastWords = 10

// A ContinueMsg reports that the process was stopped and continues: what the terminal shows, and how it passes keys, is
// unknown.
type ContinueMsg struct{}

// suspend shows the shell's screen and stops the process. The members are silent meanwhile.
func (m *model) suspend() tea.Cmd {
	if m.jobs == nil || m.leaving {
		return nil
	}
	return m.jobs.Suspend("Suspended: no heartbeats, so the group waits for the session timeout" + m.timeoutText() + ". fg continues.")
}

// Suspend shows the shell's screen with a text and stops the process.
func (j *Jobs) Suspend(text string) tea.Cmd { return tea.Exec(&away{do: j.suspend, text: text}, nil) }

// timeoutText returns the session timeout in brackets, if it is known.
func (m *model) timeoutText() string {
	if m.cfg.SessionTimeout == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s)", m.cfg.SessionTimeout)
}

// Restore takes over the terminal again, after a ContinueMsg.
func Restore() tea.Cmd { return tea.Exec(&away{do: func() {}}, nil) }

// away runs while the shell has its screen back.
type away struct {
	do   func()
	text string // shown on the shell's screen
	out  io.Writer
}

// rendererStops is how long bubbletea may take to stop its ticker. It does so in a goroutine that it does not wait for: one that
// runs late stops the ticker of the renderer that is started next, and then nothing is drawn any more.
const rendererStops = 100 * time.Millisecond

func (a *away) Run() error {
	time.Sleep(rendererStops)
	if a.text != "" {
		fmt.Fprintln(a.out, a.text)
	}
	a.do()
	return nil
}

func (a *away) SetStdin(io.Reader)      {}
func (a *away) SetStdout(out io.Writer) { a.out = out }
func (a *away) SetStderr(io.Writer)     {}

// forwardJobs tells the program that the process continues, until stopped is closed.
func forwardJobs(p *tea.Program, j *Jobs, stopped <-chan struct{}) {
	for {
		select {
		case <-j.continued:
			p.Send(ContinueMsg{})
		case <-stopped:
			return
		}
	}
}

// lastWords returns how the members of this process ended since the user quit, the newest last.
func (m *model) lastWords() []string {
	var out []string
	for _, said := range m.history {
		if said.Kind == story.Closed && !said.At.Before(m.leftAt) {
			out = append(out, said.Text())
		}
	}
	return out[max(len(out)-maxLastWords, 0):]
}
