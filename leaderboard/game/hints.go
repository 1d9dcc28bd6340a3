package game

import (
	"slices"
	"time"
)

// A hint explains why a team's row is not what the team expects, and what to do. It is shown on the team's page and to the
// instructor.
type hint struct {
	kind   string
	since  time.Time
	text   string
	advice string
}

// hints returns the hints that apply now. The round began at began; queues is true in the lesson on share groups.
func (t *teamState) hints(now, began time.Time, queues bool) []hint {
	var out []hint
	switch {
	case t.otherAt.IsZero():
	case queues:
		out = append(out, hint{"consumer_group", t.otherAt,
			"the team's group is a consumer group, whose members own partitions; this lesson is about share groups (KIP-932)",
			"Stop its members and delete it (kafka-consumer-groups --delete), then start a worker: participant-client --lesson queues."})
	default:
		out = append(out, hint{"share_group", t.otherAt,
			"the team's group is a share group (KIP-932), whose members own no partitions",
			"Stop its members and delete it (kafka-share-groups --delete), then start a consumer in a group of that name."})
	}
	if t.unchanged() {
		out = append(out, hint{"standing", began,
			"no Connected yet: the group has not changed since the last round",
			"Start one more member, or stop one and start it again: what changes in this round counts."})
	}
	if n := len(t.unowned); n >= 2 && now.Sub(t.unowned[n-1]) < unownedFor && len(t.Members) == 0 {
		out = append(out, hint{"assign", t.unowned[0],
			"commits without a member: a program reads with assign()",
			"Use subscribe() instead of assign(): only members of the group get partitions and badges."})
	}
	return out
}

// unchanged reports whether the group's membership is as it was when the round began.
func (t *teamState) unchanged() bool {
	present := func(m seenMember) bool { return m.OnTopic && m.Missing.IsZero() }
	return len(t.Baseline) > 0 && !t.Changed && !t.has(Connected) && slices.ContainsFunc(t.Members, present)
}

// hintTexts returns the hints in the form in which the team's page shows them.
func (t *teamState) hintTexts(now, began time.Time, queues bool) []string {
	out := []string{}
	for _, h := range t.hints(now, began, queues) {
		out = append(out, h.text+". "+h.advice)
	}
	return out
}
