package story

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Phases of a prediction, as the leaderboard names them.
const (
	phaseOpen     = "open"
	phaseAgain    = "again"
	phaseAnswered = "answered"
)

// A Prediction is a question that the room votes on before it does it.
type Prediction struct {
	ID       int64    `json:"id"`
	Question string   `json:"question"`
	Options  []Option `json:"options"`
	Phase    string   `json:"phase"`
	Votes    int      `json:"votes"`
	Counts   []int    `json:"counts"` // by option; nil until the vote is closed
	Answer   *Answer  `json:"answer"`

	Mine int `json:"-"` // the option that this process has voted for; -1 for none
}

// An Option is a possible answer.
type Option struct {
	Option int    `json:"option"`
	Text   string `json:"text"`
}

// An Answer is what happened.
type Answer struct {
	Option  int    `json:"option"`
	Because string `json:"because"` // a sentence
}

// Open reports whether votes count now.
func (p *Prediction) Open() bool { return p.Phase == phaseOpen || p.Phase == phaseAgain }

// Answered reports whether the answer is known.
func (p *Prediction) Answered() bool { return p.Phase == phaseAnswered && p.Answer != nil }

// Text returns an option's text.
func (p *Prediction) Text(option int) string {
	i := slices.IndexFunc(p.Options, func(o Option) bool { return o.Option == option })
	if i < 0 {
		return ""
	}
	return p.Options[i].Text
}

// Sentence returns the question, or its answer once it is known.
func (p *Prediction) Sentence(now time.Time) Sentence {
	if !p.Answered() {
		return Sentence{Kind: Asked, At: now, Explained: p.Question}
	}

	s := Sentence{Kind: Answered, At: now, Others: []string{p.Text(p.Answer.Option)}, Explained: p.Answer.Because}
	switch p.Mine {
	case -1:
	case p.Answer.Option:
		s.How = Right
	default:
		s.How = Wrong
	}
	return s
}

func (s Sentence) answered() string {
	text := fmt.Sprintf("The answer is %s: %s", strings.Join(s.Others, ""), s.Explained)
	switch s.How {
	case Right:
		text += " You were right."
	case Wrong:
		text += " You had said something else."
	}
	return text
}

// A vote is this process's vote on a prediction.
type vote struct {
	prediction int64
	option     int
}

// withVote returns a copy with this process's vote, if that is on this prediction.
func (p *Prediction) withVote(v vote) *Prediction {
	out := *p
	out.Mine = -1
	if v.prediction == p.ID {
		out.Mine = v.option
	}
	return &out
}

// fetchPrediction returns the current question, nil for none.
func (p *poller) fetchPrediction(ctx context.Context) (asked *Prediction, err error) {
	err = p.get(ctx, "/api/prediction", func(resp *http.Response) error { return decode(resp, &asked) })
	if err != nil || asked == nil {
		return nil, err
	}

	asked.Question = Clean(asked.Question)
	for i := range asked.Options {
		asked.Options[i].Text = Clean(asked.Options[i].Text)
	}
	if asked.Answer != nil {
		asked.Answer.Because = Clean(asked.Answer.Because)
	}
	return asked, nil
}

// Vote votes on the question that is shown. It may be called concurrently.
func (b *Board) Vote(ctx context.Context, on *Prediction, option int) error {
	if b.poll == nil {
		return errors.New("no leaderboard is known")
	}
	return b.poll.cast(ctx, on.ID, option)
}

// cast votes. The leaderboard identifies a voter by a cookie, which the first vote has to fetch.
func (p *poller) cast(ctx context.Context, prediction int64, option int) error {
	status, fault, err := p.postVote(ctx, option)
	if status == http.StatusForbidden {
		if err := p.becomeVoter(ctx); err != nil {
			return err
		}
		status, fault, err = p.postVote(ctx, option)
	}
	switch {
	case err != nil:
		return err
	case status != http.StatusOK:
		return errors.New(fault)
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	p.vote = vote{prediction, option}
	return nil
}

func (p *poller) postVote(ctx context.Context, option int) (status int, fault string, err error) {
	body, err := json.Marshal(map[string]int{"option": option})
	if err != nil {
		return 0, "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.board+"/api/prediction/vote", bytes.NewReader(body))
	if err != nil {
		return 0, "", fmt.Errorf("--leaderboard: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()

	var refused struct {
		Error string `json:"error"`
	}
	if err := decode(resp, &refused); err != nil || refused.Error == "" {
		refused.Error = "the leaderboard answers " + resp.Status
	}
	return resp.StatusCode, Clean(refused.Error), nil
}

// becomeVoter gets the voter's cookie. With the team's code its vote counts for the team, otherwise it is a guest's.
func (p *poller) becomeVoter(ctx context.Context) error {
	drain := func(resp *http.Response) error {
		_, err := io.Copy(io.Discard, io.LimitReader(resp.Body, longestAnswer))
		return err
	}
	if p.code != "" && p.get(ctx, "/j/"+p.code, drain) == nil {
		return nil
	}
	return p.get(ctx, "/predict", drain)
}
