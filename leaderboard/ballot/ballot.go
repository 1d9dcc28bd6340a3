// Package ballot collects the room's votes on a prediction. It takes many at once, keeps the last vote of each voter, and
// bounds its memory. Package game decides which question is open; the referee stores the votes.
package ballot

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"kafka-workshop/leaderboard/game"
)

// Bounds of one prediction.
const (
	MaxVoters = 20_000
	// MaxPerAddress is how many voters a network address may bring: a room of 5,000 behind one router. Someone who invents
	// voters at one address fills a quarter of the ballot and leaves the rest for others.
	MaxPerAddress = 5_000
	// A voter may change a vote ten times at once, and then once a second.
	maxChanges  = 10
	changeEvery = time.Second
)

// Errors of votes, shown to voters.
var (
	ErrClosed   = errors.New("the vote is closed")
	ErrNoOption = errors.New("there is no such option")
	ErrFull     = errors.New("too many voters: no more can be counted")
	ErrTooFast  = errors.New("your vote changes too fast: wait a second")
)

// A Ballot holds the votes on the latest prediction. Its methods are safe for concurrent use.
type Ballot struct {
	mu      sync.Mutex // guards what follows
	id      int64      // of the prediction; 0 before the first
	options int
	open    bool
	closing bool                 // Close has taken the tally, but the Views do not show it yet
	votes   map[string]vote      // by voter
	perAddr map[string]int       // voters by network address
	unsaved map[string]game.Vote // by voter: votes that Unsaved has not returned yet
}

type vote struct {
	option int
	team   int
	left   float64 // changes that the voter has left, as of at
	at     time.Time
}

// change uses one of the voter's remaining changes. It reports whether there was one.
func (v vote) change(now time.Time) (vote, bool) {
	v.left = min(maxChanges, v.left+max(0, float64(now.Sub(v.at))/float64(changeEvery)))
	v.at = now
	if v.left < 1 {
		return v, false
	}
	v.left--
	return v, true
}

// of returns the vote in the form in which it is stored.
func (v vote) of(voter string, prediction int64) game.Vote {
	return game.Vote{Prediction: prediction, Voter: voter, Option: v.option, Team: v.team}
}

// New returns a Ballot without a prediction.
func New() *Ballot { return &Ballot{} }

// Follow opens or closes the vote as each View says. A new prediction drops the votes on the last one, whose tally has been
// taken. After Close, Views may still show the vote open until the closing is stored; they do not open it again.
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
	b.open = !b.closing && (p.Phase == game.PredictionOpen || p.Phase == game.PredictionAgain)
}

func (b *Ballot) reset(id int64) {
	b.id = id
	b.closing = false
	b.votes = map[string]vote{}
	b.perAddr = map[string]int{}
	b.unsaved = map[string]game.Vote{}
}

// Restore sets the stored votes of one prediction. A vote that is already here is newer, unless another leaderboard has held
// the room since: there, the voter may have changed it. Votes on an open prediction that were not stored become unsaved
// again, because a save may have failed when the room was lost.
func (b *Ballot) Restore(votes []game.Vote, heldByAnother bool) {
	b.mu.Lock()
	defer b.mu.Unlock()

	if len(votes) > 0 && votes[0].Prediction != b.id {
		b.reset(votes[0].Prediction)
	}
	clear(b.unsaved)
	if b.open {
		for voter, v := range b.votes {
			b.unsaved[voter] = v.of(voter, b.id)
		}
	}
	for _, v := range votes {
		if _, voted := b.votes[v.Voter]; !voted || heldByAnother {
			b.votes[v.Voter] = vote{option: v.Option, team: v.Team, left: maxChanges}
		}
		if b.votes[v.Voter].of(v.Voter, b.id) == v {
			delete(b.unsaved, v.Voter)
		}
	}
}

// Cast sets a voter's vote on a prediction, or changes it.
func (b *Ballot) Cast(id int64, voter string, option, team int, address string, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()

	v, voted := b.votes[voter]
	switch {
	case !b.open || id != b.id:
		return ErrClosed
	case option < 0 || option >= b.options:
		return ErrNoOption
	case !voted && (len(b.votes) >= MaxVoters || b.perAddr[address] >= MaxPerAddress):
		return ErrFull
	case !voted:
		b.perAddr[address]++
		v = vote{left: maxChanges, at: now}
	}

	v, ok := v.change(now)
	if !ok {
		return ErrTooFast
	}
	v.option = option
	v.team = team
	b.votes[voter] = v
	b.unsaved[voter] = v.of(voter, b.id)
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

// Close ends the vote and returns its tally. Votes are refused from now on, including while the closing is being stored;
// Reopen undoes that.
func (b *Ballot) Close() (t game.Tally, wasOpen bool) {
	b.mu.Lock()
	defer b.mu.Unlock()

	wasOpen = b.open
	b.open = false
	b.closing = true
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

// Reopen undoes a Close that could not be stored.
func (b *Ballot) Reopen() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open = true
	b.closing = false
}

// Unsaved returns the votes that were cast or changed since the last call.
func (b *Ballot) Unsaved() []game.Vote {
	b.mu.Lock()
	defer b.mu.Unlock()

	out := slices.Collect(maps.Values(b.unsaved))
	clear(b.unsaved)
	return out
}
