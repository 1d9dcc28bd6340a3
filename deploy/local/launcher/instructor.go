package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// command sends an instructor command to the leaderboard.
func (s *stack) command(ctx context.Context, path string, body map[string]any) error {
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

	var reply struct {
		Error string `json:"error"`
	}
	_ = json.NewDecoder(resp.Body).Decode(&reply) // without it, only the status is reported
	return fmt.Errorf("%s: %s: %s", req.URL.Path, resp.Status, reply.Error)
}
