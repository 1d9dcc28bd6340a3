// Package story explains what happens to a consumer group: each sentence is first a kind and facts, then text. The
// screen, the plain and the JSON output render the same values.
package story

import (
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/member"
)

// A Kind says what a Sentence is about.
type Kind string

// Kinds that are one event of a member.
const (
	FirstAssignment Kind = "first_assignment"
	Idle            Kind = "idle"
	Assigned        Kind = "assigned"
	Revoked         Kind = "revoked"
	Lost            Kind = "lost"
	Resumed         Kind = "resumed"
	FromLatest      Kind = "from_latest" // no commit yet, and --from latest
	Arrived         Kind = "arrived"     // a colleague is in the group
	Departed        Kind = "departed"    // a colleague is gone
	Duplicates      Kind = "duplicates"
	Fault           Kind = "fault"
	Waiting         Kind = "waiting"   // Kafka is not ready yet
	Recreated       Kind = "recreated" // the topic was deleted and made anew
	Closed          Kind = "closed"
)

// Kinds that take several events, or time, to know.
const (
	Split        Kind = "split"    // a member came, and partitions were shared out anew
	Handover     Kind = "handover" // a member went, and we have its partitions
	Takeover     Kind = "takeover" // what our crashed member owned has owners again
	Silent       Kind = "silent"
	NextToRead   Kind = "next_to_read"
	SawTooth     Kind = "saw_tooth"
	Unordered    Kind = "unordered"
	Shared       Kind = "shared"
	OtherTopic   Kind = "other_topic"
	Grown        Kind = "grown"
	Paused       Kind = "paused"
	Slowed       Kind = "slowed"
	JoinWaits    Kind = "join_waits"
	BadgeAwarded Kind = "badge"
)

// How a member went, beside member.Left, Crashed and Failed.
const (
	Gone        = "gone"         // more is not known: an admin client can't tell a goodbye from a member that was thrown out
	LongSilence = "long_silence" // no more is known either, but it had committed nothing for longer than the session timeout
)

// Healed is How of a Fault that is over.
const Healed = "healed"

// A Sentence is one thing to say: what kind of event it explains, and its facts. Fields that a kind does not need are
// zero.
type Sentence struct {
	Kind     Kind
	At       time.Time
	Instance int    // the member of this process that it is about, from 1; 0 for others
	Who      string // the member that it is about, as people know it
	Host     string
	Group    string
	Others   []string // new owners, the other reader, or other topics

	Partitions []int32 // that it is about
	Kept       []int32
	Gave       []int32
	Got        []int32
	Offsets    map[int32]int64 // next to read; -1 for no commit yet
	From       string          // where partitions without a commit begin
	Count      int64           // records
	Total      int             // partitions of the topic, 0 when unknown
	TotalWas   int

	Took    time.Duration // a pause, a silence, a time since the crash
	Timeout time.Duration // session timeout; 0 when the broker's setting rules, or unknown
	Every   time.Duration // between commits, or for each record
	How     string        // how a member went, or where duplicates come from
	Commit  string        // what became of the last commit, as member.Event has it

	Assignor  string
	Explained string // for Fault and Waiting: the text
	Badge     Badge

	Lesson bool // String says what it means, too
	Aside  bool // what happened has been said; this says what it means
}

// String is the sentence as it is shown.
func (s Sentence) String() string {
	if meaning := s.Meaning(); s.Lesson && meaning != "" {
		return s.Text() + ". " + meaning
	}
	return s.Text()
}

// key tells sentences apart that are said once each.
func (s Sentence) key() string { return string(s.Kind) + s.How }

// A Explainer makes sentences of events, and knows which were new to whoever reads them.
type Explainer struct {
	Group      string
	Partitions func() int    // of the topic, 0 when unknown
	Timeout    time.Duration // of sessions; 0 when the broker's setting rules
	Name       func(group.Member) string

	explained map[string]bool
}

// Tell returns what an event means in words; false for one that needs none, as commits do, or a fault that ends the
// run and is its error. The first sentence of its kind is a lesson.
func (x *Explainer) Explain(e member.Event) (Sentence, bool) {
	s, ok := x.sentence(e)
	if !ok {
		return s, false
	}
	if x.explained == nil {
		x.explained = map[string]bool{}
	}
	s.Lesson = s.Meaning() != "" && !x.explained[s.key()]
	x.explained[s.key()] = true
	return s, true
}
