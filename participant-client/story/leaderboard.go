package story

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"time"
)

// A Team is this process's team on the leaderboard: the part of its JSON that the screen shows.
type Team struct {
	Name    string       `json:"name"`
	Rank    int          `json:"rank"`
	Points  int          `json:"points"`
	Badges  []Badge      `json:"badges"`
	Members []teamMember `json:"members"`
	Actions struct {
		Accepted int64 `json:"accepted"`
		Rejected int64 `json:"rejected"`
	} `json:"actions"`

	Frozen bool `json:"-"` // the score is as of when the instructor froze the board
}

// A Badge is a badge that the team has earned.
type Badge struct {
	ID    string `json:"badge"`
	Icon  string `json:"icon"`
	First bool   `json:"first"`
}

type teamMember struct {
	ID     string `json:"member_id"`
	Colour int    `json:"colour"`
}

// Name returns the badge's name in words: Full House for full_house.
func (b Badge) Name() string {
	words := strings.Split(b.ID, "_")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

// A poller asks the leaderboard about every two seconds, so that the clients of a room do not ask all at once. It
// stores the last good answers.
type poller struct {
	board  string
	number int
	code   string // of the team; empty when unknown
	client *http.Client

	mu sync.Mutex // guards what follows
	answers
	vote vote
}

// answers are the leaderboard's last answers.
type answers struct {
	team         Team
	at           time.Time // of the last good answer about the team
	step         *Step
	stepAt       time.Time
	prediction   *Prediction
	predictionAt time.Time
}

const (
	pollEvery  = 2 * time.Second
	boardEvery = 5 // polls: the step, and whether the board is frozen, are part of a much longer answer
)

// Older answers are not shown: an old leaderboard has neither steps nor questions, and one that is away has no current ones.
const (
	stepKept       = 3 * boardEvery * pollEvery
	predictionKept = 5 * pollEvery
)

func newPoller(cfg Config) *poller {
	jar, _ := cookiejar.New(nil) // never fails; it holds the voter's cookie
	return &poller{
		board: strings.TrimRight(cfg.Leaderboard, "/"), number: cfg.Team, code: cfg.Code,
		client: &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{}, Jar: jar},
	}
}

// run polls until ctx ends.
func (p *poller) run(ctx context.Context) {
	defer p.client.CloseIdleConnections()
	for polls := 0; ; polls++ {
		p.poll(ctx, polls%boardEvery == 0)

		timer := time.NewTimer(pollEvery*3/4 + rand.N(pollEvery/2))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// poll asks once, and for the board if that is due. If there is no answer, the last one stays.
func (p *poller) poll(ctx context.Context, board bool) {
	if board {
		if b, err := p.fetchBoard(ctx); err == nil {
			p.mu.Lock()
			p.team.Frozen = b.frozen
			p.step, p.stepAt = b.step, time.Now()
			p.mu.Unlock()
		}
	}
	if t, err := p.fetchTeam(ctx); err == nil {
		p.mu.Lock()
		t.Frozen = p.team.Frozen
		p.team, p.at = t, time.Now()
		p.mu.Unlock()
	}
	if asked, err := p.fetchPrediction(ctx); err == nil {
		p.mu.Lock()
		p.prediction, p.predictionAt = asked, time.Now()
		p.mu.Unlock()
	}
}

func (p *poller) fetchTeam(ctx context.Context) (Team, error) {
	var t Team
	err := p.get(ctx, fmt.Sprintf("/api/teams/%d", p.number), func(resp *http.Response) error { return decode(resp, &t) })
	return t, err
}

func (p *poller) get(ctx context.Context, path string, read func(*http.Response) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.board+path, nil)
	if err != nil {
		return fmt.Errorf("--leaderboard: %w", err)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()

	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("leaderboard answers %s", resp.Status)
	}
	return read(resp)
}

// longestAnswer limits how much of an answer is read, in bytes.
const longestAnswer = 1 << 20

func decode(resp *http.Response, into any) error {
	return json.NewDecoder(io.LimitReader(resp.Body, longestAnswer)).Decode(into)
}

// last returns the last good answers; a step or a question that is too old is left out.
func (p *poller) last(now time.Time) answers {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.answers
	if now.Sub(out.stepAt) > stepKept {
		out.step = nil
	}
	if now.Sub(out.predictionAt) > predictionKept {
		out.prediction = nil
	}
	if out.prediction != nil {
		out.prediction = out.prediction.withVote(p.vote)
	}
	return out
}
