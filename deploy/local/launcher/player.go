package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"kafka-workshop/internal/process"
)

// Teams do not act at the same moment in any class: so long after the first comes the last.
const stagger = 6 * time.Second

// player is one team.
type player struct {
	stack   *stack
	team    int
	kind    string
	python  string // interpreter that has kafka-python; empty for none
	members []*member
}

// member is one run of a client.
type member struct {
	cmd   *exec.Cmd
	pipe  io.Closer // closing it makes the client leave
	ended chan struct{}
}

// play goes through a script until ctx ends.
func (p *player) play(ctx context.Context, script string) {
	if script == "" || !sleep(ctx, rand.N(stagger)) {
		return
	}
	for step := range strings.SplitSeq(script, ",") {
		if !p.step(ctx, strings.Fields(step)) {
			return
		}
	}
}

// step plays one step and reports whether to go on.
func (p *player) step(ctx context.Context, words []string) bool {
	switch verb := words[0]; verb {
	case "join":
		p.launch(p.stack.client(p.team, p.run(words[1:])...))
	case "python":
		if cmd := p.pythonMember(); cmd != nil {
			p.launch(cmd)
		} else {
			p.launch(p.stack.client(p.team, p.run(nil)...))
		}
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
		return sleep(ctx, time.Duration(seconds*float64(time.Second)))
	}
	return ctx.Err() == nil
}

// run is the client's command line for a member; what belongs to actions goes only where there are any.
func (p *player) run(flags []string) []string {
	if !p.stack.flags.Lesson.Actions {
		flags = slices.DeleteFunc(slices.Clone(flags), func(w string) bool { return w == "--solve" || w == "--exactly-once" })
	}
	return append([]string{"run", "--format", "plain"}, flags...)
}

// client is the participant's, with a team's settings.
func (s *stack) client(team int, args ...string) *exec.Cmd {
	cmd := exec.Command(s.data.program("participant-client"), append(args, "--parent-pipe", "--team", strconv.Itoa(team))...)
	cmd.Env = s.memberEnv(team)
	return cmd
}

func (p *player) oldest() *member {
	if len(p.members) == 0 {
		return nil
	}
	m := p.members[0]
	p.members = p.members[1:]
	return m
}

func (p *player) launch(cmd *exec.Cmd) {
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
