// Package ballot collects the room's votes on a prediction: many at once, each voter's last one, in bounded
// memory. Which question is open is decided by game; votes are stored by the referee.
package ballot

import (
	"errors"
	"maps"
	"slices"
	"sync"

	"kafka-workshop/leaderboard/game"
)

// Bounds of one prediction.
const (
	MaxVoters     = 20_000
	MaxPerAddress = 500 // voters that a network address may bring; a class behind one router is far below
)

// Errors of votes, as voters read them.
var (
	ErrClosed   = errors.New("the vote is closed")
	ErrNoOption = errors.New("there is no such option")
	ErrFull     = errors.New("too many voters: no more can be counted")
)

// A Ballot holds the votes on the latest prediction. Its methods are safe for concurrent use.
type Ballot struct {
	mu      sync.Mutex // guards what follows
	id      int64      // of the prediction; 0 before the first
	options int
	open    bool
	votes   map[string]vote      // by voter
	perAddr map[string]int       // voters by network address
	unsaved map[string]game.Vote // by voter: votes that Unsaved has not returned yet
}

type vote struct {
	option int
	team   int
}

// New returns a Ballot without a prediction.
func New() *Ballot { return &Ballot{} }

// Follow takes over which prediction is open, from each View. Votes on an earlier one are dropped: its tally
// was taken.
func (b *Ballot) Follow(p *game.PredictionView) {
	if p == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()

	if p.ID != b.id {
		b.reset(p.ID)
	}
	b.options = len(p.Options)
	b.open = p.Phase == game.PredictionOpen || p.Phase == game.PredictionAgain
}

func (b *Ballot) reset(id int64) {
	b.id = id
	b.votes = map[string]vote{}
	b.perAddr = map[string]int{}
	b.unsaved = map[string]game.Vote{}
}

// Restore sets the votes that were stored, of one prediction. Votes that are here already are newer.
func (b *Ballot) Restore(votes []game.Vote) {
	if len(votes) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()

	if id := votes[0].Prediction; id != b.id {
		b.reset(id)
	}
	for _, v := range votes {
		if _, voted := b.votes[v.Voter]; !voted {
			b.votes[v.Voter] = vote{v.Option, v.Team}
		}
	}
}

// Cast sets a voter's vote on a prediction, or changes it. An address that is empty is not limited.
func (b *Ballot) Cast(id int64, voter string, option, team int, address string) error {
	b.mu.Lock()
	defer b.mu.Unlock()

	switch _, voted := b.votes[voter]; {
	case !b.open || id != b.id:
		return ErrClosed
	case option < 0 || option >= b.options:
		return ErrNoOption
	case !voted && (len(b.votes) >= MaxVoters || address != "" && b.perAddr[address] >= MaxPerAddress):
		return ErrFull
	case !voted:
		b.perAddr[address]++
	}
	b.votes[voter] = vote{option, team}
	b.unsaved[voter] = game.Vote{Prediction: b.id, Voter: voter, Option: option, Team: team}
	return nil
}

// Vote returns a voter's vote on the prediction.
func (b *Ballot) Vote(voter string) (option int, voted bool) {
	b.mu.Lock()
	defer b.mu.Unlock()

	v, voted := b.votes[voter]
	return v.option, voted
}

// Count returns how many have voted.
func (b *Ballot) Count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.votes)
}

// Close ends the vote and returns its tally. Votes from now on are refused, also while the closing is
// being stored; Reopen takes that back.
func (b *Ballot) Close() (t game.Tally, wasOpen bool) {
	b.mu.Lock()
	defer b.mu.Unlock()

	wasOpen = b.open
	b.open = false
	return b.tally(), wasOpen
}

// Tally counts the votes.
func (b *Ballot) Tally() game.Tally {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tally()
}

func (b *Ballot) tally() game.Tally {
	t := game.Tally{Votes: len(b.votes), Counts: make([]int, b.options), Teams: map[int][]int{}}
	for _, v := range b.votes {
		if v.option >= b.options {
			continue
		}
		t.Counts[v.option]++
		if v.team == 0 {
			continue
		}
		if t.Teams[v.team] == nil {
			t.Teams[v.team] = make([]int, b.options)
		}
		t.Teams[v.team][v.option]++
	}
	return t
}

// Reopen takes a Close back that could not be stored.
func (b *Ballot) Reopen() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open = true
}

// Unsaved returns the votes that were cast or changed since the last call.
func (b *Ballot) Unsaved() []game.Vote {
	b.mu.Lock()
	defer b.mu.Unlock()

	out := slices.Collect(maps.Values(b.unsaved))
	clear(b.unsaved)
	return out
}
