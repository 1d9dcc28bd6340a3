package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"kafka-workshop/internal/process"
)

// vitals are what must not grow of one program.
type vitals struct {
	MB, Goroutines, Files float64
}

// sample is one look at everything.
type sample struct {
	At                            time.Duration // since the groups were full
	Producer, Leaderboard, Client vitals        // Client: the mean of all
	Heap                          float64       // MB that the leaderboard's collector lets the heap grow to: twice what lives
	Rate                          float64       // records per second that the broker acknowledges
	Full                          int           // groups with all members owning
	Lag                           int64         // the largest of any group
}

// watch looks again and again, and prints a line each time.
func (c *class) watch(ctx context.Context, out io.Writer) ([]sample, error) {
	fmt.Fprint(out, header)
	var all []sample
	begun := time.Now()
	tick := time.NewTicker(c.flags.Every)
	defer tick.Stop()
	for time.Since(begun) < c.flags.For {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("stopped after %v of %v", time.Since(begun).Round(time.Second), c.flags.For)
		case <-tick.C:
		}
		if err := c.alive(); err != nil {
			return nil, err
		}
		s, err := c.look(ctx)
		if err != nil {
			return nil, err
		}
		s.At = time.Since(begun)
		fmt.Fprint(out, s)
		all = append(all, s)
	}
	return all, nil
}

const header = `        |        producer-svc |         leaderboard | participant-client  |
   time |   MB  gorout. files |   MB  gorout. files |   MB  gorout. files | records/s  groups  largest lag  heap goal
`

func (s sample) String() string {
	v := func(v vitals) string { return fmt.Sprintf("%5.1f %7.0f %6.0f", v.MB, v.Goroutines, v.Files) }
	return fmt.Sprintf("%5.0f s | %s | %s | %s | %9.0f %7d %12d %7.1f MB\n", s.At.Seconds(), v(s.Producer), v(s.Leaderboard), v(s.Client), s.Rate, s.Full, s.Lag, s.Heap)
}

func (c *class) look(ctx context.Context) (sample, error) {
	var s sample
	producer, err := c.metrics(ctx, c.panel)
	if err != nil {
		return s, err
	}
	board, err := c.metrics(ctx, c.board)
	if err != nil {
		return s, err
	}
	s.Producer, s.Leaderboard, s.Rate = service(producer), service(board), producer["producer_achieved_rate"]
	s.Heap = board["go_memstats_next_gc_bytes"] / (1 << 20)
	for _, k := range c.clients {
		v, err := k.vitals()
		if err != nil {
			return s, err
		}
		n := float64(len(c.clients))
		s.Client.MB += v.MB / n
		s.Client.Goroutines += v.Goroutines / n
		s.Client.Files += v.Files / n
	}
	s.Full, s.Lag, err = c.groups(ctx)
	return s, err
}

func service(m map[string]float64) vitals {
	return vitals{m["process_resident_memory_bytes"] / (1 << 20), m["go_goroutines"], m["process_open_fds"]}
}

func (k *client) vitals() (vitals, error) {
	mb, err := process.Resident(k.pid)
	if err != nil {
		return vitals{}, fmt.Errorf("%s: %w", k.name, err)
	}
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", k.pid))
	return vitals{mb, float64(k.goroutines.Load()), float64(len(files))}, err
}

// metrics are the values that a service tells.
func (c *class) metrics(ctx context.Context, addr string) (map[string]float64, error) {
	text, err := c.get(ctx, addr, "/metrics")
	if err != nil {
		return nil, err
	}
	out := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseFloat(value, 64); ok && err == nil {
			out[name] = n // those with labels carry them in their names
		}
	}
	return out, nil
}

// groups counts those whose members all own partitions, and finds the largest lag.
func (c *class) groups(ctx context.Context) (full int, lag int64, err error) {
	text, err := c.get(ctx, c.board, "/api/board")
	if err != nil {
		return 0, 0, err
	}
	var board struct {
		Teams []struct {
			Lag     *int64 `json:"lag"`
			Members []struct {
				Partitions []int `json:"partitions"`
			} `json:"members"`
		} `json:"teams"`
	}
	if err := json.Unmarshal(text, &board); err != nil {
		return 0, 0, fmt.Errorf("the board: %w", err)
	}
	for _, t := range board.Teams {
		owners := 0
		for _, m := range t.Members {
			if len(m.Partitions) > 0 {
				owners++
			}
		}
		if owners == c.flags.Members {
			full++
		}
		if t.Lag != nil {
			lag = max(lag, *t.Lag)
		}
	}
	return full, lag, nil
}

func (c *class) full(ctx context.Context) error {
	n, _, err := c.groups(ctx)
	if err == nil && n < c.flags.Teams {
		err = fmt.Errorf("%d of %d groups have all of their members", n, c.flags.Teams)
	}
	return err
}

func (c *class) get(ctx context.Context, addr, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s%s: %s", addr, path, resp.Status)
	}
	return io.ReadAll(resp.Body)
}
