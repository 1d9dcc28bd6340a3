package tui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/report"

	"charm.land/bubbles/v2/help"
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
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
	note    string // what a key answered
	noteEnd time.Time
}

func newModel(cfg Config, crew Crew, in *inbox, leave func()) *model {
	m := &model{
		cfg: cfg, crew: crew, inbox: in, leave: leave, keys: newKeys(), help: help.New(),
		memory: newMemory(cfg.Group), lessons: newLessons(cfg), scene: scene{lag: -1},
	}
	m.words = report.Words{Group: cfg.Group, Partitions: func() int { return len(m.scene.lanes) }}
	m.paint(newTheme(true, nil))
	return m
}

func (m *model) paint(t theme) {
	m.theme = t
	s := &m.help.Styles
	s.ShortKey, s.ShortDesc, s.ShortSeparator, s.Ellipsis = t.strong, t.soft, t.faint, t.faint
	m.help.ShortSeparator = "  "
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
		m.paint(newTheme(msg.IsDark(), msg.Color))
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
		m.remember(entry{m.scene.now, 0, m.lessons.queue[len(m.lessons.queue)-1].text, lesson})
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
					text += ", the first team to"
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
		m.note, m.noteEnd = text, time.Now().Add(4*time.Second)
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

func (m *model) chosenActor() (actor, bool) {
	for _, a := range m.scene.own() {
		if a.instance == m.chosen {
			return a, true
		}
	}
	return actor{}, false
}

// press does what a key says.
func (m *model) press(msg tea.KeyPressMsg) tea.Cmd {
	k := &m.keys
	a, there := m.chosenActor()
	k.allow(m.asking, m.leaving, there, m.focus)
	switch {
	case key.Matches(msg, k.leave):
		if m.leaving {
			m.hurried = true
			return tea.Quit
		}
		m.goodbye()
	case m.asking && key.Matches(msg, k.earliest):
		return m.rewind("earliest")
	case m.asking && key.Matches(msg, k.latest):
		return m.rewind("latest")
	case m.asking && msg.String() != "":
		m.asking = false
	case key.Matches(msg, k.back):
		m.focus = onBoard
	case key.Matches(msg, k.help):
		m.focus = toggle(m.focus, onHelp)
	case key.Matches(msg, k.table):
		m.focus = toggle(m.focus, onTable)
	case key.Matches(msg, k.choose):
		m.turnTo(msg.String())
	case key.Matches(msg, k.start):
		m.do(m.begin())
	case key.Matches(msg, k.stop):
		m.do(fmt.Sprintf("member %d leaves", m.chosen), m.crew.Stop(m.chosen))
	case key.Matches(msg, k.crash):
		m.do("", m.crew.Crash(m.chosen))
	case key.Matches(msg, k.pause):
		m.lessons.did("pause")
		m.do("", m.crew.Pause(m.chosen, !a.paused))
	case key.Matches(msg, k.slow):
		m.slow(a)
	case key.Matches(msg, k.commit):
		return m.commit()
	case key.Matches(msg, k.rewind):
		m.asking = true
	}
	return nil
}

func toggle(now, to focus) focus {
	if now == to {
		return onBoard
	}
	return to
}

// do shows a key's answer.
func (m *model) do(said string, err error) {
	if err != nil {
		said = err.Error()
	}
	m.answer(said)
}

func (m *model) begin() (string, error) {
	n, err := m.crew.Start()
	if err == nil {
		m.chosen = n
	}
	return fmt.Sprintf("member %d joins", n), err
}

func (m *model) slow(a actor) {
	wait := m.cfg.Slow
	if wait == 0 {
		wait = slowTo
	}
	if a.slow > 0 {
		m.do(fmt.Sprintf("member %d is fast again", a.instance), m.crew.Slow(a.instance, 0))
		return
	}
	m.lessons.did("slow")
	m.do(fmt.Sprintf("member %d takes %s for each record", a.instance, wait), m.crew.Slow(a.instance, wait))
}

// brokerPatience is how long a key waits for the broker.
const brokerPatience = 5 * time.Second

func (m *model) commit() tea.Cmd {
	instance := m.chosen
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), brokerPatience)
		defer cancel()
		if err := m.crew.Commit(ctx, instance); err != nil {
			return doneMsg{fmt.Sprintf("member %d did not commit: %v", instance, err)}
		}
		return doneMsg{fmt.Sprintf("member %d committed", instance)}
	}
}

func (m *model) rewind(to string) tea.Cmd {
	m.asking = false
	instance := m.chosen
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), brokerPatience)
		defer cancel()
		if err := m.crew.Rewind(ctx, instance, to); err != nil {
			return doneMsg{fmt.Sprintf("member %d was not rewound: %v", instance, err)}
		}
		return doneMsg{fmt.Sprintf("member %d goes on from the %s record", instance, to)}
	}
}

// turnTo chooses a member by its number, or the next one.
func (m *model) turnTo(pressed string) {
	own := m.scene.own()
	at := slices.IndexFunc(own, func(a actor) bool { return a.instance == m.chosen })
	switch pressed {
	case "left":
		at += len(own) - 1
	case "right", "tab":
		at++
	default:
		at = slices.IndexFunc(own, func(a actor) bool { return fmt.Sprint(a.instance) == pressed })
	}
	if at >= 0 && len(own) > 0 {
		m.chosen = own[at%len(own)].instance
	}
}
