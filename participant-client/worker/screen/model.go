package screen

import (
	"fmt"
	"slices"
	"time"

	"kafka-workshop/participant-client/story"
	"kafka-workshop/participant-client/tui"
	"kafka-workshop/participant-client/worker"

	"charm.land/bubbles/v2/help"
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

const (
	frame       = 100 * time.Millisecond
	historySize = 200
	doneSize    = 60
	rateSpan    = 5 * time.Second // over which the rate is measured
	messageFor  = 4 * time.Second
	lessonFor   = 12 * time.Second
)

type frameMsg time.Time

// A line is a sentence about the past.
type line struct {
	at     time.Time
	worker int
	text   string
	kind   worker.Kind
}

// A model is the screen's state, which bubbletea updates and draws.
type model struct {
	cfg     Config
	workers Workers
	drain   func() []worker.Event
	leave   func()

	jobs *tui.Jobs // nil until it runs

	keys   keys
	help   help.Model
	paint  tui.Palette
	dark   bool
	few    bool // 256 colours or fewer
	ground tea.BackgroundColorMsg

	width, height int
	chosen        int // the worker that keys act on; 0 for none
	focus         focus
	leaving       bool
	hurried       bool

	ask        *tui.Ask
	figures    tui.Figures
	now        worker.Snapshot
	history    []line
	done       []worker.Event // the last accepted, the newest last
	acceptedAt []time.Time    // within rateSpan
	message    string         // the result of a key, or a lesson, until messageEnd
	messageEnd time.Time
	lesson     bool
}

func newModel(cfg Config, workers Workers, drain func() []worker.Event, leave func()) *model {
	m := &model{cfg: cfg, workers: workers, drain: drain, leave: leave, keys: newKeys(), help: help.New(), dark: true, ask: tui.NewAsk(cfg.Board)}
	m.setPaint()
	return m
}

func (m *model) setPaint() {
	m.paint = tui.NewPalette(m.dark, m.ground.Color, m.few)
	s := &m.help.Styles
	s.ShortKey, s.ShortDesc, s.ShortSeparator, s.Ellipsis = m.paint.Strong, m.paint.Soft, m.paint.Faint, m.paint.Faint
}

// Init asks for the terminal's background and starts the frames.
func (m *model) Init() tea.Cmd { return tea.Batch(tea.RequestBackgroundColor, next()) }

func next() tea.Cmd { return tea.Tick(frame, func(t time.Time) tea.Msg { return frameMsg(t) }) }

// Update handles a message.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case frameMsg:
		m.advance()
		return m, next()
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.dark, m.ground = msg.IsDark(), msg
		m.setPaint()
	case tea.ColorProfileMsg:
		m.few = msg.Profile < colorprofile.TrueColor
		m.setPaint()
	case tui.LeaveMsg:
		m.leaveGroup()
	case tui.ContinueMsg:
		return m, tui.Restore()
	case tui.DoneMsg:
		m.say(msg.Said, false)
	case tea.KeyPressMsg:
		return m, m.press(msg)
	}
	return m, nil
}

// advance advances the model to the current time.
func (m *model) advance() {
	m.now = m.workers.Snapshot()
	for _, e := range m.drain() {
		m.handle(e)
	}
	for _, s := range m.cfg.Board.Advance(m.now.At) {
		m.ask.Note(s, m.now.At)
		m.remember(line{at: s.At, text: s.String(), kind: worker.Lesson})
		if s.Kind == story.BadgeAwarded {
			m.say(s.String(), true)
		}
	}
	if m.focus == onVote && !m.asked() {
		m.focus = onBoard
	}

	m.acceptedAt = slices.DeleteFunc(m.acceptedAt, func(at time.Time) bool { return m.now.At.Sub(at) > rateSpan })
	if !slices.ContainsFunc(m.now.Workers, func(w worker.Status) bool { return w.Number == m.chosen && w.State != worker.Dead }) {
		m.chosen = 0
		for _, w := range slices.Backward(m.now.Workers) {
			if w.State != worker.Dead {
				m.chosen = w.Number
			}
		}
	}
}

// asked reports whether there is a question to show, or an answer.
func (m *model) asked() bool { return m.ask.Now(m.now.At) != nil }

// handle processes an event. What happens to every record is drawn elsewhere.
func (m *model) handle(e worker.Event) {
	switch e.Kind {
	case worker.Acquired:
		return
	case worker.Accepted:
		m.acceptedAt = append(m.acceptedAt, e.At)
		m.done = append(m.done, e)
		m.done = m.done[max(len(m.done)-doneSize, 0):]
		return
	case worker.Closed:
		if e.Worker == 0 {
			return
		}
	case worker.Lesson:
		m.say(e.Text, true)
	}
	m.remember(line{at: e.At, worker: e.Worker, text: e.String(), kind: e.Kind})
}

func (m *model) remember(l line) {
	m.history = append(m.history, l)
	m.history = m.history[max(len(m.history)-historySize, 0):]
}

func (m *model) say(text string, lesson bool) {
	if text == "" {
		return
	}
	m.message, m.lesson, m.messageEnd = text, lesson, m.now.At.Add(messageFor)
	if lesson {
		m.messageEnd = m.now.At.Add(lessonFor)
	}
}

// leaveGroup makes the workers leave; the screen continues until they have left.
func (m *model) leaveGroup() {
	if !m.leaving {
		m.leaving, m.focus = true, onBoard
		m.leave()
	}
}

// press handles a key.
func (m *model) press(msg tea.KeyPressMsg) tea.Cmd {
	k := &m.keys
	m.allowKeys()
	result := func(said string, err error) {
		if err != nil {
			said = err.Error()
		}
		m.say(said, false)
	}
	switch {
	case key.Matches(msg, k.leave):
		if m.leaving {
			m.hurried = true
			return tea.Quit
		}
		m.leaveGroup()
	case key.Matches(msg, k.repaint):
		return tea.ClearScreen
	case key.Matches(msg, k.suspend):
		return m.suspend()
	case key.Matches(msg, k.help):
		m.focus = toggle(m.focus, onHelp)
	case key.Matches(msg, k.back):
		m.focus = onBoard
	case key.Matches(msg, k.predict):
		m.focus = toggle(m.focus, onVote)
	case key.Matches(msg, k.vote):
		return m.ask.Vote(msg.String(), m.now.At)
	case key.Matches(msg, k.choose):
		m.choose(msg.String())
	case key.Matches(msg, k.start):
		n, err := m.workers.Start()
		if err == nil {
			m.chosen = n
		}
		result(fmt.Sprintf("worker %d joins", n), err)
	case key.Matches(msg, k.stop):
		result(fmt.Sprintf("worker %d gives back what it holds and leaves", m.chosen), m.workers.Stop(m.chosen))
	case key.Matches(msg, k.crash):
		result("", m.workers.Crash(m.chosen))
	case key.Matches(msg, k.release):
		result("", m.workers.Release(m.chosen))
	case key.Matches(msg, k.reject):
		result("", m.workers.Reject(m.chosen))
	}
	return nil
}

func toggle(now, to focus) focus {
	if now == to {
		return onBoard
	}
	return to
}

// suspend shows the shell's screen and stops the process.
func (m *model) suspend() tea.Cmd {
	if m.jobs == nil {
		return nil
	}
	return m.jobs.Suspend("Suspended: no heartbeats, and what the workers hold waits until its lock ends. fg continues.")
}

// choose chooses a worker by its number, or the next one.
func (m *model) choose(pressed string) {
	own := m.now.Workers
	at := slices.IndexFunc(own, func(w worker.Status) bool { return w.Number == m.chosen })
	switch pressed {
	case "left":
		at += len(own) - 1
	case "right", "tab":
		at++
	default:
		at = slices.IndexFunc(own, func(w worker.Status) bool { return fmt.Sprint(w.Number) == pressed })
	}
	if at >= 0 && len(own) > 0 && own[at%len(own)].State != worker.Dead {
		m.chosen = own[at%len(own)].Number
	}
}
