package game

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// EvidenceText states in a sentence the evidence for the badge. It is empty if the stored evidence cannot be put into words.
func (a Award) EvidenceText() string {
	var p proof
	if err := json.Unmarshal(a.Evidence, &p); err != nil {
		return ""
	}

	owned := slices.DeleteFunc(slices.Clone(p.Members), func(m proofMember) bool { return len(m.Partitions) == 0 })
	switch a.Badge {
	case Connected:
		return p.connected()
	case Scaled, FullHouse:
		return p.shared(owned)
	case Spare:
		return p.spare()
	case FaultTolerant:
		return p.tookOver()
	case LagBuster:
		return p.caughtUp(a.At)
	case FirstLoad:
		return p.firstLoad()
	case StatsPublished:
		return "A valid stats record was on the team's topic."
	case Sharpshooter:
		return p.sharp()
	case Crew:
		return p.crew()
	case Redelivered:
		return p.returned()
	case Poison:
		return p.poisonHandled()
	case Remembers:
		return p.remembered()
	case Foresight:
		return fmt.Sprintf("The majority of the team's votes was right on %s.", countOf(len(p.Foreseen), "prediction"))
	}
	return ""
}

func (p proof) connected() string {
	if len(p.Members) == 0 {
		return ""
	}
	m := p.Members[0]
	if m.Host == "" {
		return m.name() + " was in the group."
	}
	return m.name() + " was in the group, from " + m.Host + "."
}

func (p proof) shared(owned []proofMember) string {
	if len(owned) == 0 {
		return ""
	}
	parts := make([]string, len(owned))
	for i, m := range owned {
		parts[i] = m.name() + " owned " + partitionList(m.Partitions)
	}
	return strings.Join(parts, ", ") + "."
}

func (p proof) spare() string {
	for _, m := range p.Members {
		if len(m.Partitions) == 0 {
			return m.name() + " owned nothing, for the others owned every partition."
		}
	}
	return ""
}

func (p proof) tookOver() string {
	if p.Gone == nil {
		return ""
	}

	var parts []string
	for _, lane := range p.Gone.Partitions {
		for _, m := range p.Members {
			if !slices.Contains(m.Partitions, lane) {
				continue
			}
			text := fmt.Sprintf("%s read on in P%d", m.name(), lane)
			left, committed := p.Gone.Left[lane]
			if committed {
				text += fmt.Sprintf(" from offset %d", left)
			}
			if now := p.Committed[lane]; now > left {
				text += fmt.Sprintf(" to %d", now)
			}
			parts = append(parts, text)
		}
	}
	text := "A member was gone that owned " + partitionList(p.Gone.Partitions)
	if parts == nil {
		return text + "."
	}
	return text + ": " + strings.Join(parts, ", ") + "."
}

func (p proof) caughtUp(at time.Time) string {
	if p.Behind == nil {
		return ""
	}
	return fmt.Sprintf("The group was %d records behind, and %.0f s later it had committed all of them.", p.Behind.Lag, at.Sub(p.Behind.At).Seconds())
}

func (p proof) firstLoad() string {
	if p.Actions != nil {
		if p.Actions.Accepted == 1 {
			return "The first action was accepted."
		}
		return fmt.Sprintf("%d actions were accepted.", p.Actions.Accepted)
	}

	var parts []string
	for _, lane := range slices.Sorted(maps.Keys(p.Committed)) {
		parts = append(parts, fmt.Sprintf("P%d at %d", lane, p.Committed[lane]))
	}
	if parts == nil {
		return ""
	}
	return "The group committed " + strings.Join(parts, ", ") + "."
}

func (p proof) sharp() string {
	if p.Actions == nil || p.Precision == nil || p.Recall == nil {
		return ""
	}
	verified := p.Actions.Accepted + p.Actions.Rejected
	return fmt.Sprintf("%d verified actions, precision %.1f %%, recall %.1f %%.", verified, *p.Precision*100, *p.Recall*100)
}

// name returns the member's client ID, or its member ID if the client has none.
func (m proofMember) name() string {
	if strings.TrimSpace(m.ClientID) == "" {
		return m.ID
	}
	return m.ClientID
}
