package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"kafka-workshop/internal/sheet"
	"kafka-workshop/internal/textfile"
	"kafka-workshop/internal/workshop"
)

// Robots play a script in each step of the run sheet, by the kind of their team. It is steps with commas
// between them: a number waits for so many seconds; join starts a member with the flags behind it; python
// starts one of kafka-python where that is installed; leave stops the oldest member with a signal, and crash
// kills it.

// kinds are the teams', in turn: team 8 plays what team 1 does.
var kinds = []string{"range", "crowd", "sticky", "server", "slow", "quiet", "exact"}

// unscripted is how long robots stay in a step whose sheet does not say.
const unscripted = 30 * time.Second

// lasts is how long robots stay in a step.
func lasts(s workshop.Step) time.Duration {
	if s.Robots == nil || s.Robots.Seconds <= 0 {
		return unscripted
	}
	return time.Duration(s.Robots.Seconds * float64(time.Second))
}

// script is what a kind of team plays in a step; empty for nothing.
func script(s workshop.Step, kind string) string {
	if s.Robots == nil {
		return ""
	}
	return s.Robots.Teams[kind]
}

// writeSheet writes the sheet as robots play it, for the leaderboard: with minutes as short as the robots'.
func (s *stack) writeSheet() error {
	fast := workshop.Sheet{}
	for _, step := range s.sheet.Steps {
		step.Minutes = lasts(step).Minutes()
		fast.Steps = append(fast.Steps, step)
	}
	text, err := json.MarshalIndent(fast, "", "  ") // JSON is YAML
	if err != nil {
		return err
	}

	s.sheetFile = s.data.Path("demo-sheet.yaml")
	return textfile.WritePrivate(s.sheetFile, text)
}

// readSheet reads the run sheet, and in a demo makes one of it that robots keep to.
func (s *stack) readSheet() (err error) {
	room := s.flags.Room
	if s.flags.Roster != "" {
		room.Teams = workshop.MaxTeams // the leaderboard will know how many there are
	}
	if s.sheet, err = sheet.For(s.flags.Sheet, room); err != nil {
		return err
	}
	if s.flags.Demo {
		return s.writeSheet()
	}

	if s.flags.Sheet != "" {
		s.sheetFile, err = filepath.Abs(s.flags.Sheet)
	}
	return err
}

// act sends a command of the instructor to the leaderboard.
func (s *stack) act(ctx context.Context, path string, body map[string]any) error {
	return s.request(ctx, http.MethodPost, s.flags.Board+"/api/instructor"+path, body)
}

// request sends JSON to a service, with the instructor's token.
func (s *stack) request(ctx context.Context, method, address string, body map[string]any) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()

	text := []byte("{}")
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+address, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)

	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	var answer struct {
		Error string `json:"error"`
	}
	_ = json.NewDecoder(resp.Body).Decode(&answer) // the status says the rest
	return fmt.Errorf("%s: %s: %s", req.URL.Path, resp.Status, answer.Error)
}
