package game

import "time"

// A Sweep is one reading of all teams' groups through Kafka's admin API.
type Sweep struct {
	At        time.Time // when its last answer arrived
	Err       string    // not empty if Kafka did not answer at all: the fields below are not set
	Topic     TopicFact
	Groups    []GroupFact // one per team, in the teams' order
	Strangers []Stranger  // groups on the lesson's topic that belong to no team
	Load      *LoadFact   // from workshop.control; nil if unknown
	Took      time.Duration
}

// A TopicFact is what a sweep found of the lesson's topic.
type TopicFact struct {
	Name  string
	ID    string  // the topic's id in hex; it changes when the topic is deleted and recreated
	Err   string  // not empty if the answer is missing
	Start []int64 // log start offset by partition; -1 if unknown
	End   []int64 // log end offset by partition, one for each partition; -1 if unknown
}

// A GroupFact is what a sweep found of one team's group.
type GroupFact struct {
	Team     int
	Name     string
	Err      string // not empty if this group's answer is missing: the fields below are not set
	State    string // NotJoined, or as Kafka names it: Empty, PreparingRebalance, Stable, Reconciling, …
	Protocol string // classic, consumer, or empty if not joined
	Assignor string // the group's, as Kafka names it
	Members  []MemberFact
	More     int // number of members omitted from Members
	// CommitErr is not empty if the committed offsets are missing. Committed has the partitions of the lesson's topic that
	// have a committed offset.
	CommitErr string
	Committed map[int32]int64
	// Moving is set while the assignment of a member (KIP-848) differs from its target assignment. Movers are the partitions
	// in which they differ, ascending.
	Moving bool
	Movers []int32
	// OtherKind is set if the name belongs to a group of another kind than the lesson's: a share group (KIP-932) instead of a
	// consumer group, or the reverse.
	OtherKind bool

	// Members of a share group own no partitions. There, Committed holds the share-partition start offsets, and Backlog the
	// number of records in each partition that are not done, as the broker counts. Beside is the team's consumer group on the
	// same topic.
	Backlog map[int32]int64
	Beside  *GroupFact
}

// A MemberFact is one member of a group.
type MemberFact struct {
	ID         string
	ClientID   string
	Host       string
	Instance   string   // group.instance.id of a static member (KIP-345), which keeps its partitions under a new ID
	Topics     []string // its subscription; empty if the broker does not report it
	Partitions []int32  // its partitions of the lesson's topic, ascending
	OnTopic    bool     // it subscribes to the lesson's topic, by name or expression, or owns a partition of it
	Elsewhere  bool     // its subscription is known and does not include the lesson's topic
	Takes      []int32  // of a share group: partitions whose records it receives, as others may too
}

// A Stranger is a group on the lesson's topic that belongs to no team.
type Stranger struct {
	Group   string `json:"group"`
	State   string `json:"state"`
	Members int    `json:"members"`
}

// A LoadFact is the last status of the load that its holder published on workshop.control.
type LoadFact struct {
	Rate      float64 // set by the instructor, in records per second
	Achieved  float64 // in records per second
	Paused    bool
	Keys      string // the key mode; empty if unknown
	FixedKeys int
	At        time.Time // when it was published
}

// Scores are the counts of the work that teams did in a round: totals, not differences.
type Scores struct {
	At      time.Time
	Err     string // not empty if reading failed: the counts are those of the last good read
	Round   int
	Teams   []Work         // one per team, in the teams' order
	Offsets []SourceOffset // where the counts end; stored in one transaction with them
	Evicted int64          // users that the bounded index has evicted
	Behind  int64          // produced records that are not scored yet
	Notes   []string       // for the instructor's log, each sent once
}

// A SourceOffset is scoring's position in one partition.
type SourceOffset struct {
	Topic     string
	TopicID   string
	Partition int32
	Next      int64 // the next offset to read
}

// Work is what one team did in the round.
type Work struct {
	Team         int
	Accepted     int64
	Rejected     int64
	Duplicate    int64
	Unverifiable int64
	Earlier      int64 // about users that were produced before the round began
	Meeting      int64 // users that meet the team's criterion, produced between its first action and 30 s ago
	Found        int64 // of these, those that the team reported
	FirstAt      time.Time
	StatsAt      time.Time   // of the first valid stats record; zero for none
	Processed    int64       // reported by the client
	Flagged      int64       // reported by the client
	Rejections   []Rejection // up to 50, the newest last
	Leaving      []ClientNote
	Pauses       []ClientNote
	States       []PartitionCounts // in any order
	Workers      []WorkerCounts    // of the queues lesson, in any order
}

// WorkerCounts are what a worker of a share group reports about itself.
type WorkerCounts struct {
	MemberID    string    // empty if the report does not contain it
	Name        string    // the key of the report: the client ID, in programs that do not know their member ID
	At          time.Time // when it reported
	Processed   int64     // accepted
	Redelivered int64     // of these, those that had been delivered before
	Rejected    int64
}

// PartitionCounts are a team's counts of the records of one partition, which its owners publish and continue.
type PartitionCounts struct {
	Partition int32
	MemberID  string // of the member that published them; empty if the program does not report it
	TopicID   string // of the topic that was counted, in hexadecimal; empty if the program does not report it
	Processed int64
	Flagged   int64
	Next      int64 // the records below it have been counted
}

// Began returns the offset at which counting began, provided that each record since then was counted once. A member that
// continues the counts keeps it; a record that is counted twice, or not at all, changes it.
func (c PartitionCounts) Began() int64 { return c.Next - c.Processed }

// OfStats marks the Rejection of a stats record.
const OfStats = "stats"

// A Rejection is an action or a stats record that did not count, with a reason for beginners.
type Rejection struct {
	Of       string    `json:"of,omitempty"` // OfStats; empty for an action
	At       time.Time `json:"at"`
	Customer string    `json:"customer"`
	Type     string    `json:"type"`
	Given    string    `json:"given_reason"`
	Reason   string    `json:"reason"`
}

// A ClientNote is what a client reported about a member: that it leaves the group, or how long the last rebalance paused it.
type ClientNote struct {
	At       time.Time
	MemberID string
	Name     string // as in WorkerCounts
	Pause    time.Duration
}
