package member

import (
	"time"

	"kafka-workshop/internal/group"
)

// A Kind says what happened. Its text is the event's name in the JSON output.
type Kind string

// What can happen. Records are no events: they go to Sink.Records in batches.
const (
	Assigned  Kind = "assigned"  // partitions came to a member; none came: it is idle
	Revoked   Kind = "revoked"   // a rebalance took partitions away; Commit says whether their offsets were committed
	Lost      Kind = "lost"      // partitions went without a chance to commit (session timed out, fenced, out of touch)
	Committed Kind = "committed" // offsets were committed, or (Resumed) where partitions go on after an assignment
	Lag       Kind = "lag"       // how far behind the group is, about once a second
	Joined    Kind = "member"    // somebody joined or left the group (Event.Gone)
	Duplicate Kind = "duplicate" // members of this process read records that they had read before
	Recreated Kind = "recreated" // the topic was deleted and made anew; Before and Partitions are its partitions
	Waiting   Kind = "waiting"   // nothing is wrong, but Kafka is not ready yet
	Fault     Kind = "error"     // something is wrong; Healed when it is over
	Closed    Kind = "closed"    // a member of this process is no more; Reason says why
)

// Why a member closed.
const (
	Left    = "left"    // it said goodbye: LeaveGroup, after a last commit
	Crashed = "crashed" // it vanished: no LeaveGroup, no commit
	Failed  = "failed"  // its goodbye was not heard: the session timeout has to do it
)

// OutOfTouch is the Reason of a Lost of a member that does not know whether the group has given it up: the broker does not answer.
const OutOfTouch = "out_of_touch"

// What duplicates come from, beside Crashed.
const (
	Rewound = "rewound" // a member was sent back
	Aborted = "aborted" // exactly once: their transaction did not commit, so their actions count once
)

// What became of the last commit of partitions that a member gives up: Event.Commit.
const (
	CommitTaken  = "taken"  // the broker has just acknowledged it
	CommitFailed = "failed" // the broker did not take it: what was read since the commit before is read again
	CommitNone   = ""       // there was nothing to commit, or nothing is known of it
)

// An Event is one thing that happened to a member of this process, or to its group.
type Event struct {
	Kind     Kind
	At       time.Time
	Instance int // the member of this process, from 1; 0 is the group or the whole process
	Topic    string

	// Partitions are those that the event is about, ascending; Owned is all that the member owns after
	// it. For Assigned, Before is what it owned before the rebalance began.
	Partitions []int32
	Owned      []int32
	Before     []int32

	// Pause is, for Assigned, how long the member read nothing while partitions changed hands; 0 when
	// it had none to stop reading. First marks the first assignment of a member; then Pause is how long
	// joining took.
	Pause time.Duration
	First bool

	// Offsets are, for Committed, the next offset to read by partition; with Resumed -1 is "no commit
	// yet". From is then where such partitions begin: earliest or latest. For Lag, the lag by partition.
	Offsets map[int32]int64
	Resumed bool
	From    string

	Member group.Member // for Joined
	Gone   bool         // for Joined: it left, or was thrown out

	Commit string  // for Revoked, and for Closed with Left
	Last   *Status // for Closed: how the member stood
	Count  int64   // for Duplicate: records read twice, since the last such event
	Reason string  // for Closed, and for Lost
	After  string  // for Duplicate: what it came from, when known: Crashed, Rewound or Aborted

	Text   string // for Fault: what is wrong and what to do, one line; for Waiting: what is waited for
	Fatal  bool   // for Fault: waiting does not help
	Healed bool   // for Fault: what was wrong is over
}
