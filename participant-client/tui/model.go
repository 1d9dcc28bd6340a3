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
	leaveMsg struct{}
	doneMsg  struct{ said string } // a key's work that had to wait for the broker
)

// A model is what bubbletea runs: a pointer, for it is one screen for one run.
type model struct {
	cfg   Config
	crew  Crew
	leave func()

	keys  keys
	help  help.Model
	theme theme
	plain bool // no colours
	few   bool // 256 of them, or fewer

	width, height int
	focus         focus
	chosen        int // instance that the keys work on; 0 for none
	asking        bool
	leaving       bool
	hurried       bool

	story   *story.Story
	history []story.Sentence
	widest  map[string]int // of each large figure so far, in cells
	note    string         // what a key answered
	noteEnd time.Time
}

func newModel(cfg Config, crew Crew, s *story.Story, leave func()) *model {
	m := &model{
		cfg: cfg, crew: crew, leave: leave, keys: newKeys(), help: help.New(), story: s, widest: map[string]int{},
	}
	m.paint(newTheme(true, nil, false))
	return m
}

func (m *model) paint(t theme) {
	m.theme = t
	s := &m.help.Styles
	s.ShortKey, s.ShortDesc, s.ShortSeparator, s.Ellipsis = t.strong, t.soft, t.faint, t.faint
}

// Init asks for the terminal's background and starts the frames.
func (m *model) Init() tea.Cmd { return tea.Batch(tea.RequestBackgroundColor, next()) }

func next() tea.Cmd { return tea.Tick(frame, func(t time.Time) tea.Msg { return frameMsg(t) }) }

// Update takes one message.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case frameMsg:
		m.look()
		return m, next()
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.paint(newTheme(msg.IsDark(), msg.Color, m.few))
	case tea.ColorProfileMsg:
		m.few = msg.Profile < colorprofile.TrueColor
		m.paint(newTheme(m.theme.dark, m.theme.ground, m.few))
	case leaveMsg:
		m.goodbye()
	case doneMsg:
		m.answer(msg.said)
	case tea.KeyPressMsg:
		return m, m.press(msg)
	}
	return m, nil
}

// look takes in what happened since the last frame.
func (m *model) look() {
	for _, e := range m.story.Advance(m.crew.Snapshot()) {
		if e.Kind == story.BadgeAwarded {
			m.answer(e.String())
		}
		if !e.Aside {
			m.remember(e)
		}
	}
	m.choose()
}

func (m *model) remember(e story.Sentence) {
	m.history = append(m.history, e)
	if len(m.history) > historySize {
		m.history = slices.Delete(m.history, 0, len(m.history)-historySize)
	}
}

func (m *model) answer(text string) {
	if text != "" {
		m.note, m.noteEnd = text, m.story.Scene.Now.Add(4*time.Second)
	}
}

// choose keeps the keys on a member that is there.
func (m *model) choose() {
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

// goodbye makes the members leave; the screen goes on until they have.
func (m *model) goodbye() {
	if !m.leaving {
		m.leaving, m.asking, m.focus = true, false, onBoard
		m.leave()
	}
}
