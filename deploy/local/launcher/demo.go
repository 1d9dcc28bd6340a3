package main

import (
	"context"
	"sync"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
)

// demo is a class that runs itself: an instructor who goes through the run sheet over and over, and teams whose
// members are processes of the participant client.
type demo struct {
	stack   *stack
	players []*player
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

// roundPause separates the departure of the last member from the next round, so that the board shows empty groups.
const roundPause = 5 * time.Second

func startDemo(s *stack) *demo {
	ctx, cancel := context.WithCancel(context.Background())
	d := &demo{stack: s, cancel: cancel}
	python := findPython(ctx)
	for team := 1; team <= s.flags.Teams; team++ {
		if team > 3 && team == s.flags.Teams {
			break // the last team stays away, as one does in every class
		}
		d.players = append(d.players, &player{stack: s, team: team, kind: kinds[(team-1)%len(kinds)], python: python})
	}

	d.done.Go(func() {
		defer d.leaveAll()
		if s.flags.DemoLed {
			d.follow(ctx)
			return
		}
		for d.round(ctx) {
		}
	})
	return d
}

// paced returns how long a time of the script lasts.
func (s *stack) paced(t time.Duration) time.Duration {
	return time.Duration(float64(t) / s.flags.DemoPace)
}

// stop makes every member leave and waits until they have.
func (d *demo) stop() {
	d.cancel()
	d.done.Wait()
}

// round goes through the run sheet once and reports whether to continue.
func (d *demo) round(ctx context.Context) bool {
	for i, step := range d.stack.sheet.Steps {
		d.play(ctx, i+1, step)
		if ctx.Err() != nil {
			return false
		}
	}

	d.leaveAll()
	if !kafka.Sleep(ctx, d.stack.paced(roundPause)) {
		return false
	}

	d.logError(ctx, d.stack.command(ctx, "/rounds", nil))
	return ctx.Err() == nil
}

// play begins a step and returns when its time is over.
func (d *demo) play(ctx context.Context, number int, step workshop.Step) {
	during, cancel := context.WithTimeout(ctx, d.stack.paced(duration(step)))
	defer cancel()
	d.logError(ctx, d.stack.command(ctx, "/sheet/goto", map[string]any{"step": number}))
	d.act(ctx, during, step)
}

// followEvery is how often a demo that somebody leads asks which step the class is in.
const followEvery = 100 * time.Millisecond

// follow lets the teams act in each step that somebody else begins.
func (d *demo) follow(ctx context.Context) {
	for last := 0; ctx.Err() == nil; {
		number, err := d.stack.stepNow(ctx)
		if err != nil || number == last || number < 1 || number > len(d.stack.sheet.Steps) {
			kafka.Sleep(ctx, followEvery)
			continue
		}

		last = number
		during, cancel := context.WithCancel(ctx)
		d.done.Go(func() {
			defer cancel()
			for kafka.Sleep(during, followEvery) {
				if now, err := d.stack.stepNow(during); err == nil && now != number {
					return
				}
			}
		})
		d.act(ctx, during, d.stack.sheet.Steps[number-1])
	}
}

// act lets the room vote and the teams play a step, and returns when the step is over. Scripts are played to the end.
func (d *demo) act(ctx, during context.Context, step workshop.Step) {
	if step.Predict != "" {
		d.stack.vote(ctx)
		d.logError(ctx, d.stack.closeVote(ctx))
	}

	var all sync.WaitGroup
	for _, one := range d.players {
		all.Go(func() { one.play(ctx, script(step, one.kind)) })
	}

	all.Wait()
	<-during.Done()
}

func (d *demo) logError(ctx context.Context, err error) {
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
