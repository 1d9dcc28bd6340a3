// Package process keeps programs running as children: started again when they die, stopped within
// a time, and never left over, for each ends when the pipe to its parent closes. It finds them ports,
// too. What runs is left to the commands under deploy.
package process

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

// A Child is a process that is started again when it dies, until Stop. It holds a pipe from us as
// its standard input and has to end when that closes, so it ends with us however we end.
type Child struct {
	Name       string
	Command    func() *exec.Cmd // what to start; without Stdout, its output goes to Log, each line with the name before it
	Log        io.Writer
	StopWithin time.Duration // from the pipe's closing to its killing; 0 is 4 s

	begin    sync.Once
	end      sync.Once
	stopping chan struct{}
	died     chan error
	done     sync.WaitGroup

	mu  sync.Mutex
	pid int
}

// How a child is treated.
const (
	restartLeast = 250 * time.Millisecond
	restartMost  = 5 * time.Second
	lived        = 10 * time.Second // alive for so long, it counts as well started
	stopWithin   = 4 * time.Second
)

// Start starts the process and returns.
func (c *Child) Start() *Child {
	c.begin.Do(func() {
		if c.StopWithin == 0 {
			c.StopWithin = stopWithin
		}
		c.stopping, c.died = make(chan struct{}), make(chan error, 1)
		c.done.Go(c.keep)
	})
	return c
}

// Stop ends the process and waits for it.
func (c *Child) Stop() {
	c.end.Do(func() { close(c.stopping) })
	c.done.Wait()
}

// Died gives how the process ended the first time that it did so by itself.
func (c *Child) Died() <-chan error { return c.died }

// Kill ends the process, and its own children, as a crash would. It is started again.
func (c *Child) Kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pid != 0 {
		killGroup(c.pid)
	}
}

// keep runs the process again and again, with a growing pause while it does not live.
func (c *Child) keep() {
	pause := restartLeast
	for {
		begun := time.Now()
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
		if time.Since(begun) > lived {
			pause = restartLeast
		}
		fmt.Fprintf(c.Log, "%s ended (%v): starting it again in %v\n", c.Name, reason(err), pause)
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
func (c *Child) runOnce() error {
	cmd := c.Command()
	out := &prefixed{prefix: c.Name + " | ", w: c.Log}
	if cmd.Stdout == nil {
		cmd.Stdout = out
	}
	if cmd.Stderr == nil {
		cmd.Stderr = out
	}
	cmd.WaitDelay = time.Second
	OwnGroup(cmd)
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.runs(cmd.Process.Pid)
	defer c.runs(0)
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
	case <-time.After(c.StopWithin):
		c.Kill()
		return <-ended
	}
}

func (c *Child) runs(pid int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pid = pid
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

// Lines lets several writers share one, a line at a time.
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
