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

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/process"
	"kafka-workshop/internal/workshop"
)

// stagger is the longest random delay of a team: in no class do all teams act at the same moment.
const stagger = 6 * time.Second

// player is one robot team.
type player struct {
	stack   *stack
	team    int
	kind    string
	python  string // interpreter that has kafka-python; empty for none
	members []*member
}

// member is one client process.
type member struct {
	cmd   *exec.Cmd
	pipe  io.Closer // closing it makes the client leave
	ended chan struct{}
}

// play runs a script until it or ctx ends.
func (p *player) play(ctx context.Context, script string) {
	if script == "" || !kafka.Sleep(ctx, p.stack.paced(rand.N(stagger))) {
		return
	}

	for action := range strings.SplitSeq(script, ",") {
		if !p.do(ctx, strings.Fields(action)) {
			return
		}
	}
}

// do performs one action of a script and reports whether to continue.
func (p *player) do(ctx context.Context, words []string) bool {
	switch verb := words[0]; verb {
	case "join":
		p.launch(p.stack.client(p.team, p.runArgs(words[1:])...))
	case "python":
		if cmd := p.pythonMember(); cmd != nil {
			p.launch(cmd)
		} else {
			p.launch(p.stack.client(p.team, p.runArgs(nil)...))
		}
	case "beside":
		p.launch(p.besideMember())
	case "leave":
		if m := p.oldest(); m != nil {
			m.leave()
		}
	case "crash":
		if m := p.oldest(); m != nil {
			_ = m.cmd.Process.Kill() // it may have exited already
			<-m.ended
		}
	default:
		seconds, err := strconv.ParseFloat(verb, 64)
		if err != nil {
			p.stack.say(fmt.Sprintf("demo: %q is not an action", verb))
			return false
		}
		return kafka.Sleep(ctx, p.stack.paced(time.Duration(seconds*float64(time.Second))))
	}
	return ctx.Err() == nil
}

// besideMember returns a member of the team's consumer group beside its share group. Both groups read the same topic.
func (p *player) besideMember() *exec.Cmd {
	room := p.stack.flags.Room
	return p.stack.client(p.team, "run", "--format", "plain", "--lesson", workshop.ScaleUp.Name, "--group", room.Beside(p.team), "--topic", room.Topic())
}

// runArgs returns the client's arguments for a member. The flags for actions are dropped in lessons without any.
func (p *player) runArgs(flags []string) []string {
	if !p.stack.flags.Lesson.Actions {
		flags = slices.DeleteFunc(slices.Clone(flags), func(w string) bool { return w == "--solve" || w == "--exactly-once" })
	}
	return append([]string{"run", "--format", "plain"}, flags...)
}

// client returns a command that runs participant-client with a team's settings.
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
		_ = cmd.Wait() // a crash is part of the script
		close(m.ended)
	}()
	p.members = append(p.members, m)
}

// leave gives the client three seconds to leave its group, and then kills it.
func (m *member) leave() {
	_ = m.pipe.Close() // closing twice is harmless
	select {
	case <-m.ended:
	case <-time.After(3 * time.Second):
		_ = m.cmd.Process.Kill() // it may have exited just now
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
