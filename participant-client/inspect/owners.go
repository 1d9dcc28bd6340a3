package inspect

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/look"
)

// A Board is the leaderboard's page of a team, which knows the colours of the team's members.
type Board struct {
	URL  string // empty if unknown
	Team int
}

// boardTimeout is short: a board that is away must not delay what Kafka reports.
const boardTimeout = 500 * time.Millisecond

// colours asks the leaderboard for the colours of the team's members, by member ID.
func (b Board) colours(ctx context.Context) (map[string]int, error) {
	ctx, cancel := context.WithTimeout(ctx, boardTimeout)
	defer cancel()
	address := fmt.Sprintf("%s/api/teams/%d", strings.TrimRight(b.URL, "/"), b.Team)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("--leaderboard: %w", err)
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // only read from

	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the leaderboard answers %s", resp.Status)
	}
	var team struct {
		Members []struct {
			ID     string `json:"member_id"`
			Colour int    `json:"colour"`
		} `json:"members"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&team); err != nil {
		return nil, err
	}

	out := map[string]int{}
	for _, m := range team.Members {
		out[m.ID] = m.Colour
	}
	return out, nil
}

// owners stores the members' colours between looks.
type owners struct {
	board   Board
	known   map[string]int // the board's last response
	colours map[string]int
}

// update gives each member of a group its colour: the board's, or else the one by the board's rule.
func (o *owners) update(ctx context.Context, g *group.Group) {
	if o.board.URL != "" && o.board.Team > 0 {
		if known, err := o.board.colours(ctx); err == nil {
			o.known = known
		}
	}
	if o.colours == nil {
		o.colours = map[string]int{}
	}

	var present []string
	for _, m := range g.Members { // by ID, as on the board
		present = append(present, m.ID)
	}
	look.AssignColours(o.colours, present, o.known)
}

// of returns a member's colour, or -1 if the member is not in the group.
func (o *owners) of(member string) number {
	if colour, known := o.colours[member]; known {
		return number(colour)
	}
	return -1
}
