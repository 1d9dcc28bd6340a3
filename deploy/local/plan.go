package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// act is one thing that the demo's instructor does: a line on the board, and a request to the control
// panel or to the leaderboard.
type act struct {
	after  time.Duration // since the act before
	says   string        // on the board; empty leaves what stands there
	method string
	path   string // below the panel, or below the board's /api/instructor
	board  bool
	body   map[string]any
}

// load is an act on the control panel.
func load(after time.Duration, says string, set map[string]any) act {
	return act{after: after, says: says, method: http.MethodPut, path: "/api/load", body: set}
}

// room is an act on the leaderboard.
func room(after time.Duration, says, path string) act {
	return act{after: after, says: says, method: http.MethodPost, path: path, board: true}
}

// plan is the class of 90 minutes from docs/instructor.md in ten.
var plan = []act{
	load(time.Second, "Start one member: it owns every partition", map[string]any{"rate": 10, "paused": false, "keys": "null"}),
	load(60*time.Second, "A colleague joins: the group splits the work", nil),
	load(60*time.Second, "One member for each partition – and then one more", nil),
	load(60*time.Second, "More load: watch the lag of whoever is slow", map[string]any{"rate": 150}),
	load(75*time.Second, "Stop one with Ctrl+C, then kill one: which is taken over at once?", map[string]any{"rate": 20}),
	load(75*time.Second, "One hot key: one lane carries most of it", map[string]any{"keys": "hot", "hot_share": 0.8}),
	load(45*time.Second, "Keys by user: each user's records keep their lane", map[string]any{"keys": "user"}),
	load(30*time.Second, "No keys: record by record over all lanes", map[string]any{"keys": "null"}),
	room(45*time.Second, "The score is hidden now – the groups go on", "/freeze"),
	room(60*time.Second, "And the winner is …", "/reveal"),
	load(90*time.Second, "", nil),
}

// teach plays the plan, again and again, with a new round at each turn.
func (s *stack) teach(ctx context.Context) {
	for {
		for _, a := range plan {
			if !wait(ctx, a.after) {
				return
			}
			if err := s.act(ctx, a); err != nil && ctx.Err() == nil {
				s.say("demo: the instructor: " + err.Error())
			}
		}
		if err := s.act(ctx, room(0, "", "/rounds")); err != nil && ctx.Err() == nil {
			s.say("demo: a new round: " + err.Error())
		}
	}
}

func (s *stack) act(ctx context.Context, a act) error {
	if a.says != "" {
		if err := s.request(ctx, http.MethodPost, s.flags.Board+"/api/instructor/message", map[string]any{"text": a.says}); err != nil {
			return err
		}
	}
	if a.board {
		return s.request(ctx, a.method, s.flags.Board+"/api/instructor"+a.path, nil)
	}
	if a.body == nil {
		return nil
	}
	return s.request(ctx, a.method, s.flags.Panel+a.path, a.body)
}

// request is one that the instructor's token goes with.
func (s *stack) request(ctx context.Context, method, address string, body map[string]any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+address, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, req.URL.Path, resp.Status)
	}
	return nil
}
