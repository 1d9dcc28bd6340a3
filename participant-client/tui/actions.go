package tui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/story"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

func (m *model) chosenActor() (story.Actor, bool) {
	for _, a := range m.story.Scene.Own() {
		if a.Instance == m.chosen {
			return a, true
		}
	}
	return story.Actor{}, false
}

// press handles a key.
func (m *model) press(msg tea.KeyPressMsg) tea.Cmd {
	k := &m.keys
	a, there := m.chosenActor()
	m.allowKeys(there)
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
	case key.Matches(msg, k.predict):
		m.focus = toggle(m.focus, onVote)
	case key.Matches(msg, k.vote):
		return m.ask.Vote(msg.String(), m.story.Scene.Now)
	case key.Matches(msg, k.choose):
		m.chooseMember(msg.String())
	case key.Matches(msg, k.start):
		m.showResult(m.startMember())
	case key.Matches(msg, k.stop):
		m.showResult(fmt.Sprintf("member %d leaves", m.chosen), m.members.Stop(m.chosen))
	case key.Matches(msg, k.crash):
		m.showResult("", m.members.Crash(m.chosen))
	case key.Matches(msg, k.pause):
		if !a.Paused {
			m.story.Lessons.Explain(story.Sentence{Kind: story.Paused, Who: a.Name})
		}
		m.showResult("", m.members.Pause(m.chosen, !a.Paused))
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

// showResult shows the result of a key.
func (m *model) showResult(said string, err error) {
	if err != nil {
		said = err.Error()
	}
	m.note(said)
}

func (m *model) startMember() (string, error) {
	n, err := m.members.Start()
	if err == nil {
		m.chosen = n
	}
	return m.joinMessage(n), err
}

// joinMessage describes that a member joins, and what it waits for: a classic group in which a member crashed admits
// nobody before that member's session timeout.
func (m *model) joinMessage(n int) string {
	who := fmt.Sprintf("member %d", n)
	for _, a := range m.story.Scene.Own() {
		if a.Dead() && m.story.Scene.Group.Protocol != group.Consumer {
			left := max(m.cfg.SessionTimeout-m.story.Scene.Now.Sub(a.Crashed), 0)
			return story.Sentence{Kind: story.JoinWaits, Who: who, Others: []string{a.Name}, Took: left}.Text()
		}
	}
	return who + " joins"
}

func (m *model) slow(a story.Actor) {
	wait := m.cfg.Slow
	if wait == 0 {
		wait = slowTo
	}
	if a.Slow > 0 {
		m.showResult(fmt.Sprintf("member %d is fast again", a.Instance), m.members.Slow(a.Instance, 0))
		return
	}
	slowed := story.Sentence{Kind: story.Slowed, Who: a.Name, Every: wait}
	m.story.Lessons.Explain(slowed)
	m.showResult(slowed.Text(), m.members.Slow(a.Instance, wait))
}

// brokerPatience limits how long a key waits for the broker.
const brokerPatience = 5 * time.Second

func (m *model) commit() tea.Cmd {
	instance := m.chosen
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), brokerPatience)
		defer cancel()
		if err := m.members.Commit(ctx, instance); err != nil {
			return DoneMsg{fmt.Sprintf("member %d did not commit: %v", instance, err)}
		}
		return DoneMsg{fmt.Sprintf("member %d committed", instance)}
	}
}

func (m *model) rewind(to string) tea.Cmd {
	m.asking = false
	instance := m.chosen
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), brokerPatience)
		defer cancel()
		if err := m.members.Rewind(ctx, instance, to); err != nil {
			return DoneMsg{fmt.Sprintf("member %d was not rewound: %v", instance, err)}
		}
		return DoneMsg{fmt.Sprintf("member %d goes on from the %s record", instance, to)}
	}
}

// chooseMember chooses a member by its number, or the next one.
func (m *model) chooseMember(pressed string) {
	own := m.story.Scene.Own()
	at := slices.IndexFunc(own, func(a story.Actor) bool { return a.Instance == m.chosen })
	switch pressed {
	case "left":
		at += len(own) - 1
	case "right", "tab":
		at++
	default:
		at = slices.IndexFunc(own, func(a story.Actor) bool { return fmt.Sprint(a.Instance) == pressed })
	}
	if at >= 0 && len(own) > 0 {
		m.chosen = own[at%len(own)].Instance
	}
}
