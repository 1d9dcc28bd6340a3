package story

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Team is this process's team as the leaderboard has it: the part of its JSON that the screen shows.
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

// Name is the badge's name in words: Full House for full_house.
func (b Badge) Name() string {
	words := strings.Split(b.ID, "_")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

// A poller asks the leaderboard for the team every two seconds. It keeps the last good answer and its time.
type poller struct {
	board  string
	number int
	client *http.Client

	mu   sync.Mutex // guards what follows
	team Team
	at   time.Time // of the last good answer
}

const (
	pollEvery   = 2 * time.Second
	frozenEvery = 5 // polls: whether the board is frozen stands in a much longer answer
)

func newPoller(board string, number int) *poller {
	return &poller{
		board: strings.TrimRight(board, "/"), number: number,
		client: &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{}},
	}
}

// run polls until ctx ends.
func (p *poller) run(ctx context.Context) {
	defer p.client.CloseIdleConnections()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	frozen := false
	for polls := 0; ; polls++ {
		if polls%frozenEvery == 0 {
			if now, err := p.fetchFrozen(ctx); err == nil {
				frozen = now
			}
		}
		if t, err := p.fetchTeam(ctx); err == nil {
			t.Frozen = frozen
			p.mu.Lock()
			p.team = t
			p.at = time.Now()
			p.mu.Unlock()
		}

		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (p *poller) fetchTeam(ctx context.Context) (Team, error) {
	var t Team
	err := p.get(ctx, fmt.Sprintf("/api/teams/%d", p.number), func(answer *json.Decoder) error { return answer.Decode(&t) })
	return t, err
}

// fetchFrozen reads the beginning of the board, up to its field frozen.
func (p *poller) fetchFrozen(ctx context.Context) (frozen bool, err error) {
	err = p.get(ctx, "/api/board", func(answer *json.Decoder) error {
		for {
			token, err := answer.Token()
			if err != nil {
				return err
			}
			if token == "frozen" {
				return answer.Decode(&frozen)
			}
		}
	})
	return frozen, err
}

func (p *poller) get(ctx context.Context, path string, read func(*json.Decoder) error) error {
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
	return read(json.NewDecoder(io.LimitReader(resp.Body, 1<<20)))
}

// A Board follows a team on the leaderboard, for whoever has no Story. Run may be called concurrently.
type Board struct {
	Team   Team
	TeamAt time.Time // of the leaderboard's last good answer; zero before the first

	poll *poller // nil without a leaderboard
}

// NewBoard returns a Board, which stays empty without a URL and a team.
func NewBoard(url string, team int) *Board {
	b := &Board{}
	if url != "" && team > 0 {
		b.poll = newPoller(url, team)
	}
	return b
}

// Run asks the leaderboard until ctx ends.
func (b *Board) Run(ctx context.Context) {
	if b.poll != nil {
		b.poll.run(ctx)
	}
}

// Advance takes over the last answer and returns the badges that are new in it.
func (b *Board) Advance() []Sentence {
	if b.poll == nil {
		return nil
	}
	team, at := b.poll.last()
	out := newBadges(b.Team, b.TeamAt, team, at)
	if !at.IsZero() {
		b.Team, b.TeamAt = team, at
	}
	return out
}

// newBadges are the badges that are new since an earlier answer. Those of the first answer are old.
func newBadges(before Team, beforeAt time.Time, now Team, at time.Time) []Sentence {
	if beforeAt.IsZero() || at.Equal(beforeAt) {
		return nil
	}
	var out []Sentence
	for _, b := range now.Badges {
		if !slices.ContainsFunc(before.Badges, func(o Badge) bool { return o.ID == b.ID }) {
			out = append(out, Sentence{Kind: BadgeAwarded, At: at, Badge: b})
		}
	}
	return out
}

func (p *poller) last() (Team, time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.team, p.at
}
