package main

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

// A child is a process that is started again when it dies, until stop. It holds a pipe from us and
// ends when that closes, so it ends with us however we end.
type child struct {
	name    string
	command func() *exec.Cmd
	log     io.Writer

	stopping chan struct{}
	once     sync.Once
	done     sync.WaitGroup
}

// How a child is treated.
const (
	restartLeast = 250 * time.Millisecond
	restartMost  = 5 * time.Second
	lived        = 10 * time.Second // alive for so long, it counts as well started
	stopWithin   = 4 * time.Second
)

func startChild(name string, log io.Writer, command func() *exec.Cmd) *child {
	c := &child{name: name, command: command, log: log, stopping: make(chan struct{})}
	c.done.Go(c.keep)
	return c
}

// stop ends the process and waits for it.
func (c *child) stop() {
	c.once.Do(func() { close(c.stopping) })
	c.done.Wait()
}

// keep runs the process again and again, with a growing pause while it does not live.
func (c *child) keep() {
	pause := restartLeast
	for {
		begun := time.Now()
		err := c.runOnce()
		select {
		case <-c.stopping:
			return
		default:
		}
		if time.Since(begun) > lived {
			pause = restartLeast
		}
		fmt.Fprintf(c.log, "%s ended (%v): starting it again in %v\n", c.name, reason(err), pause)
		select {
		case <-c.stopping:
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, restartMost)
	}
}

func reason(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// runOnce starts the process and returns when it has ended.
func (c *child) runOnce() error {
	cmd := c.command()
	out := &prefixed{prefix: c.name + " | ", w: c.log}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-c.stopping:
	}
	_ = pipe.Close() // tells it to end
	select {
	case err := <-ended:
		return err
	case <-time.After(stopWithin):
		_ = cmd.Process.Kill() // it may have ended just now
		return <-ended
	}
}

// prefixed puts a name before every line.
type prefixed struct {
	prefix string
	w      io.Writer
	rest   []byte
}

func (p *prefixed) Write(b []byte) (int, error) {
	p.rest = append(p.rest, b...)
	for {
		i := bytes.IndexByte(p.rest, '\n')
		if i < 0 {
			return len(b), nil
		}
		if _, err := fmt.Fprintf(p.w, "%s%s\n", p.prefix, p.rest[:i]); err != nil {
			return 0, err
		}
		p.rest = p.rest[i+1:]
	}
}

// lines lets several writers share one, a line at a time.
type lines struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}
