package game

import (
	"encoding/json"
	"time"
)

// A Round is one round of the game. Badges and counts belong to the round in which they were earned.
type Round struct {
	Number  int       `json:"round"` // from 1
	Began   time.Time `json:"began"`
	TopicID string    `json:"topic_id"`
	// Start has the log end offsets of the lesson's topic at the time the round began, by partition. A partition that is
	// missing counts from its log start: all do in the first round, and after the topic was deleted and recreated.
	Start []int64 `json:"start"`
}

// StartOf returns the offset at which the round began in a partition.
func (r Round) StartOf(partition int32) int64 {
	if int(partition) < len(r.Start) {
		return r.Start[partition]
	}
	return 0
}

// A Resume is where scoring continues: the round, and its stored counts and consumed offsets. Offsets is empty if nothing is
// stored.
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
	Removed  *time.Time      `json:"removed,omitempty"` // when the instructor removed it
}
