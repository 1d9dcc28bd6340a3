package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const requestWithin = 10 * time.Second

// direct follows no redirect: a leaderboard that does not hold the room sends the instructor to the one that does.
var direct = &http.Client{Timeout: requestWithin, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// send sends a request and returns the response's body and cookies, and an error unless the status is 200.
func send(ctx context.Context, client *http.Client, method, url, body string, header http.Header) ([]byte, []*http.Cookie, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header = header
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}

	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %.200s", method, url, resp.Status, text)
	}
	return text, resp.Cookies(), err
}

// ask sends an instructor's request to a service.
func (c *class) ask(ctx context.Context, method, addr, path, body string) ([]byte, error) {
	text, _, err := send(ctx, direct, method, "http://"+addr+path, body, http.Header{"Authorization": {"Bearer " + c.token}})
	return text, err
}

// get decodes a service's response to the instructor.
func (c *class) get(ctx context.Context, addr, path string, into any) error {
	text, err := c.ask(ctx, http.MethodGet, addr, path, "")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s%s: %w", addr, path, err)
	}
	return nil
}

// metrics returns the values of a service's metrics.
func (c *class) metrics(ctx context.Context, addr string) (map[string]float64, error) {
	text, err := c.ask(ctx, http.MethodGet, addr, "/metrics", "")
	if err != nil {
		return nil, err
	}

	out := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseFloat(value, 64); ok && err == nil {
			out[name] = n // names include the labels, if any
		}
	}
	return out, nil
}

// board is the part of a leaderboard's board that is checked.
type board struct {
	AsOf       time.Time  `json:"as_of"`
	StaleSince *time.Time `json:"stale_since"`
	Teams      []struct {
		Lag     *int64 `json:"lag"`
		Members []struct {
			Partitions []int `json:"partitions"`
		} `json:"members"`
	} `json:"teams"`
}

// ready returns the board of a leaderboard that is ready.
func (c *class) ready(ctx context.Context, addr string) (b board, err error) {
	if _, err := c.ask(ctx, http.MethodGet, addr, "/readyz", ""); err != nil {
		return b, err
	}
	return b, c.get(ctx, addr, "/api/board", &b)
}

// groups counts the groups whose members all own partitions, and returns the largest lag.
func (b board) groups(members int) (full int, lag int64) {
	for _, t := range b.Teams {
		owners := 0
		for _, m := range t.Members {
			if len(m.Partitions) > 0 {
				owners++
			}
		}
		if owners == members {
			full++
		}
		if t.Lag != nil {
			lag = max(lag, *t.Lag)
		}
	}
	return full, lag
}

func (c *class) full(ctx context.Context) error {
	b, err := c.ready(ctx, c.boards[0])
	if err != nil {
		return err
	}
	if n, _ := b.groups(c.flags.Members); n < c.flags.Teams {
		return fmt.Errorf("%d of %d groups have all of their members", n, c.flags.Teams)
	}
	return nil
}
