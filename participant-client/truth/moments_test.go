package truth

import (
	"fmt"
	"slices"
	"time"

	"kafka-workshop/participant-client/member"
	"kafka-workshop/participant-client/story"
)

// A phase is a time in which the group did not change, until everything was said about how it got there.
type phase struct {
	look
	from, to time.Time
}

// A moment is a change from one phase to the next, as one process saw it.
type moment struct {
	*facts
	w             *witness
	before, after phase
	missing       []string
}

// missing lists the decisive moments that a process has no sentence for.
func (f *facts) missing(w *witness) []string {
	var out []string
	for i := 1; i < len(f.phases); i++ {
		m := &moment{facts: f, w: w, before: f.phases[i-1], after: f.phases[i]}
		if w.over.IsZero() || w.over.After(m.after.to) {
			m.others()
			m.own()
		}
		out = append(out, m.missing...)
	}

	for _, marks := range []struct {
		how   string
		marks []mark
	}{{member.Left, f.leaves}, {member.Crashed, f.crashes}} {
		for _, k := range marks.marks {
			closed := func(s story.Sentence) bool {
				return s.Kind == story.Closed && s.How == marks.how && w.client(s.Instance) == k.client
			}
			if w.ours(k.client) && !slices.ContainsFunc(w.said, closed) {
				out = append(out, fmt.Sprintf("%s: closed, %s", k.client, marks.how))
			}
		}
	}
	return append(out, f.unsaid(w)...)
}

// unsaid lists what a process that was cut off, or stopped, does not say about that: that its members lost what they had.
func (f *facts) unsaid(w *witness) (out []string) {
	for _, g := range f.gaps {
		before, ok := f.at(g.from)
		if g.clientID != w.clientID || !ok {
			continue
		}
		for _, s := range before.seats {
			put := f.ever(g.from, g.to, func(l look) bool { return !l.has(s.client) })
			lost := func(said story.Sentence) bool {
				return said.Kind == story.Lost && w.client(said.Instance) == s.client && said.At.After(g.from)
			}
			if w.ours(s.client) && put && len(s.owned) > 0 && !slices.ContainsFunc(w.said, lost) {
				out = append(out, s.client+" lost what it had")
			}
		}
	}
	return out
}

// need notes a sentence that should have been said between the phases, or in the second one.
func (m *moment) need(what string, fits func(story.Sentence) bool) {
	for _, s := range m.w.said {
		if s.At.After(m.before.to.Add(-sweep)) && s.At.Before(m.after.to) && fits(s) {
			return
		}
	}
	m.missing = append(m.missing, fmt.Sprintf("%s (%v -> %v)", what, m.before.look, m.after.look))
}

// others checks the moments of colleagues.
func (m *moment) others() {
	was := slices.ContainsFunc(m.before.seats, func(s seat) bool { return m.w.ours(s.client) })
	if !was {
		return
	}

	got := func(from seat) bool {
		return slices.ContainsFunc(from.owned, func(p int32) bool {
			stranger := func(l look) bool {
				return l.owner(p) != "" && l.owner(p) != from.client && !m.w.ours(l.owner(p)) // an owner in between
			}
			return m.w.ours(m.after.owner(p)) && m.before.has(m.after.owner(p)) && m.alive(m.after.owner(p)) &&
				!m.ever(m.before.from, m.after.to, stranger)
		})
	}
	for _, s := range m.before.seats {
		if m.w.ours(s.client) || m.after.has(s.client) {
			continue
		}
		who := func(k story.Kind) func(story.Sentence) bool {
			return func(said story.Sentence) bool { return said.Kind == k && m.clientOf(m.w, said.Who) == s.client }
		}
		m.need(s.client+" is gone", who(story.Departed))
		if got(s) && m.stays() {
			m.need("takes over from "+s.client, who(story.Handover))
		}
	}

	gave := slices.ContainsFunc(m.before.of(m.w), func(p int32) bool { return !m.w.ours(m.after.owner(p)) })
	explained := slices.ContainsFunc(m.w.said, func(s story.Sentence) bool { return s.Kind == story.Split && s.At.Before(m.after.from) })
	var came []string
	for _, s := range m.after.seats {
		if m.w.ours(s.client) || m.before.has(s.client) {
			continue
		}
		came = append(came, s.client)
		m.need(s.client+" is in the group", func(said story.Sentence) bool {
			return said.Kind == story.Arrived && m.clientOf(m.w, said.Who) == s.client
		})
	}
	if gave && len(came) > 0 && !explained && m.stays() {
		m.need(fmt.Sprintf("shares with one of %v", came), func(said story.Sentence) bool {
			return said.Kind == story.Split && slices.ContainsFunc(names(said.Who), func(n string) bool { return slices.Contains(came, m.clientOf(m.w, n)) })
		})
	}
}

// stays reports whether it is the same topic, and a member of the process was there and still is: one that was expelled
// and joined again is another one.
func (m *moment) stays() bool {
	return m.before.topicID == m.after.topicID && slices.ContainsFunc(m.before.seats, func(s seat) bool {
		now, _ := m.after.seat(s.client)
		return m.w.ours(s.client) && m.alive(s.client) && now.id == s.id
	})
}

// alive reports whether a member is in the group in the second phase, and did not crash before.
func (m *moment) alive(client string) bool {
	_, crashed := marked(m.crashes, client, m.after.from)
	return m.after.has(client) && !crashed
}

// own checks the moments of the process's own members.
func (m *moment) own() {
	anew := m.before.topicID != m.after.topicID
	if anew && m.w.began.Before(m.before.to) {
		m.need("the topic was created again", func(s story.Sentence) bool { return s.Kind == story.Recreated })
	}
	for _, s := range m.after.seats {
		var instance int
		if !m.w.ours(s.client) || !m.alive(s.client) {
			continue
		}
		_, _ = fmt.Sscanf(s.client[len(m.w.clientID)+1:], "%d", &instance)
		was, _ := m.before.seat(s.client)
		before := was.owned
		if anew && was.id != s.id {
			before = nil // another member, of another topic
		}

		about := func(p int32, of func(story.Sentence) []int32) func(story.Sentence) bool {
			return func(said story.Sentence) bool { return said.Instance == instance && slices.Contains(of(said), p) }
		}
		for _, p := range s.owned {
			if slices.Contains(before, p) {
				continue
			}
			m.need(fmt.Sprintf("%s gets P%d", s.client, p), about(p, gained))
			m.need(fmt.Sprintf("%s goes on in P%d", s.client, p), about(p, goesOn))
		}
		for _, p := range before {
			if _, there := m.after.ends[p]; there && !slices.Contains(s.owned, p) {
				m.need(fmt.Sprintf("%s gives P%d", s.client, p), about(p, given))
			}
		}
		if len(s.owned) == 0 && m.after.allOwned() && (len(before) > 0 || !m.before.has(s.client)) {
			m.need(s.client+" is idle", func(said story.Sentence) bool { return said.Kind == story.Idle && said.Instance == instance })
		}
	}

	for _, s := range m.before.seats {
		_, crashed := marked(m.crashes, s.client, m.after.from)
		if crashed && m.w.ours(s.client) && m.w.crashedOwning(s.client) && len(s.owned) > 0 && !m.after.has(s.client) && m.after.allOwned() {
			m.need("others go on for "+s.client, func(said story.Sentence) bool {
				return said.Kind == story.Takeover && m.clientOf(m.w, said.Who) == s.client
			})
		}
	}
}

// gained returns the partitions that a sentence reports as gained; goesOn and given return those that it reports as
// resumed and as taken.
func gained(s story.Sentence) []int32 {
	if s.Kind == story.FirstAssignment || s.Kind == story.Assigned {
		return s.Partitions
	}
	return nil
}

func goesOn(s story.Sentence) []int32 {
	if s.Kind == story.Resumed || s.Kind == story.FromLatest {
		return s.Partitions
	}
	return nil
}

func given(s story.Sentence) []int32 {
	switch s.Kind {
	case story.Revoked, story.Lost:
		return s.Partitions
	case story.Assigned:
		return s.Gave
	}
	return nil
}
