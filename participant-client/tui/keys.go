package tui

import "charm.land/bubbles/v2/key"

// keys are declared once, and the help is generated from them.
type keys struct {
	start, stop, crash, pause, slow, commit, rewind, table, choose, help, leave key.Binding
	earliest, latest, back, repaint, suspend, predict, vote                     key.Binding
}

func newKeys() keys {
	bind := func(name, does string, ks ...string) key.Binding {
		return key.NewBinding(key.WithKeys(ks...), key.WithHelp(name, does))
	}
	return keys{
		start:    bind("+", "join", "+", "="),
		stop:     bind("-", "leave", "-", "_"),
		crash:    bind("k", "crash", "k"),
		pause:    bind("p", "pause", "p"),
		slow:     bind("s", "slow", "s"),
		commit:   bind("c", "commit", "c"),
		rewind:   bind("r", "rewind", "r"),
		table:    bind("d", "table", "d"),
		choose:   bind("1-9", "choose", "1", "2", "3", "4", "5", "6", "7", "8", "9", "left", "right", "tab"),
		help:     bind("?", "help", "?"),
		leave:    bind("q", "quit", "q", "ctrl+c"),
		earliest: bind("e", "earliest: read everything again", "e"),
		latest:   bind("l", "latest: skip what waits", "l"),
		back:     bind("esc", "back", "esc"),
		predict:  bind("v", "vote", "v"),
		vote:     bind("1-5", "vote", "1", "2", "3", "4", "5"),
		repaint:  bind("^L", "repaint", "ctrl+l"),
		suspend:  bind("^Z", "suspend", "ctrl+z"),
	}
}

// line returns the keys of the help line, without the disabled ones.
func (k keys) line() []key.Binding {
	return []key.Binding{k.earliest, k.latest, k.vote, k.back, k.predict, k.start, k.stop, k.crash, k.pause, k.slow, k.commit, k.rewind, k.table, k.choose}
}

// always returns the keys at the end of the help line.
func (k keys) always() []key.Binding { return []key.Binding{k.help, k.leave} }

// page returns the help page: each key in a sentence.
func (k keys) page() [][2]string {
	page := [][2]string{
		{"+", "start one more member in this process"},
		{"-", "leave: commit, LeaveGroup; others take over at once"},
		{"k", "crash: no LeaveGroup; the group waits for the timeout"},
		{"p", "pause reading; heartbeats go on, so lag grows"},
		{"s", "slow it down; press again to undo"},
		{"c", "commit now"},
		{"r", "rewind its partitions to earliest or on to latest"},
		{"v", "the room's question: 1-5 votes"},
		{"d", "the table of kafka-consumer-groups --describe"},
		{"1-9", "choose a member (or ← →)"},
		{"q", "leave the group and quit; twice quits at once"},
		{"^L", "repaint the screen"},
	}
	if CanSuspend {
		page = append(page, [2]string{"^Z", "suspend: no heartbeats until fg"})
	}
	return page
}

// allowKeys enables the keys that can do something now; chosen is whether there is a member to act on.
func (m *model) allowKeys(chosen bool) {
	k := &m.keys
	free := !m.asking && !m.leaving
	acting := free && m.focus != onHelp && m.focus != onVote // these pages are for reading only
	for _, b := range []*key.Binding{&k.stop, &k.crash, &k.pause, &k.slow, &k.commit, &k.rewind, &k.choose} {
		b.SetEnabled(acting && chosen)
	}
	k.start.SetEnabled(acting)
	k.table.SetEnabled(free && m.focus != onHelp)
	k.help.SetEnabled(free)
	k.predict.SetEnabled(free && m.asked() && m.focus != onHelp)
	k.vote.SetEnabled(free && m.focus == onVote && m.ask.Open(m.story.Scene.Now))
	k.earliest.SetEnabled(m.asking)
	k.latest.SetEnabled(m.asking)
	k.back.SetEnabled(m.asking || (m.focus != onBoard && free))
	k.suspend.SetEnabled(CanSuspend && !m.leaving)
}
