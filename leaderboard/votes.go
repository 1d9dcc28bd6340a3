package main

import (
	"context"
	"time"
)

// votesEvery is how often votes are stored: a kill loses no vote older than a second.
const votesEvery = 400 * time.Millisecond

// saveVotes passes new votes to the referee until ctx ends.
func (p *parts) saveVotes(ctx context.Context) {
	tick := time.NewTicker(votesEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if votes := p.ballot.Unsaved(); len(votes) > 0 {
				p.referee.SaveVotes(ctx, votes)
			}
		}
	}
}

// VoteAgain opens a second vote on the question.
func (c commands) VoteAgain(ctx context.Context) error {
	return c.Referee.VoteAgain(ctx, c.ballot.Tally())
}

// ClosePrediction ends the vote. No votes are accepted while the result is being stored.
func (c commands) ClosePrediction(ctx context.Context) error {
	tally, wasOpen := c.ballot.Close()
	err := c.Referee.ClosePrediction(ctx, tally)
	if err != nil && wasOpen {
		c.ballot.Reopen()
	}
	return err
}
