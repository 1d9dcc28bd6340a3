package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"kafka-workshop/internal/process"
)

// demo is a class that plays itself: an instructor who goes through the plan, again and again, and teams
// of processes of the participant's own client.
type demo struct {
	stack   *stack
	players []*player
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

// roundWithin is how long after the last member has left a new round begins, for groups to be seen empty.
const roundWithin = 5 * time.Second

func startDemo(s *stack) *demo {
	ctx, cancel := context.WithCancel(context.Background())
	d := &demo{stack: s, cancel: cancel}
	python := findPython(ctx)
	for team := 1; team <= s.flags.Teams; team++ {
		if team > 3 && team == s.flags.Teams {
			break // one team stays away: every class has one
		}
		d.players = append(d.players, &player{stack: s, team: team, kind: kinds[(team-1)%len(kinds)], python: python})
	}
	d.done.Go(func() {
		defer d.leaveAll()
		for d.round(ctx) {
		}
	})
	return d
}

// stop lets every member leave, and waits for it.
func (d *demo) stop() {
	d.cancel()
	d.done.Wait()
}

// round plays the plan once and reports whether to go on.
func (d *demo) round(ctx context.Context) bool {
	for _, p := range plan {
		if p.skip == nil || !p.skip(ctx, d.stack) {
			d.play(ctx, p)
		}
		if ctx.Err() != nil {
			return false
		}
	}
	d.leaveAll()
	if !wait(ctx, roundWithin) {
		return false
	}
	d.tell(ctx, say(ctx, d.stack, ""))
	d.tell(ctx, act("/rounds")(ctx, d.stack))
	return ctx.Err() == nil
}

// play returns when the phase's time is over.
func (d *demo) play(ctx context.Context, p phase) {
	ctx, cancel := context.WithTimeout(ctx, p.lasts)
	defer cancel()
	d.tell(ctx, say(ctx, d.stack, p.says))
	var all sync.WaitGroup
	if p.do != nil {
		all.Go(func() { d.tell(ctx, p.do(ctx, d.stack)) })
	}
	for _, one := range d.players {
		all.Go(func() { one.play(ctx, p.plays[one.kind]) })
	}
	<-ctx.Done()
	all.Wait()
}

func (d *demo) tell(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		d.stack.say("demo: the instructor: " + err.Error())
	}
}

func (d *demo) leaveAll() {
	var all sync.WaitGroup
	for _, p := range d.players {
		all.Go(p.leaveAll)
	}
	all.Wait()
}

// countTail is how many lines the client's tail prints in a while.
func (s *stack) countTail(ctx context.Context, lasts time.Duration) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, lasts)
	defer cancel()
	cmd := s.client(1, "tail")
	var out bytes.Buffer
	cmd.Stdout = &out
	process.OwnGroup(cmd)
	pipe, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return 0, err
	}
	<-ctx.Done()
	err = errors.Join(pipe.Close(), cmd.Wait())
	return strings.Count(out.String(), "\n"), err
}

// request is one that the instructor's token goes with; the answer goes into out unless that is nil.
func (s *stack) request(ctx context.Context, method, address string, body map[string]any, out any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	text := &bytes.Buffer{}
	if body != nil {
		if err := json.NewEncoder(text).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+address, text)
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
	if out == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(out)
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
