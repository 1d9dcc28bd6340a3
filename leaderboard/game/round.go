package game

import (
	"encoding/json"
	"time"
)

// A Round is one round of the game: what is earned in it counts in it alone.
type Round struct {
	Number  int       `json:"round"` // from 1
	Began   time.Time `json:"began"`
	TopicID string    `json:"topic_id"`
	// Start is the lesson's topic's log end offset by partition when the round began. Empty, or short
	// of a partition, means from the log's start: so it is in the first round, and for a topic that
	// was made anew.
	Start []int64 `json:"start"`
}

// StartOf is the offset that the round began at in a partition.
func (r Round) StartOf(partition int32) int64 {
	if int(partition) < len(r.Start) {
		return r.Start[partition]
	}
	return 0
}

// A Resume tells score where to go on: which round it is, where it began, and the counts and
// consumed offsets that are stored of it. Offsets is empty when nothing is.
type Resume struct {
	Round  Round
	Scores Scores
}

// An Award is a badge that a team earned, with the evidence for it.
type Award struct {
	Round    int             `json:"round"`
	Team     int             `json:"team"`
	Badge    string          `json:"badge"`
	At       time.Time       `json:"earned_at"`
	First    bool            `json:"first"`
	Evidence json.RawMessage `json:"evidence"`
	Removed  *time.Time      `json:"removed,omitempty"` // when the instructor took it back
}

// A Frozen is what the room saw of the score when the board was frozen.
type Frozen struct {
	At     time.Time         `json:"at"`
	Event  int64             `json:"event"` // the first that came after it
	Teams  map[int]FrozenRow `json:"teams"`
	Ticker []Event           `json:"ticker"`
	Reveal *Reveal           `json:"reveal,omitempty"` // once it has begun
}

// A FrozenRow is one team's part of it.
type FrozenRow struct {
	Rank      int         `json:"rank"`
	Points    int         `json:"points"`
	Badges    []Earned    `json:"badges"`
	Actions   Counts      `json:"actions"`
	Precision *float64    `json:"precision"`
	Recall    *float64    `json:"recall"`
	Says      Says        `json:"says"`
	Rejected  []Rejection `json:"rejected"`
}

// Changes are what is to be stored together, in one transaction. Storing the same Changes twice is
// the same as once.
type Changes struct {
	Round   int                     // that they belong to
	Begin   *Round                  // a new round begins; the one before it ends
	Awards  []Award                 //
	Removed []Award                 // badges taken back
	Events  []Event                 // by ID: a later one of the same ID replaces the earlier
	States  map[int]json.RawMessage // by team
	Scores  *Scores                 // counts and consumed offsets
	Names   map[int]string          // by team
	Message *string
	Freeze  *Frozen // the board is frozen, as this, or its reveal is a step further
	Reveal  bool    // the board is not frozen any more
}

// Saved is everything that is stored of a room. Round.Number is 0 when nothing is.
type Saved struct {
	Round   Round
	Message string
	Names   map[int]string
	Awards  []Award // of the round, removed ones too
	States  map[int]json.RawMessage
	Scores  Scores // counts and consumed offsets of the round
	Events  []Event
	NextID  int64 // of the next event
	Frozen  *Frozen
}

// An Export is all that is stored of a room, every round of it, for the instructor to keep.
type Export struct {
	Lesson string        `json:"lesson"`
	Rounds []RoundExport `json:"rounds"`
}

// A RoundExport is one round of an Export.
type RoundExport struct {
	Round
	Ended  *time.Time   `json:"ended"`
	Teams  []TeamExport `json:"teams"`
	Events []Event      `json:"events"`
}

// A TeamExport is one team's result in a round.
type TeamExport struct {
	Team      int      `json:"team"`
	Name      string   `json:"name"`
	Rank      int      `json:"rank"`
	Points    int      `json:"points"`
	Badges    []Award  `json:"badges"`
	Actions   Counts   `json:"actions"`
	Precision *float64 `json:"precision"`
	Recall    *float64 `json:"recall"`
}
