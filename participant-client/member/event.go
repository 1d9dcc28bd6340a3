package member

import (
	"time"

	"kafka-workshop/internal/group"
)

// A Kind says what happened. Its text is the event's name in the JSON output.
type Kind string

// Kinds of events. Records are not events: they go to Sink.Records in batches.
const (
	Assigned  Kind = "assigned"  // a member was assigned partitions, or none: it is idle
	Revoked   Kind = "revoked"   // a rebalance took partitions away; Commit says whether their offsets were committed
	Lost      Kind = "lost"      // partitions went without a chance to commit (session timed out, fenced, out of touch)
	Committed Kind = "committed" // offsets were committed, or (Resumed) the commits at which reading continues after an assignment
	Restored  Kind = "restored"  // the state of partitions that previous owners have published was read
	Lag       Kind = "lag"       // how far behind the group is, about once a second
	Joined    Kind = "member"    // a member is in the group, or (Gone) is no longer
	Duplicate Kind = "duplicate" // members of this process read records that they had read before
	Recreated Kind = "recreated" // the topic was deleted and created again; Before and Partitions are its partitions
	Waiting   Kind = "waiting"   // nothing is wrong, but Kafka is not ready yet
	Fault     Kind = "error"     // something is wrong; Healed when it is over
	Closed    Kind = "closed"    // a member of this process has ended; Reason says how
)

// How a member ended: Event.Reason of Closed.
const (
	Left    = "left"    // a last commit, then LeaveGroup
	Crashed = "crashed" // no commit and no LeaveGroup
	Failed  = "failed"  // LeaveGroup was not acknowledged: the group waits for the session timeout
)

// OutOfTouch is Event.Reason of Lost if the broker does not answer, so that the member can't know whether it was expelled.
const OutOfTouch = "out_of_touch"

// Causes of duplicates, in addition to Crashed: Event.After.
const (
	Rewound = "rewound" // the group's commits were set back
	Aborted = "aborted" // exactly once: the transaction was aborted, so its actions count once
)

// Results of the last commit of partitions that a member gives up: Event.Commit.
const (
	CommitTaken  = "taken"  // the broker has just acknowledged it
	CommitFailed = "failed" // the broker did not accept it
	CommitNone   = ""       // there was nothing to commit, or nothing is known
)

// An Event is one thing that happened to a member of this process, or to its group.
type Event struct {
	Kind     Kind
	At       time.Time
	Instance int // the member of this process, from 1; 0 is the group or the whole process
	Topic    string

	// Partitions are those that the event is about, ascending. Owned is all that the member owns after it. Before, for Assigned,
	// Revoked and Lost, is what it owned before the rebalance began.
	Partitions []int32
	Owned      []int32
	Before     []int32

	// Pause, for Assigned, is how long the member read nothing because of the rebalance; 0 if it did not stop. First marks a
	// member's first assignment: then Pause is how long joining took.
	Pause time.Duration
	First bool

	// Offsets, for Committed, are the next offsets to read by partition; with Resumed, -1 is no commit yet, and From is where
	// such partitions begin: earliest or latest. For Restored, they are the next offsets to count, -1 for no state yet. For
	// Lag, they are the lag by partition.
	Offsets map[int32]int64
	Resumed bool
	From    string

	Member group.Member // for Joined
	Gone   bool         // for Joined: it left, timed out or was expelled

	Commit string  // for Revoked, and for Closed with Left
	Last   *Status // for Closed: the member's last status
	Count  int64   // for Duplicate: records read twice, since the last such event; for Restored: records in the state
	Reason string  // for Closed, and for Lost
	After  string  // for Duplicate: the cause; empty if the partition changed hands before a commit

	Text   string // for Fault: what is wrong and what to do, one line; for Waiting: what is waited for
	Fatal  bool   // for Fault: waiting does not help
	Healed bool   // for Fault: what was wrong is over
}
