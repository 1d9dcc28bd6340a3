// Package game holds what a fact is and the rules over facts: badges, points, ranking. Its functions
// are pure: they take facts, the state so far and a now, and give values. Where facts come from,
// where state is kept and how it is shown is left to observe, score, referee, store and board.
package game

import "time"

// A Sweep is one look at the groups of all teams through Kafka's admin API.
type Sweep struct {
	At        time.Time // when the last of its answers came
	Err       string    // not empty: no answer at all; nothing below is new
	Topic     TopicFact
	Groups    []GroupFact // one a team, in the teams' order
	Strangers []Stranger  // groups on the lesson's topic that are nobody's
	Load      *LoadFact   // from workshop.control, nil when unknown
	Took      time.Duration
}

// A TopicFact is what a sweep saw of the lesson's topic.
type TopicFact struct {
	Name  string
	ID    string  // the topic's id in hex; another id means that it was made anew
	Err   string  // not empty: the answer is missing
	Start []int64 // log start offset by partition; -1 is unknown
	End   []int64 // log end offset by partition; its length is the number of partitions; -1 is unknown
}

// A GroupFact is what a sweep saw of one team's group.
type GroupFact struct {
	Team     int
	Name     string
	Err      string // not empty: this group's answer is missing, and the fields below say nothing
	State    string // NotJoined, or as Kafka names it: Empty, PreparingRebalance, Stable, Reconciling, …
	Protocol string // classic, consumer, or empty when not joined
	Assignor string // the group's, as Kafka names it
	Members  []MemberFact
	More     int // members beside those, which are left out
	// CommitErr not empty: offsets are missing from this answer. Committed holds partitions that
	// have a commit, of the lesson's topic alone.
	CommitErr string
	Committed map[int32]int64
	// Moving is set while a KIP-848 member's assignment differs from its target; Movers are the
	// partitions that it differs in, ascending.
	Moving bool
	Movers []int32
	// Share is set when the name is a share group's (KIP-932), which has no owners of partitions.
	Share bool
}

// A MemberFact is one member of a group, ordered by ID within it.
type MemberFact struct {
	ID         string
	ClientID   string
	Host       string
	Instance   string   // group.instance.id of a static member (KIP-345), which keeps its place under a new ID
	Topics     []string // that it subscribes to; empty when the broker does not tell
	Partitions []int32  // of the lesson's topic that are assigned to it, ascending
	OnTopic    bool     // subscribed to the lesson's topic, by name or expression, or assigned a partition of it
	Elsewhere  bool     // what it subscribes to is known, and the lesson's topic is not in it
}

// A Stranger is a group on the lesson's topic that is no team's.
type Stranger struct {
	Group   string `json:"group"`
	State   string `json:"state"`
	Members int    `json:"members"`
}

// A LoadFact is what the holder of the load last said on workshop.control.
type LoadFact struct {
	Rate     float64 // records per second that are set
	Achieved float64 // records per second
	Paused   bool
	At       time.Time // when it was said
}

// Scores is what score found out about the work that teams did, as absolute counts of the round.
type Scores struct {
	At      time.Time
	Err     string // not empty: reading failed, and counts are as of the last good read
	Round   int
	Teams   []Work         // one a team, in the teams' order
	Offsets []SourceOffset // consumed up to here, stored in one transaction with the counts
	Evicted int64          // users that the bounded index has let go
	Behind  int64          // records that are produced and not scored yet
	Notes   []string       // "new_users was made anew: counting from its start", said once
}

// A SourceOffset is how far score has consumed one partition.
type SourceOffset struct {
	Topic     string
	TopicID   string
	Partition int32
	Next      int64 // the next offset to read
}

// Work is what one team did this round.
type Work struct {
	Team         int
	Accepted     int64
	Rejected     int64
	Duplicate    int64
	Unverifiable int64
	Earlier      int64 // about users that were produced before the round began
	Meeting      int64 // users meeting the row, produced between the first action and 30 s ago
	Found        int64 // of those, accepted ones
	FirstAt      time.Time
	StatsAt      time.Time   // of the first valid stats record; zero for none
	Processed    int64       // as the client says
	Flagged      int64       // as the client says
	Rejections   []Rejection // up to 50, the newest last
	Leaving      []ClientNote
	Pauses       []ClientNote
}

// OfStats marks a Rejection of a stats record.
const OfStats = "stats"

// A Rejection is one action, or stats record, that did not count, with a reason that a beginner understands.
type Rejection struct {
	Of       string    `json:"of,omitempty"` // OfStats; empty for an action
	At       time.Time `json:"at"`
	Customer string    `json:"customer"`
	Type     string    `json:"type"`
	Given    string    `json:"given_reason"`
	Reason   string    `json:"reason"`
}

// A ClientNote is what our own client said of a member: that it leaves, or how long the last
// rebalance stopped it.
type ClientNote struct {
	At       time.Time
	MemberID string
	Pause    time.Duration
}
