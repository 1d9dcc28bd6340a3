package story

import (
	"time"
)

// A Kind is what a Sentence is about.
type Kind string

// Kinds that explain one event.
const (
	FirstAssignment Kind = "first_assignment"
	Idle            Kind = "idle"
	Assigned        Kind = "assigned"
	Revoked         Kind = "revoked"
	Lost            Kind = "lost"
	Resumed         Kind = "resumed"
	FromLatest      Kind = "from_latest" // no commit yet, and --from latest
	CountsRestored  Kind = "restored"    // the counts of partitions, as published by previous owners
	Arrived         Kind = "arrived"     // a colleague is in the group
	Departed        Kind = "departed"    // a colleague is gone
	Duplicates      Kind = "duplicates"
	Fault           Kind = "fault"
	Waiting         Kind = "waiting"   // Kafka is not ready yet
	Recreated       Kind = "recreated" // the topic was deleted and created again
	Closed          Kind = "closed"
	Ended           Kind = "ended" // the whole run
)

// Kinds that explain several events, or what becomes visible over time.
const (
	Split        Kind = "split"    // a member joined, and partitions were shared out again
	Handover     Kind = "handover" // a member is gone, and this process has its partitions
	Takeover     Kind = "takeover" // the partitions of this process's crashed member have owners again
	Silent       Kind = "silent"
	NextToRead   Kind = "next_to_read"
	SawTooth     Kind = "saw_tooth"
	Unordered    Kind = "unordered"
	Shared       Kind = "shared"
	OtherTopic   Kind = "other_topic"
	Grown        Kind = "grown"
	EmptyLanes   Kind = "empty_lanes" // few keys leave lanes without records
	Asked        Kind = "asked"       // the room votes on a question
	Answered     Kind = "answered"    // the answer to the question
	Paused       Kind = "paused"
	Slowed       Kind = "slowed"
	JoinWaits    Kind = "join_waits"
	BadgeAwarded Kind = "badge"
)

// How a member went, in addition to member.Left, Crashed and Failed: Sentence.How.
const (
	Gone        = "gone"         // more is not known: the admin API shows no difference between leaving and being expelled
	LongSilence = "long_silence" // no more is known either, but it had committed nothing for longer than the session timeout
)

// Healed is How of a Fault that is over.
const Healed = "healed"

// How this process's vote was: Sentence.How of Answered; empty without a vote.
const (
	Right = "right"
	Wrong = "wrong"
)

// A Sentence is one statement: its kind and its facts. Fields that a kind does not need are zero.
type Sentence struct {
	Kind     Kind
	At       time.Time
	Instance int    // the member of this process that it is about, from 1; 0 for others
	Who      string // the member that it is about, as people know it
	MemberID string // of a colleague's member that it is about
	Host     string
	Group    string
	Others   []string // new owners, the other reader, other topics, or the answer

	Partitions  []int32 // that it is about
	Kept        []int32
	Gave        []int32
	Got         []int32
	Offsets     map[int32]int64  // next to read; -1 for no commit yet
	From        string           // where partitions without a commit begin
	Count       int64            // records
	Twice       int64            // of these, read before by this process
	Flagged     int64            // of these, records that an action was made of
	Unreadable  int64            // of these, records without a user
	Uncommitted int64            // of these, records beyond Offsets
	Keys        map[string]int32 // the lanes that they were read in
	Total       int              // partitions of the topic, 0 when unknown
	TotalWas    int

	Took    time.Duration // a pause, a silence, a time since the crash
	Timeout time.Duration // session timeout; 0 if the broker's setting applies, or unknown
	Every   time.Duration // between commits, or for each record
	How     string        // how a member went, or where duplicates come from
	Commit  string        // the result of the last commit, as in member.Event

	Assignor  string
	Explained string // for Fault and Waiting: the text; for Asked the question, and for Answered why
	Badge     Badge

	Lesson bool // String includes the meaning, too
	Aside  bool // what happened has been said; this is its meaning
}

// String returns the sentence as it is shown.
func (s Sentence) String() string {
	if meaning := s.meaning(); s.Lesson && meaning != "" {
		return s.Text() + ". " + meaning
	}
	return s.Text()
}

// key is equal for sentences that are explained once together.
func (s Sentence) key() string { return string(s.Kind) + s.How }
