package game

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Changes are stored together, in one transaction. Storing them twice has the same result as storing them once.
type Changes struct {
	Round       int    // that the changes belong to
	Begin       *Round // not nil: this round begins, or its start offsets change
	Awards      []Award
	Removed     []Award                 // badges that the instructor removed
	Events      []Event                 // an event replaces the stored one with the same ID
	States      map[int]json.RawMessage // by team
	Scores      *Scores                 // counts and consumed offsets
	Names       map[int]string          // by team
	Message     *string
	Freeze      *Frozen      // not nil: the board is frozen like this, or its reveal advanced
	Reveal      bool         // the board is no longer frozen
	Position    *Position    // in the run sheet
	Podium      *Podium      // without places if it was dismissed
	Spans       []Span       // a span replaces the stored one with the same key
	Predictions []Prediction // a prediction replaces the stored one with the same ID
	Votes       []Vote       // a vote replaces the stored one of its voter
	WatchedAt   *time.Time   // when the lanes were last seen
}

// Merge returns unsaved changes with newer ones applied on top.
func (c Changes) Merge(newer Changes) Changes {
	out := newer
	out.Awards = append(slices.Clone(c.Awards), newer.Awards...)
	out.Events = append(slices.Clone(c.Events), newer.Events...)
	out.Spans = append(slices.Clone(c.Spans), newer.Spans...)
	out.Votes = append(slices.Clone(c.Votes), newer.Votes...)
	out.Predictions = append(slices.Clone(c.Predictions), newer.Predictions...)

	if c.States != nil {
		out.States = maps.Clone(c.States)
		maps.Copy(out.States, newer.States)
	}
	if newer.Begin == nil {
		out.Begin = c.Begin
	}
	if newer.Scores == nil {
		out.Scores = c.Scores
	}
	if newer.Message == nil {
		out.Message = c.Message
	}
	if newer.WatchedAt == nil {
		out.WatchedAt = c.WatchedAt
	}
	if newer.Position == nil {
		out.Position = c.Position
	}
	if newer.Podium == nil {
		out.Podium = c.Podium
	}
	if newer.Freeze == nil && !newer.Reveal {
		out.Freeze, out.Reveal = c.Freeze, c.Reveal
	}
	return out
}

// Empty reports whether there is nothing to store.
func (c Changes) Empty() bool {
	return c.Begin == nil && len(c.Awards)+len(c.Removed)+len(c.Events)+len(c.States)+len(c.Names)+len(c.Spans)+len(c.Predictions)+len(c.Votes) == 0 &&
		c.Scores == nil && c.Message == nil && c.WatchedAt == nil && c.Position == nil && c.Podium == nil && c.Freeze == nil && !c.Reveal
}

// Saved is everything that is stored of a room. Round.Number is 0 if nothing is stored.
type Saved struct {
	Round          Round
	Message        string
	Names          map[int]string
	Awards         []Award // of the round, including removed ones
	States         map[int]json.RawMessage
	Scores         Scores // counts and consumed offsets of the round
	Events         []Event
	NextID         int64 // of the next event
	Frozen         *Frozen
	Position       Position
	Podium         Podium
	Spans          []Span       // of the round, the ended ones sorted by their end
	WatchedAt      time.Time    // when the lanes were last seen
	Predictions    []Prediction // of the round, the oldest first
	LastPrediction int64        // the highest ID of any round
	Votes          []Vote       // on the latest prediction
}
