package tui

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A team is what the leaderboard says of ours: the part of its JSON that the screen shows.
type team struct {
	Name    string       `json:"name"`
	Rank    int          `json:"rank"`
	Points  int          `json:"points"`
	Badges  []badge      `json:"badges"`
	Members []teamMember `json:"members"`
	Actions struct {
		Accepted int64 `json:"accepted"`
		Rejected int64 `json:"rejected"`
	} `json:"actions"`
}

type badge struct {
	ID    string `json:"badge"`
	Icon  string `json:"icon"`
	First bool   `json:"first"`
}

type teamMember struct {
	ID     string `json:"member_id"`
	Colour int    `json:"colour"`
}

// name is Full House for full_house.
func (b badge) name() string {
	words := strings.Split(b.ID, "_")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

// A poller asks the leaderboard for our team each two seconds. The last good answer stays; its age
// is known.
type poller struct {
	url    string
	client *http.Client

	mu   sync.Mutex // guards what follows
	team team
	at   time.Time // of the last good answer
}

func newPoller(board string, number int) *poller {
	return &poller{
		url:    fmt.Sprintf("%s/api/teams/%d", strings.TrimRight(board, "/"), number),
		client: &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{}},
	}
}

// run polls until ctx ends.
func (p *poller) run(ctx context.Context) {
	defer p.client.CloseIdleConnections()
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		if t, err := p.ask(ctx); err == nil {
			p.mu.Lock()
			p.team, p.at = t, time.Now()
			p.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (p *poller) ask(ctx context.Context) (team, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url, nil)
	if err != nil {
		return team{}, fmt.Errorf("--leaderboard: %w", err)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return team{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return team{}, fmt.Errorf("leaderboard answers %s", resp.Status)
	}
	var t team
	return t, json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&t)
}

func (p *poller) last() (team, time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.team, p.at
}
