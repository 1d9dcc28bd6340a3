package game

import "fmt"

// ForesightFrom is how many predictions in a round a team has to get right for Foresight.
const ForesightFrom = 3

// A TeamVote is how one team's voters voted on a prediction.
type TeamVote struct {
	Counts []int // by option; nil if nobody of the team voted
	First  []int // the same for the vote before the discussion; nil without a second vote
	Choice int   // the option with more than half of the votes; -1 for none
	Right  bool  // the choice is the answer
}

// Of returns how a team voted. While the vote is open, it is empty.
func (p Prediction) Of(team int) TeamVote {
	v := TeamVote{Choice: -1}
	if p.Tally == nil || p.ClosedAt.IsZero() {
		return v
	}

	v.Counts = p.Tally.Teams[team]
	v.First = p.Tally.FirstTeams[team]
	v.Choice = majority(v.Counts)
	v.Right = p.Answer != nil && v.Choice == p.Answer.Option
	return v
}

// majority returns the option with more than half of the votes, or -1.
func majority(counts []int) int {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	for option, n := range counts {
		if 2*n > sum {
			return option
		}
	}
	return -1
}

// Foreseen returns the IDs of the predictions for which a team's majority was right.
func Foreseen(all []Prediction, team int) []int64 {
	var out []int64
	for _, p := range all {
		if p.Of(team).Right {
			out = append(out, p.ID)
		}
	}
	return out
}

// foresightClaims returns the badge for teams that were right often enough. It counts all predictions each time, since a
// restart loads them all.
func (r *Room) foresightClaims() []claim {
	if len(r.predictions) < ForesightFrom {
		return nil
	}

	var out []claim
	for _, t := range r.teams {
		if t.has(Foresight) {
			continue
		}
		if right := Foreseen(r.predictions, t.team); len(right) >= ForesightFrom {
			out = append(out, claim{t, Foresight, fmt.Sprintf("%d right", len(right)), proof{Foreseen: right}})
		}
	}
	return out
}

// withoutVotes hides how teams voted on predictions that were not decided before the freeze, because being right is part of
// the score.
func (f *Frozen) withoutVotes(all []Prediction) []Prediction {
	out := make([]Prediction, len(all))
	for i, p := range all {
		if p.DecidedAt.IsZero() || !p.DecidedAt.Before(f.At) {
			p.Hidden = true
			if p.Tally != nil {
				tally := *p.Tally
				tally.Teams, tally.FirstTeams = nil, nil
				p.Tally = &tally
			}
		}
		out[i] = p
	}
	return out
}
