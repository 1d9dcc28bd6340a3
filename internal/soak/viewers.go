package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"kafka-workshop/internal/kafka"
)

const (
	silentFor      = 40 * time.Second // a stream is dead without an event or a heartbeat, which comes every 15 s
	reconnectAfter = time.Second
)

// viewers follow the events of the boards and count them.
type viewers struct {
	all        sync.WaitGroup
	open       atomic.Int64 // streams that are open now
	events     atomic.Int64 // including heartbeats
	reconnects atomic.Int64 // streams that had been open and ended
}

// start starts this many viewers, until ctx ends. Each stays with its leaderboard, so that their numbers stay equal.
func (v *viewers) start(ctx context.Context, boards []string, count int) {
	client := &http.Client{Transport: &http.Transport{}} // as many connections as there are viewers
	for i := range count {
		v.all.Go(func() { v.follow(ctx, client, "http://"+boards[i%len(boards)]+"/events") })
	}
}

func (v *viewers) follow(ctx context.Context, client *http.Client, url string) {
	for {
		opened := v.read(ctx, client, url)
		if ctx.Err() != nil {
			return
		}
		if opened {
			v.reconnects.Add(1)
		}
		kafka.Sleep(ctx, reconnectAfter)
	}
}

// read reads a stream until it ends.
func (v *viewers) read(ctx context.Context, client *http.Client, url string) (opened bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(silentFor, cancel)
	defer silence.Stop()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return false
	}

	v.open.Add(1)
	defer v.open.Add(-1)
	lines := bufio.NewReader(resp.Body)
	whole := true
	for {
		line, err := lines.ReadSlice('\n')
		if whole && bytes.HasPrefix(line, []byte("event:")) {
			v.events.Add(1)
			silence.Reset(silentFor)
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) { // a longer line continues
			return true
		}
		whole = err == nil
	}
}

// allView returns an error while a stream is not open.
func (c *class) allView() error {
	if n := c.viewers.open.Load(); n < int64(c.flags.Viewers) {
		return fmt.Errorf("%d of %d streams are open", n, c.flags.Viewers)
	}
	return nil
}
