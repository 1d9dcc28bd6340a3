package main

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"kafka-workshop/leaderboard/game"
)

// A played is the JSON of /api/replay, as an outside program reads it.
type played struct {
	Round  int       `json:"round"`
	From   time.Time `json:"from"`
	States []string  `json:"states"`
	Teams  []struct {
		Members []struct {
			MemberID string `json:"member_id"`
			ClientID string `json:"client_id"`
		} `json:"members"`
		Spans [][5]int64 `json:"spans"`
	} `json:"teams"`
	Scores []struct {
		At    int64    `json:"at"`
		Teams [][3]int `json:"teams"`
	} `json:"scores"`
}

func (p *program) replay(t *testing.T, query string) played {
	t.Helper()
	var out played
	status, body := p.get("/api/replay" + query)
	if err := json.Unmarshal([]byte(body), &out); err != nil || status != http.StatusOK {
		t.Fatalf("/api/replay%s: %d %v %.300s", query, status, err, body)
	}
	return out
}

// lane returns what the replay shows of a lane of team 1: its state, and the owner's member and client ID.
func (p played) lane(partition int, at time.Time) (state, member, client string) {
	ms := at.Sub(p.From).Milliseconds()
	team := p.Teams[0]
	for _, s := range team.Spans {
		if int(s[0]) != partition || ms < s[1] || (s[2] >= 0 && ms >= s[2]) {
			continue
		}
		state = p.States[s[4]]
		if s[3] >= 0 {
			member, client = team.Members[s[3]].MemberID, team.Members[s[3]].ClientID
		}
	}
	return state, member, client
}

// points returns team 1's points as the replay shows them.
func (p played) points(at time.Time) (points int) {
	for _, step := range p.Scores {
		for _, s := range step.Teams {
			if s[0] == 1 && step.At <= at.Sub(p.From).Milliseconds() {
				points = s[1]
			}
		}
	}
	return points
}

// A recording is what the live board showed, sweep by sweep.
type recording struct {
	mu     sync.Mutex
	boards []game.Board
}

func (p *program) record(t *testing.T) *recording {
	t.Helper()
	r := &recording{}
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case <-tick.C:
			}
			if b, ok := p.board(); ok {
				r.mu.Lock()
				r.boards = append(r.boards, b)
				r.mu.Unlock()
			}
		}
	}()
	t.Cleanup(func() { close(end); <-done })
	return r
}

// shown returns what a live board showed of a lane.
func shown(b game.Board, l game.Lane) (state, member string) {
	if l.Owner != nil {
		member = *l.Owner
	}
	switch {
	case len(b.Teams[0].Members) == 0:
		return "", ""
	case l.Moving:
		state = game.LaneMoving
	case l.Owner == nil:
		state = game.LaneFree
	case l.SilentSince != nil:
		state = game.LaneSilent
	default:
		state = game.LaneOwned
	}
	return state, member
}

// saw reports whether the board has shown a lane in a state.
func (r *recording) saw(state string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.boards {
		for _, l := range b.Teams[0].Lanes {
			if is, _ := shown(b, l); is == state {
				return true
			}
		}
	}
	return false
}

// compare compares a replay with the recording of its round, in which lanes must have been in these states.
func (r *recording) compare(t *testing.T, p played, states []string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	compared, seen := 0, map[string]int{}
	for _, b := range r.boards {
		if b.Round != p.Round || b.AsOf.Before(p.From) {
			continue
		}
		team := b.Teams[0]
		for _, l := range team.Lanes {
			state, member := shown(b, l)
			told, by, _ := p.lane(int(l.Partition), b.AsOf.Time)
			// An owner's silence is detected later, and recorded from its beginning.
			if late := told == game.LaneSilent && state == game.LaneOwned; (told != state && !late) || by != member {
				t.Fatalf("P%d at %v: the board showed %q by %q, the replay shows %q by %q", l.Partition, b.AsOf, state, member, told, by)
			}
			seen[state]++
			compared++
		}
		if got := p.points(b.AsOf.Time); got < team.Points { // the board shows points once they are stored
			t.Errorf("at %v the board showed %d points, the replay shows %d", b.AsOf, team.Points, got)
		}
	}
	for _, state := range states {
		if seen[state] == 0 {
			t.Errorf("no lane was %s: %v", state, seen)
		}
	}
	t.Logf("round %d: %d lanes compared, %v", p.Round, compared, seen)
}
