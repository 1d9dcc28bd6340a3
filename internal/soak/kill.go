package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// kill is the kill of the leaderboard that holds the room.
type kill struct {
	Killed int             // index of the leaderboard
	Next   int             // index of the next holder
	Fresh  []time.Duration // how long each leaderboard needed to show the room under the next holder; the killed one was started again
	At     time.Duration   // when all of them did, since the groups were full
}

// holder returns which leaderboard holds the room: the only one that handles the instructor's requests itself.
func (c *class) holder(ctx context.Context) (int, error) {
	var found []int
	var errs []error
	for i, addr := range c.boards {
		if _, err := c.ask(ctx, http.MethodGet, addr, "/api/instructor/sheet", ""); err != nil {
			errs = append(errs, err)
		} else {
			found = append(found, i)
		}
	}
	if len(found) != 1 { // one that has just started does not know the holder yet
		return 0, fmt.Errorf("%d leaderboards answer the instructor: %w", len(found), errors.Join(errs...))
	}
	return found[0], nil
}

// killHolder kills the leaderboard that holds the room, and waits until every one shows the room under the next holder.
func (c *class) killHolder(ctx context.Context) (*kill, error) {
	killed, err := c.holder(ctx)
	if err != nil {
		return nil, err
	}
	process, err := listening(c.boards[killed])
	if err != nil {
		return nil, err
	}
	if err := process.Kill(); err != nil {
		return nil, err
	}
	at := time.Now()
	delete(c.started, boardName(killed)) // it is started again

	k := &kill{Killed: killed, Fresh: make([]time.Duration, len(c.boards))}
	err = c.until(ctx, "fresh boards after the kill", func() error {
		var errs []error
		for i, addr := range c.boards {
			if k.Fresh[i] > 0 {
				continue
			}
			if err := c.showsAfter(ctx, addr, at); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", boardName(i), err))
				continue
			}
			k.Fresh[i] = time.Since(at)
		}
		return errors.Join(errs...)
	})
	if err != nil {
		return nil, err
	}
	return k, c.until(ctx, "one holder", func() (err error) { k.Next, err = c.holder(ctx); return err })
}

// showsAfter returns an error unless a leaderboard is ready with a board that is newer than at.
func (c *class) showsAfter(ctx context.Context, addr string, at time.Time) error {
	b, err := c.ready(ctx, addr)
	if err == nil && (b.StaleSince != nil || !b.AsOf.After(at)) {
		err = fmt.Errorf("its board is as of %v, stale since %v", b.AsOf, b.StaleSince)
	}
	return err
}

// listening finds the leaderboard that was started to listen on an address.
func listening(addr string) (*os.Process, error) {
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return nil, err
	}

	for _, file := range all {
		text, _ := os.ReadFile(file) // fails for one that has just ended
		program, _, _ := bytes.Cut(text, []byte{0})
		if filepath.Base(string(program)) != "leaderboard" || !bytes.Contains(text, []byte("\x00--listen\x00"+addr+"\x00")) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			return nil, err
		}
		return os.FindProcess(pid)
	}
	return nil, fmt.Errorf("no leaderboard listens on %s", addr)
}
