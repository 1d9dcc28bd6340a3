// Package process runs programs as child processes. They are restarted when they die, stopped with a time
// limit, and never left behind: each ends when the pipe from its parent closes. The package also finds
// free ports for them. The commands under deploy decide what runs.
package process

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

// A Child is a process that is restarted when it dies, until Stop. Its standard input is a pipe from us,
// and it must exit when that closes. So it ends with us, even after a SIGKILL.
type Child struct {
	Name       string
	Command    func() *exec.Cmd // returns the command to start; without Stdout, its output goes to Log, each line prefixed with Name
	Log        io.Writer
	StopWithin time.Duration // how long after closing the pipe it is killed; 0 is 4 s

	startOnce sync.Once
	stopOnce  sync.Once
	stopping  chan struct{} // closed by Stop
	died      chan error    // holds the first exit
	done      sync.WaitGroup

	mu  sync.Mutex // guards pid
	pid int        // 0 while it does not run
}

const (
	minRestartDelay = 250 * time.Millisecond
	maxRestartDelay = 5 * time.Second
	stableAfter     = 10 * time.Second // running for longer resets the delay
	stopWithin      = 4 * time.Second
)

// Start starts the process and returns.
func (c *Child) Start() *Child {
	c.startOnce.Do(func() {
		if c.StopWithin == 0 {
			c.StopWithin = stopWithin
		}
		c.stopping = make(chan struct{})
		c.died = make(chan error, 1)
		c.done.Go(c.supervise)
	})
	return c
}

// Stop ends the process and waits for it.
func (c *Child) Stop() {
	c.stopOnce.Do(func() { close(c.stopping) })
	c.done.Wait()
}

// Died receives the error of the first exit that Stop did not cause; nil is exit status 0.
func (c *Child) Died() <-chan error { return c.died }

// Kill kills the process and its children, as a crash would. The process is restarted.
func (c *Child) Kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pid != 0 {
		killGroup(c.pid)
	}
}

// supervise restarts the process until Stop, with a growing delay while it exits soon.
func (c *Child) supervise() {
	delay := minRestartDelay
	for {
		started := time.Now()
		err := c.runOnce()

		select {
		case <-c.stopping:
			return
		default:
		}

		select {
		case c.died <- err:
		default:
		}

		if time.Since(started) > stableAfter {
			delay = minRestartDelay
		}
		fmt.Fprintf(c.Log, "%s exited (%v): restarting in %v\n", c.Name, reason(err), delay)
		select {
		case <-c.stopping:
			return
		case <-time.After(delay):
		}
		delay = min(2*delay, maxRestartDelay)
	}
}

func reason(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// runOnce starts the process and returns when it has exited.
func (c *Child) runOnce() error {
	cmd := c.Command()
	out := &prefixed{prefix: c.Name + " | ", w: c.Log}
	if cmd.Stdout == nil {
		cmd.Stdout = out
	}
	if cmd.Stderr == nil {
		cmd.Stderr = out
	}
	cmd.WaitDelay = time.Second // its own children may keep the output open
	OwnGroup(cmd)

	pipe, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.setPID(cmd.Process.Pid)
	defer c.setPID(0)

	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()

	select {
	case err := <-exited:
		return err
	case <-c.stopping:
	}

	_ = pipe.Close() // asks it to exit
	select {
	case err := <-exited:
		return err
	case <-time.After(c.StopWithin):
		c.Kill()
		return <-exited
	}
}

func (c *Child) setPID(pid int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pid = pid
}

// prefixed writes complete lines, each with a prefix.
type prefixed struct {
	prefix string
	w      io.Writer
	rest   []byte // an incomplete line
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

// Lines returns a writer for several goroutines: their writes, each of whole lines, do not mix.
func Lines(w io.Writer) io.Writer { return &lines{w: w} }

type lines struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}
