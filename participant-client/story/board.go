package story

import (
	"context"
	"slices"
	"time"
)

// A Board follows a team on the leaderboard. Run and Vote may be called concurrently; everything else is for one goroutine.
type Board struct {
	Team       Team
	TeamAt     time.Time   // of the leaderboard's last good answer; zero before the first
	Step       *Step       // of the run sheet; nil for none
	Prediction *Prediction // that the room votes on, or whose answer was found; nil for none

	poll       *poller // nil without a leaderboard
	askedID    int64   // of the last question that was reported
	answeredID int64   // of the last question whose answer was reported
}

// NewBoard returns a Board, which stays empty without a leaderboard and a team.
func NewBoard(cfg Config) *Board {
	b := &Board{}
	if cfg.Leaderboard != "" && cfg.Team > 0 {
		b.poll = newPoller(cfg)
	}
	return b
}

// Run asks the leaderboard until ctx ends.
func (b *Board) Run(ctx context.Context) {
	if b.poll != nil {
		b.poll.run(ctx)
	}
}

// Advance applies the last answers and returns what is new in them: badges, a question, its answer.
func (b *Board) Advance(now time.Time) []Sentence {
	if b.poll == nil {
		return nil
	}
	last := b.poll.last(now)
	b.Step = last.step
	return append(b.awarded(last.team, last.at), b.asked(last.prediction, now)...)
}

// awarded returns the badges that are new since the last answer. Those of the first answer are old.
func (b *Board) awarded(t Team, at time.Time) []Sentence {
	if at.IsZero() || at.Equal(b.TeamAt) {
		return nil
	}
	var out []Sentence
	for _, badge := range t.Badges {
		if b.TeamAt.IsZero() || slices.ContainsFunc(b.Team.Badges, func(o Badge) bool { return o.ID == badge.ID }) {
			continue
		}
		out = append(out, Sentence{Kind: BadgeAwarded, At: at, Badge: badge})
	}
	b.Team, b.TeamAt = t, at
	return out
}

// asked returns a question that is new, and its answer. The answer to a question that was never seen open is no news.
func (b *Board) asked(now *Prediction, at time.Time) []Sentence {
	b.Prediction = now
	if now == nil {
		return nil
	}

	if !now.Answered() {
		if now.ID == b.askedID || !now.Open() {
			return nil
		}
		b.askedID = now.ID
		return []Sentence{now.Sentence(at)}
	}
	if now.ID == b.answeredID || now.ID != b.askedID {
		return nil
	}
	b.answeredID = now.ID
	return []Sentence{now.Sentence(at)}
}
