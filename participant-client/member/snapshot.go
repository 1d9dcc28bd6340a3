package member

import (
	"slices"
	"time"

	"kafka-workshop/internal/group"
)

// A State is what a member of this process is doing.
type State string

// States of a member.
const (
	Joining     State = "joining"
	Reading     State = "reading"     // in the group; idle if Partitions is empty
	Rebalancing State = "rebalancing" // between two assignments
	Leaving     State = "leaving"
	Dead        State = "crashed" // the group does not know until the session timeout
	Gone        State = "left"
)

// A Status is one member of this process at one moment. Members that crashed stay listed until the group has expelled them.
type Status struct {
	Instance   int
	ClientID   string
	MemberID   string // as the group knows it; empty before it joined
	State      State
	Paused     bool
	Slow       time.Duration // waits this long for each record
	CrashedAt  time.Time     // for Dead
	Records    int64         // read so far
	Bytes      int64         // keys and values of those
	Duplicates int64         // of those, records that this process had read before
	Flagged    int64         // of those, records that the pipeline made an action of
	Partitions []Position    // owned, ascending
	Last       []Record      // the last few records read, the newest last
	Pause      time.Duration // of the last rebalance
}

// A Position is how far a member is in a partition that it owns.
type Position struct {
	Partition int32
	Next      int64 // next offset to read; -1 before the first record
	Committed int64 // next offset to read after a restart; -1 for no commit yet
	Read      int64 // records of it that this member has read since it was assigned
}

// A Record is one of the last records, cut for the screen.
type Record struct {
	Partition int32
	Offset    int64
	Key       string // nil keys are "-"
	Value     string // at most 256 bytes
	Flagged   bool   // the handler returned something for it
	At        time.Time
}

// A GroupView is the whole group, including the members of other processes, as the admin API described it last.
type GroupView struct {
	group.Group           // its members, partitions and offsets of Topic only; shared with other snapshots
	At          time.Time // when the last good look ended; zero before the first
	Began       time.Time // when that look began: what happened before shows in it
	Topic       string
	TopicID     [16]byte       // another one means that the topic was deleted and created again
	Lanes       []Lane         // one a partition, ascending
	Instances   map[string]int // the numbers of this process's members by member ID, possibly including former ones
}

// Owned returns what a member owns of the topic.
func (g GroupView) Owned(m group.Member) []int32 { return m.Assigned[g.Topic] }

// Elsewhere returns the topics that a member subscribes to, if Topic is not among them.
func (g GroupView) Elsewhere(m group.Member) []string {
	if slices.Contains(m.Topics, g.Topic) {
		return nil
	}
	return m.Topics
}

// A Snapshot is everything that a screen draws. It is a copy: taking one ten times a second is cheap.
type Snapshot struct {
	At      time.Time
	Members []Status // by instance
	Group   GroupView
	Fault   string // what is wrong now, empty when nothing is
}
