package story

import (
	"fmt"
	"time"

	"kafka-workshop/participant-client/member"
)

// Defaults of other clients: Java and kafka-python take up to max.poll.records between two polls, and leave the group when the
// next poll comes later than max.poll.interval.ms.
const (
	maxPollRecords  = 500
	maxPollInterval = 5 * time.Minute
)

// meaning returns what there is to learn from a sentence; empty if Text is enough.
func (s Sentence) meaning() string {
	switch s.Kind {
	case Idle:
		return "It takes over when another member goes."
	case Lost:
		return "Its new owners go on at the last commit."
	case Resumed:
		for _, at := range s.Offsets {
			if at >= 0 {
				return "A group goes on where it has committed: --from is only for partitions without a commit."
			}
		}
	case CountsRestored:
		if known, _ := s.withOffset(); len(known) > 0 {
			return "Memory goes with a process; what it published before each commit stays, and the next owner reads it."
		}
	case FromLatest:
		return "What was written before is not read."
	case Duplicates:
		if s.How == member.Aborted {
			return "That is what exactly once means: read twice, counted once."
		}
		return "That is what at least once means."
	case Recreated:
		return "Its records and the group's commits went with the old one."
	case Closed:
		if s.How == member.Crashed && len(s.Partitions) > 0 {
			return "Until then its lanes are silent."
		}
	case Split:
		if s.How == again && !cooperates(s.Assignor) {
			return fmt.Sprintf("Lanes that stayed stopped too: that is %s. Try --assignor cooperative-sticky.", s.Assignor)
		}
	case Takeover:
		return "After a clean leave that takes a second."
	case Silent:
		return "Its owner may be slow, stuck or gone: then the group waits for its session timeout."
	case SawTooth:
		return "Healthy is not 0."
	case Unordered:
		return "A key puts one user's records in one lane."
	case EmptyLanes:
		return "A key decides where, not how evenly."
	case Shared:
		return "To see them all, tail reads in no group."
	case OtherTopic:
		return "A group may be for several topics, and only members that subscribe to this one share it."
	case Slowed:
		return s.slowed()
	}
	return ""
}

// slowed describes what the group does about a slow member.
func (s Sentence) slowed() string {
	text := "It stays in the group, because its heartbeats go on."
	if s.Every > member.RebalanceTimeout {
		text = fmt.Sprintf("Its heartbeats go on, but a rebalance waits only %s for it, and then the group goes on without it.", member.RebalanceTimeout)
	}
	switch {
	case s.Every > maxPollInterval:
		text += " One in Java or Python would be out after max.poll.interval.ms, 5 minutes."
	case s.Every*maxPollRecords > maxPollInterval:
		text += fmt.Sprintf(" One in Java would be out once %d records wait: at this pace that many take longer than max.poll.interval.ms, 5 minutes.", int(maxPollInterval/s.Every)+1)
	}
	return text
}
