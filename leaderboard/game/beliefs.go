package game

import "fmt"

// Minimums below which no belief is reported, because it would be a guess.
const (
	believersLeast = 3 // voters
	believersShare = 5 // a fifth of the votes
)

// A Belief is a false belief that many in the room held.
type Belief struct {
	Prediction int64  `json:"prediction"` // its ID
	Kind       string `json:"kind"`
	Held       int    `json:"held"`  // voters
	Votes      int    `json:"votes"` // on the prediction
	Text       string `json:"text"`  // a clause: "every member gets work"
	Because    string `json:"because"`
}

// Sentence reports who believed what: "41 of 60 believed that every member gets work".
func (b Belief) Sentence() string {
	return fmt.Sprintf("%d of %d believed that %s", b.Held, b.Votes, b.Text)
}

// exceeds reports whether a larger share of the votes held b than o.
func (b Belief) exceeds(o Belief) bool { return b.Held*o.Votes > o.Held*b.Votes }

// WorstBelief returns the false belief that the largest share of a vote held. It uses the last vote, before which the room
// may have talked. It is nil if too few held one, or if two beliefs tie.
func WorstBelief(all []Prediction) *Belief {
	var worst *Belief
	tied := false
	for _, p := range all {
		for _, b := range p.wrongBeliefs() {
			switch {
			case worst == nil || b.exceeds(*worst):
				worst, tied = &b, false
			case worst.exceeds(b):
			case worst.Text != b.Text:
				tied = true
			}
		}
	}
	if tied {
		return nil
	}
	return worst
}

// wrongBeliefs returns the beliefs behind the wrong options of an answered prediction. Options with the same belief count
// together; a belief that the right option shares is not wrong.
func (p Prediction) wrongBeliefs() []Belief {
	texts := p.Question.Beliefs
	if p.Answer == nil || p.Tally == nil || p.Answer.Option >= len(texts) {
		return nil
	}

	var out []Belief
	at := map[string]int{}
	votes := 0
	for option, n := range p.Tally.Counts {
		votes += n
		if option >= len(texts) || texts[option] == "" || texts[option] == texts[p.Answer.Option] {
			continue
		}
		i, known := at[texts[option]]
		if !known {
			i = len(out)
			at[texts[option]] = i
			out = append(out, Belief{Prediction: p.ID, Kind: p.Question.Kind, Text: texts[option], Because: p.Answer.Because})
		}
		out[i].Held += n
	}

	held := out[:0]
	for _, b := range out {
		b.Votes = votes
		if b.Held >= believersLeast && b.Held*believersShare >= votes {
			held = append(held, b)
		}
	}
	return held
}
