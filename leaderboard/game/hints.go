package game

import (
	"slices"
	"time"
)

// A hint is why a team's row is not what the team expects, and what to do: it stands on the team's page and
// among what teams need help with.
type hint struct {
	kind  string
	since time.Time
	text  string
	tell  string
}

// hints are what holds now, in a round that began then.
func (t *State) hints(now, began time.Time) []hint {
	var out []hint
	if !t.shareAt.IsZero() {
		out = append(out, hint{"share_group", t.shareAt,
			"the name of the team's group is a share group's (KIP-932), whose members own no partitions",
			"Stop its members and delete it (kafka-share-groups --delete), then start a consumer in a group of that name."})
	}
	if t.unchanged() {
		out = append(out, hint{"standing", began,
			"no Connected yet: the group stands there from the last round",
			"Start one more member, or stop one and start it again: what changes in this round counts."})
	}
	if n := len(t.unowned); n >= 2 && now.Sub(t.unowned[n-1]) < unownedFor && len(t.Members) == 0 {
		out = append(out, hint{"assign", t.unowned[0],
			"commits without a member: somebody reads by assign()",
			"Use subscribe() instead of assign(): only members of the group get partitions, and badges."})
	}
	return out
}

// unchanged reports a group that is as it was when the round began.
func (t *State) unchanged() bool {
	there := func(m Seen) bool { return m.OnTopic && m.Missing.IsZero() }
	return len(t.Baseline) > 0 && !t.Changed && !t.has(Connected) && slices.ContainsFunc(t.Members, there)
}

// Notes are the hints as a team's page says them.
func (t *State) notes(now, began time.Time) []string {
	out := []string{}
	for _, h := range t.hints(now, began) {
		out = append(out, h.text+". "+h.tell)
	}
	return out
}
