package tui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

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
