package worker

import (
	"fmt"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
)

// A Kind says what happened. Its text is the event's name in the JSON output.
type Kind string

// Kinds of events.
const (
	Acquired    Kind = "acquired"    // a worker got a record, locked for it only
	Redelivered Kind = "redelivered" // the same, for a record that some worker got before
	Accepted    Kind = "accepted"    // the job is done, and the broker knows
	Rejected    Kind = "rejected"    // nobody can do the job: the broker does not deliver it again
	Released    Kind = "released"    // the record was given back; Reason says why
	Renewed     Kind = "renewed"     // the lock of all records that the worker holds starts again
	Lost        Kind = "lost"        // the worker no longer held the record when it was done with it; Reason says why
	LockDiffers Kind = "lock"        // the broker's lock differs from Config.Lock; Lock is the broker's
	Lesson      Kind = "lesson"      // explains what just happened
	Member      Kind = "member"      // a member is in the group, or (Gone) is no longer
	Waiting     Kind = "waiting"     // nothing is wrong, but Kafka is not ready yet
	Fault       Kind = "error"       // something is wrong; Healed when it is over
	Closed      Kind = "closed"      // a worker has ended, Reason says how; or the whole process (Worker 0)
)

// Reasons of Rejected, Released and Lost.
const (
	OnKey     = "key"     // the user requested it
	OfPoison  = "poison"  // the job cannot be done
	OfLock    = "lock"    // held for as long as allowed
	OnLeaving = "leaving" // the worker leaves
	OfSession = "session" // the broker ended the worker's share session, as when its connection breaks, and takes back what it held
)

// How a worker ended: Event.Reason of Closed.
const (
	Left    = "left"    // what it held was given back, and the group knows that it is gone
	Crashed = "crashed" // its connection broke; the group keeps it as a member until its session times out
	Failed  = "failed"  // leaving was not acknowledged
)

// An Event is one thing that happened to a worker of this process, to a record that it holds, or to its group.
type Event struct {
	Kind   Kind
	At     time.Time
	Worker int    // of this process, from 1; 0 is the group or the whole process
	Record Record // for the kinds about one record
	Reason string

	Took  time.Duration // for Accepted: how long the work took
	After int64         // for Accepted: the latest offset of the partition that this process had accepted before, if it is a later one; else -1
	Lock  time.Duration // for Acquired and Redelivered: how long the record is still locked; for Renewed and LockDiffers: how long the broker locks a record

	Member group.Member
	Gone   bool

	Last   *Counts // for Closed: of the worker, or of all workers of this process
	Poison bool    // for Closed: the worker died of a poison job, and another one starts
	Text   string  // for Lesson and Waiting, and for Fault: one line that says what to do
	Fatal  bool    // for Fault: waiting does not help
	Healed bool    // for Fault: what was wrong is over
}

// A Record is a record that a worker holds, or held.
type Record struct {
	Topic     string
	Partition int32
	Offset    int64
	Delivery  int32 // how often it was delivered, with this time: from 1
	Job       workshop.Job
	Until     time.Time // when the broker's lock ends
	Began     time.Time // when the work on it began; zero before
}

// Name returns a record's place, with which the lines of records begin.
func (r Record) Name() string { return fmt.Sprintf("%s:%d:%d", r.Topic, r.Partition, r.Offset) }

// Counts are the outcomes of records.
type Counts struct {
	Processed   int64 // accepted
	Redelivered int64 // of them, those that had been delivered before
	Rejected    int64
	Released    int64
	Lost        int64
}

func (c *Counts) add(o Counts) {
	c.Processed += o.Processed
	c.Redelivered += o.Redelivered
	c.Rejected += o.Rejected
	c.Released += o.Released
	c.Lost += o.Lost
}
