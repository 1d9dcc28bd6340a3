package story

import (
	"fmt"
	"strings"
	"time"

	"kafka-workshop/participant-client/member"
)

// Text returns what happened, in words.
func (s Sentence) Text() string {
	lanes := Names(s.Partitions)
	switch s.Kind {
	case FirstAssignment:
		return fmt.Sprintf("%s joined %s after %s: assigned %s", s.Who, s.Group, Pause(s.Took), lanes)
	case Idle:
		return fmt.Sprintf("%s is idle: %s, and a partition has one owner in a group", s.Who, owned(s.Total))
	case Assigned:
		return fmt.Sprintf("%s: assigned %s%s", s.Who, lanes, s.shares())
	case Revoked:
		return fmt.Sprintf("%s: revoked %s (rebalance%s)", s.Who, lanes, s.committed())
	case Lost:
		if s.How == member.OutOfTouch {
			return fmt.Sprintf("%s: lost %s: the group does not answer, so it stops reading them; what was not committed is read again", s.Who, lanes)
		}
		return fmt.Sprintf("%s: lost %s: the group had removed this member, and what was not committed is read again", s.Who, lanes)
	case Resumed, FromLatest:
		return s.Who + ": " + s.resumed()
	case CountsRestored:
		return s.Who + ": " + s.restored()
	case Arrived:
		return fmt.Sprintf("%s (%s) is in the group", s.Who, s.Host)
	case Departed:
		return fmt.Sprintf("%s (%s) is gone from the group", s.Who, s.Host)
	case Duplicates:
		return fmt.Sprintf("%s: %s", s.Who, s.duplicates())
	case Fault, Waiting:
		return s.Explained
	case Recreated:
		return fmt.Sprintf("The topic %s was deleted and created again with %s: members join again and read it from its start", s.Group, partitions(s.Total))
	case Closed:
		return s.Who + s.closed()
	case Ended:
		return s.ended()
	case BadgeAwarded:
		text := fmt.Sprintf("badge earned: %s %s", s.Badge.Icon, s.Badge.Name())
		if s.Badge.First {
			text += ", before every other team"
		}
		return text
	}
	return s.overTime()
}

// overTime is Text for the kinds that explain several events, or what becomes visible over time.
func (s Sentence) overTime() string {
	lanes := Names(s.Partitions)
	switch s.Kind {
	case Split:
		return s.split()
	case Handover:
		return s.handover()
	case Takeover:
		owners := ""
		if len(s.Others) > 0 {
			owners = ": " + list(s.Others) + " " + plural(len(s.Others), "goes", "go") + " on at the last commit"
		}
		why := ""
		if s.Timeout > 0 && s.Took >= s.Timeout-time.Second { // the last heartbeat was up to a second before the crash
			why = ", when its session timeout had passed"
		}
		return fmt.Sprintf("%s came back %s after %s crashed%s%s", lanes, Pause(s.Took), s.Who, why, owners)
	case Silent:
		return fmt.Sprintf("%s of %s: no commit for %.0f s, and records wait", lanes, s.Who, s.Took.Seconds())
	case NextToRead:
		at := s.Offsets[s.Partitions[0]]
		return fmt.Sprintf("%s committed at %d: the next record to read, not the last one read (%d)", lanes, at, at-1)
	case SawTooth:
		return fmt.Sprintf("Lag goes up and down like a saw: it counts from the last commit, one every %s", s.Every)
	case Unordered:
		return "Records of two lanes come in any order: Kafka keeps the order within a partition, not across a topic"
	case Shared:
		return fmt.Sprintf("%s reads none of the records that %s reads: a group shares them out", s.Who, list(s.Others))
	case OtherTopic:
		return fmt.Sprintf("%s is in the group, but reads %s", s.Who, strings.Join(s.Others, ", "))
	case Grown:
		return fmt.Sprintf("The topic grew from %d to %s: keys change lanes, and every group rebalances", s.TotalWas, partitions(s.Total))
	case EmptyLanes:
		return s.emptyLanes()
	case Asked:
		return "The room is asked: " + s.Explained
	case Answered:
		return s.answered()
	case Paused:
		return fmt.Sprintf("%s is paused: heartbeats go on, so the group notices nothing, and the lag grows", s.Who)
	case Slowed:
		return fmt.Sprintf("%s takes %s for each record", s.Who, s.Every)
	case JoinWaits:
		return s.joinWaits()
	}
	return ""
}

// committed describes whether the offsets of revoked partitions are committed.
func (s Sentence) committed() string {
	whose := plural(len(s.Partitions), "its", "their")
	switch s.Commit {
	case member.CommitTaken:
		return fmt.Sprintf("; %s offsets are committed", whose)
	case member.CommitFailed:
		return fmt.Sprintf("; %s offsets could not be committed", whose)
	}
	return ""
}

func (s Sentence) shares() string {
	pause := ""
	if s.Took > 0 {
		pause = " after a pause of " + Pause(s.Took)
	}
	var parts []string
	for _, part := range []struct {
		word string
		ps   []int32
	}{{"kept", s.Kept}, {"gave", s.Gave}, {"got", s.Got}} {
		if len(part.ps) > 0 {
			parts = append(parts, part.word+" "+Names(part.ps))
		}
	}
	if len(parts) == 0 {
		return pause
	}
	return fmt.Sprintf("%s (%s)", pause, strings.Join(parts, ", "))
}

func (s Sentence) resumed() string {
	var on, fresh []string
	for _, p := range s.Partitions {
		if o := s.Offsets[p]; o >= 0 {
			on = append(on, fmt.Sprintf("P%d goes on at %d", p, o))
		} else {
			fresh = append(fresh, fmt.Sprintf("P%d", p))
		}
	}

	var out []string
	if len(on) > 0 {
		out = append(out, strings.Join(on, ", ")+" (committed)")
	}
	switch {
	case len(fresh) > 0 && s.From == "latest":
		out = append(out, strings.Join(fresh, " ")+": waiting for new records: no commit yet, and --from latest")
	case len(fresh) > 0:
		out = append(out, strings.Join(fresh, " ")+": no commit yet, so from the "+s.From+" record")
	}
	return strings.Join(out, "; ")
}

func (s Sentence) restored() string {
	known, fresh := s.withOffset()
	var out []string
	if len(known) > 0 {
		out = append(out, fmt.Sprintf("the counts of %s continue from %s, as published", Names(known), records(s.Count)))
	}
	if len(fresh) > 0 {
		out = append(out, fmt.Sprintf("no counts of %s are published yet: they begin at 0", Names(fresh)))
	}
	return strings.Join(out, "; ")
}

// withOffset splits the partitions into those with an offset and those without.
func (s Sentence) withOffset() (known, fresh []int32) {
	for _, p := range s.Partitions {
		if s.Offsets[p] >= 0 {
			known = append(known, p)
		} else {
			fresh = append(fresh, p)
		}
	}
	return known, fresh
}

func (s Sentence) duplicates() string {
	one := s.Count == 1
	count := records(s.Count)
	because := "their offsets were not committed when the partition changed hands"
	if one {
		because = "its offset was not committed when the partition changed hands"
	}
	switch s.How {
	case member.Crashed:
		because = "they were not committed before the crash"
		if one {
			because = "it was not committed before the crash"
		}
	case member.Rewound:
		because = "the group was rewound"
	case member.Aborted:
		return count + " read again: the transaction was aborted, so what was made of it counts once"
	}
	return count + " processed twice: " + because
}

func (s Sentence) closed() string {
	wait := "the group waits for its session timeout"
	if s.Timeout > 0 {
		wait += fmt.Sprintf(" (%s)", s.Timeout)
	}

	lanes := Names(s.Partitions)
	switch {
	case s.How == member.Failed:
		return " ended, but its LeaveGroup was not acknowledged: " + wait
	case s.How == member.Crashed && len(s.Partitions) > 0:
		return fmt.Sprintf(" crashed with %s: no LeaveGroup and no commit, so %s", lanes, wait)
	case s.How == member.Crashed:
		return " crashed: no LeaveGroup, so " + wait
	case len(s.Partitions) == 0:
		return " left"
	}

	are := plural(len(s.Partitions), "is", "are")
	switch s.Commit {
	case member.CommitTaken:
		return fmt.Sprintf(" left: %s %s committed and free for the others at once", lanes, are)
	case member.CommitFailed:
		return fmt.Sprintf(" left: %s %s free for the others at once, but the last offsets could not be committed", lanes, are)
	}
	return fmt.Sprintf(" left: %s %s free for the others at once", lanes, are)
}

func (s Sentence) split() string {
	stop := "everyone stopped for " + Pause(s.Took)
	if cooperates(s.Assignor) {
		stop = "only the lanes that moved stopped"
	}
	whose := "you"
	if s.Instance > 0 {
		whose = "your others"
	}
	return fmt.Sprintf("%s joined: %s, %s gave %s and kept %s", s.Who, stop, whose, Names(s.Gave), Names(s.Kept))
}

func (s Sentence) handover() string {
	got := fmt.Sprintf("you got %s and go on at the last commit", Names(s.Got))
	switch s.How {
	case member.Left:
		return fmt.Sprintf("%s left: %s, at once", s.Who, got)
	case LongSilence:
		return fmt.Sprintf("%s is gone, after at least %s without a commit (your session timeout is %s): %s", s.Who, Pause(s.Took), s.Timeout, got)
	}
	return fmt.Sprintf("%s is gone: %s", s.Who, got)
}

func (s Sentence) joinWaits() string {
	if s.Took > 0 {
		return fmt.Sprintf("%s joins when the group has removed %s, whose session timeout ends in %.0f s", s.Who, list(s.Others), s.Took.Seconds())
	}
	return fmt.Sprintf("%s joins when the group has removed %s, whose session timeout has not ended", s.Who, list(s.Others))
}
