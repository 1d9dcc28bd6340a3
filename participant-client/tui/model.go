package tui

import (
	"slices"
	"time"

	"kafka-workshop/participant-client/story"

	"charm.land/bubbles/v2/help"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

const (
	frame       = 100 * time.Millisecond
	historySize = 200
	slowTo      = 200 * time.Millisecond
)

type (
	frameMsg time.Time

	// LeaveMsg tells a model that the process is asked to end.
	LeaveMsg struct{}
	// DoneMsg is the result of a key that had to wait for an answer.
	DoneMsg struct{ Said string }
)

// A model is the screen's state, which bubbletea updates and draws.
type model struct {
	cfg     Config
	members Members
	leave   func()
	jobs    *Jobs // nil until it runs

	keys  keys
	help  help.Model
	theme theme
	paint Palette // of the theme
	plain bool    // no colours
	few   bool    // 256 colours or fewer

	width, height int
	focus         focus
	chosen        int // instance that keys act on; 0 for none
	asking        bool
	leaving       bool
	leftAt        time.Time // when leaving began
	hurried       bool

	story      *story.Story
	ask        *Ask
	figures    Figures
	history    []story.Sentence
	message    string // the result of a key, until messageEnd
	messageEnd time.Time
}

func newModel(cfg Config, members Members, s *story.Story, leave func()) *model {
	m := &model{
		cfg: cfg, members: members, leave: leave, keys: newKeys(), help: help.New(), story: s, ask: NewAsk(s.Board),
	}
	m.setTheme(newTheme(true, nil, false))
	return m
}

func (m *model) setTheme(t theme) {
	m.theme = t
	m.paint = t.palette()
	s := &m.help.Styles
	s.ShortKey, s.ShortDesc, s.ShortSeparator, s.Ellipsis = t.strong, t.soft, t.faint, t.faint
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
		m.setTheme(newTheme(msg.IsDark(), msg.Color, m.few))
	case tea.ColorProfileMsg:
		m.plain = m.plain || msg.Profile <= colorprofile.ASCII
		m.few = msg.Profile < colorprofile.TrueColor
		m.setTheme(newTheme(m.theme.dark, m.theme.ground, m.few))
	case LeaveMsg:
		m.leaveGroup()
	case ContinueMsg:
		return m, Restore()
	case DoneMsg:
		m.note(msg.Said)
	case tea.KeyPressMsg:
		return m, m.press(msg)
	}
	return m, nil
}

// advance advances the model to the current time.
func (m *model) advance() {
	for _, e := range m.story.Advance(m.members.Snapshot()) {
		m.ask.Note(e, m.story.Scene.Now)
		if e.Kind == story.BadgeAwarded {
			m.note(e.String())
		}
		if !e.Aside {
			m.addHistory(e)
		}
	}
	m.keepChoice()
	if m.focus == onVote && !m.asked() {
		m.focus = onBoard
	}
}

// asked reports whether there is a question to show, or an answer.
func (m *model) asked() bool { return m.ask.Now(m.story.Scene.Now) != nil }

func (m *model) addHistory(e story.Sentence) {
	m.history = append(m.history, e)
	if len(m.history) > historySize {
		m.history = slices.Delete(m.history, 0, len(m.history)-historySize)
	}
}

func (m *model) note(text string) {
	if text != "" {
		m.message, m.messageEnd = text, m.story.Scene.Now.Add(4*time.Second)
	}
}

// keepChoice makes keys act on a member that exists.
func (m *model) keepChoice() {
	own := m.story.Scene.Own()
	if slices.ContainsFunc(own, func(a story.Actor) bool { return a.Instance == m.chosen && !a.Dead() }) {
		return
	}
	m.chosen = 0
	for _, a := range own {
		if !a.Dead() {
			m.chosen = a.Instance
			return
		}
	}
}

// leaveGroup makes the members leave; the screen continues until they have left.
func (m *model) leaveGroup() {
	if !m.leaving {
		m.leaving, m.asking, m.focus = true, false, onBoard
		m.leftAt = m.story.Scene.Now
		m.leave()
	}
}
