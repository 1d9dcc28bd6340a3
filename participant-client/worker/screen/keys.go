package screen

import (
	"kafka-workshop/participant-client/tui"

	"charm.land/bubbles/v2/key"
)

// keys are declared once, and the help is generated from them.
type keys struct {
	start, stop, crash, release, reject, choose, help, back, leave key.Binding
	predict, vote, repaint, suspend                                key.Binding
}

func newKeys() keys {
	bind := func(name, does string, ks ...string) key.Binding {
		return key.NewBinding(key.WithKeys(ks...), key.WithHelp(name, does))
	}
	return keys{
		start:   bind("+", "join", "+", "="),
		stop:    bind("-", "leave", "-", "_"),
		crash:   bind("k", "crash", "k"),
		release: bind("r", "release", "r"),
		reject:  bind("x", "reject", "x"),
		choose:  bind("1-9", "choose", "1", "2", "3", "4", "5", "6", "7", "8", "9", "left", "right", "tab"),
		help:    bind("?", "help", "?"),
		back:    bind("esc", "back", "esc"),
		leave:   bind("q", "quit", "q", "ctrl+c"),
		predict: bind("v", "vote", "v"),
		vote:    bind("1-5", "vote", "1", "2", "3", "4", "5"),
		repaint: bind("^L", "repaint", "ctrl+l"),
		suspend: bind("^Z", "suspend", "ctrl+z"),
	}
}

// line returns the keys of the help line, without the disabled ones.
func (k keys) line() []key.Binding {
	return []key.Binding{k.vote, k.back, k.predict, k.start, k.stop, k.crash, k.release, k.reject, k.choose}
}

// always returns the keys at the end of the help line.
func (k keys) always() []key.Binding { return []key.Binding{k.help, k.leave} }

// page returns the help page: each key in a sentence.
func (k keys) page() [][2]string {
	page := [][2]string{
		{"+", "start one more worker in this process"},
		{"-", "leave: give back what it holds to the others"},
		{"k", "crash: its connection breaks, and nobody is told"},
		{"r", "release the record in work: somebody gets it again"},
		{"x", "reject the record in work: nobody gets it again"},
		{"1-9", "choose a worker (or ← →)"},
		{"v", "the room's question: 1-5 votes"},
		{"q", "give back everything and quit; twice quits at once"},
		{"^L", "repaint the screen"},
	}
	if tui.CanSuspend {
		page = append(page, [2]string{"^Z", "suspend: what they hold waits for its lock, until fg"})
	}
	return page
}

// allowKeys enables the keys that can do something now.
func (m *model) allowKeys() {
	k := &m.keys
	acting := !m.leaving && m.focus == onBoard // the pages are for reading only
	for _, b := range []*key.Binding{&k.stop, &k.crash, &k.release, &k.reject, &k.choose} {
		b.SetEnabled(acting && m.chosen > 0)
	}
	k.start.SetEnabled(acting)
	k.help.SetEnabled(!m.leaving)
	k.back.SetEnabled(m.focus != onBoard && !m.leaving)
	k.predict.SetEnabled(!m.leaving && m.focus != onHelp && m.asked())
	k.vote.SetEnabled(m.focus == onVote && m.ask.Open(m.now.At))
	k.suspend.SetEnabled(tui.CanSuspend && !m.leaving)
}
