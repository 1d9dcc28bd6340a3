package tui

import (
	"fmt"
	"slices"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/report"

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

// An entry is one line of the timeline.
type entry struct {
	at       time.Time
	instance int // of ours; 0 for others
	text     string
	kind     entryKind
}

type entryKind int

const (
	happened entryKind = iota
	lesson
	trouble
	earned
)

// A model is what bubbletea runs: a pointer, for it is one screen for one run.
type model struct {
	cfg   Config
	crew  Crew
	inbox *inbox
	poll  *poller // nil without a leaderboard
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

	memory  *memory
	scene   scene
	lessons *lessons
	words   report.Words
	history []entry
	team    team
	teamAt  time.Time
	widest  map[string]int // of each large figure so far, in cells
	note    string         // what a key answered
	noteEnd time.Time
}

func newModel(cfg Config, crew Crew, in *inbox, leave func()) *model {
	m := &model{
		cfg: cfg, crew: crew, inbox: in, leave: leave, keys: newKeys(), help: help.New(),
		memory: newMemory(cfg.Group), lessons: newLessons(cfg), scene: scene{lag: -1}, widest: map[string]int{},
	}
	m.words = report.Words{Group: cfg.Group, Partitions: func() int { return len(m.scene.lanes) }}
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
	board := map[string]int{}
	if m.poll != nil {
		t, at := m.poll.last()
		m.celebrate(t, at)
		for _, tm := range m.team.Members {
			board[tm.ID] = tm.Colour
		}
	}
	m.scene = m.memory.see(m.crew.Snapshot(), board)
	for _, e := range m.inbox.take() {
		m.lessons.hear(e, &m.scene)
		if text := m.words.Say(e); text != "" {
			kind := happened
			if e.Kind == member.Fault && !e.Healed {
				kind = trouble
			}
			m.remember(entry{e.At, e.Instance, text, kind})
		}
	}
	before := len(m.lessons.said)
	m.lessons.watch(&m.scene)
	if len(m.lessons.said) > before {
		m.remember(entry{m.scene.now, 0, m.lessons.newest, lesson})
	}
	m.choose()
}

func (m *model) remember(e entry) {
	m.history = append(m.history, e)
	if len(m.history) > historySize {
		m.history = slices.Delete(m.history, 0, len(m.history)-historySize)
	}
}

// celebrate notes badges that are new since the last answer; the first answer's are old.
func (m *model) celebrate(t team, at time.Time) {
	if at.IsZero() || at.Equal(m.teamAt) {
		return
	}
	if !m.teamAt.IsZero() {
		for _, b := range t.Badges {
			if !slices.ContainsFunc(m.team.Badges, func(o badge) bool { return o.ID == b.ID }) {
				text := fmt.Sprintf("badge earned: %s %s", b.Icon, b.name())
				if b.First {
					text += ", before every other team"
				}
				m.remember(entry{at, 0, text, earned})
				m.answer(text)
			}
		}
	}
	m.team, m.teamAt = t, at
}

func (m *model) answer(text string) {
	if text != "" {
		m.note, m.noteEnd = text, m.scene.now.Add(4*time.Second)
	}
}

// choose keeps the keys on a member that is there.
func (m *model) choose() {
	own := m.scene.own()
	if slices.ContainsFunc(own, func(a actor) bool { return a.instance == m.chosen && !a.dead() }) {
		return
	}
	m.chosen = 0
	for _, a := range own {
		if !a.dead() {
			m.chosen = a.instance
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
