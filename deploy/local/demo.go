package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"kafka-workshop/internal/process"
)

// parts are what the demo's teams play, again and again: a number waits for so many seconds, join
// starts a member with the flags behind it, leave stops the oldest one politely, crash kills it.
var parts = []string{
	"join --solve, 50, join --solve, 25, join --solve, 30, crash, 40, leave, 10, join --solve, 30",
	"join --solve, 40, join --instances 2 --solve, 30, join --instances 2, 30, join, 40, leave, 30, crash, 20, join --solve, 20",
	"join --assignor cooperative-sticky --solve, 60, join --assignor range --solve, 10, join --assignor cooperative-sticky --solve, 40, join --assignor cooperative-sticky --solve, 60, leave, 20",
	"join --assignor server --solve, 60, join --assignor server --solve, 45, crash, 45, join --assignor server --solve, 60, leave, 20",
	"12, join --solve --slow 60ms, 240, leave, 1, join --instances 5 --solve, 90, crash, 15",
	"20, join, 90, join, 60, leave, 60, leave, 12",
	"8, join --exactly-once --solve, 50, join --exactly-once --solve, 60, crash, 60, leave, 10",
}

// demo runs scripted teams, each with processes of the participant's own client.
type demo struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func startDemo(s *stack) *demo {
	ctx, cancel := context.WithCancel(context.Background())
	d := &demo{cancel: cancel}
	d.done.Go(func() { s.teach(ctx) })
	for team := 1; team <= s.flags.Teams; team++ {
		if team > 3 && team == s.flags.Teams {
			break // one team stays away: every class has one
		}
		p := &player{stack: s, team: team}
		d.done.Go(func() { p.play(ctx) })
	}
	return d
}

// stop lets every member leave, and waits for it.
func (d *demo) stop() {
	d.cancel()
	d.done.Wait()
}

// player is one team.
type player struct {
	stack   *stack
	team    int
	members []*member
}

// member is one run of the client.
type member struct {
	cmd   *exec.Cmd
	pipe  io.Closer // closing it makes the client leave
	ended chan struct{}
}

func (p *player) play(ctx context.Context) {
	defer p.leaveAll()
	// Teams do not begin at the same moment in any class.
	if !wait(ctx, time.Duration(p.team)*1500*time.Millisecond) {
		return
	}
	for {
		for step := range strings.SplitSeq(parts[(p.team-1)%len(parts)], ",") {
			if !p.step(ctx, strings.Fields(step)) {
				return
			}
		}
		p.leaveAll()
	}
}

// step plays one step and reports whether to go on.
func (p *player) step(ctx context.Context, words []string) bool {
	switch verb := words[0]; verb {
	case "join":
		p.join(words[1:])
	case "leave":
		if m := p.oldest(); m != nil {
			m.leave()
		}
	case "crash":
		if m := p.oldest(); m != nil {
			_ = m.cmd.Process.Kill() // it may have ended by itself
			<-m.ended
		}
	default:
		seconds, err := strconv.ParseFloat(verb, 64)
		if err != nil {
			p.stack.say(fmt.Sprintf("demo: %q is no step", verb))
			return false
		}
		return wait(ctx, time.Duration(seconds*(0.8+0.4*rand.Float64())*float64(time.Second)))
	}
	return ctx.Err() == nil
}

func (p *player) oldest() *member {
	if len(p.members) == 0 {
		return nil
	}
	m := p.members[0]
	p.members = p.members[1:]
	return m
}

func (p *player) join(flags []string) {
	if !p.stack.lesson().Actions {
		flags = without(flags, "--solve")
	}
	args := append([]string{"run", "--format", "plain", "--parent-pipe", "--team", strconv.Itoa(p.team)}, flags...)
	cmd := exec.Command(p.stack.data.program("participant-client"), args...)
	cmd.Env = p.stack.memberEnv(p.team)
	process.OwnGroup(cmd)
	pipe, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		p.stack.say(fmt.Sprintf("demo: team %d: %v", p.team, err))
		return
	}
	m := &member{cmd: cmd, pipe: pipe, ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // a crash is part of the play
		close(m.ended)
	}()
	p.members = append(p.members, m)
}

// leave lets the client say goodbye to its group, for three seconds.
func (m *member) leave() {
	_ = m.pipe.Close() // closing twice is harmless
	select {
	case <-m.ended:
	case <-time.After(3 * time.Second):
		_ = m.cmd.Process.Kill() // it may have ended just now
		<-m.ended
	}
}

func (p *player) leaveAll() {
	var all sync.WaitGroup
	for _, m := range p.members {
		all.Go(m.leave)
	}
	all.Wait()
	p.members = nil
}

func without(words []string, word string) []string {
	var out []string
	for _, w := range words {
		if w != word {
			out = append(out, w)
		}
	}
	return out
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
