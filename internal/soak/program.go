package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"

	"kafka-workshop/internal/process"
)

// program is a process that exits when its pipe closes.
type program struct {
	name  string
	pid   int
	pipe  io.Closer
	ended chan error // holds the error of its exit
}

// client is a participant's client.
type client struct {
	*program
	goroutines atomic.Int64 // as it last reported
}

// join starts a team's client with all of its members.
func (c *class) join(team int) error {
	args := []string{"run", "--env", c.settings(), "--team", strconv.Itoa(team), "--teams", strconv.Itoa(c.flags.Teams), "--from", "latest",
		"--instances", strconv.Itoa(c.flags.Members), "--format", "plain", "--parent-pipe", "--vitals", "1s"}
	if team <= c.flags.Solving {
		args = append(args, "--solve")
	}

	said, says := io.Pipe()
	p, err := c.launch("team-"+strconv.Itoa(team), exec.Command(c.path("local", "bin", "participant-client"), args...), says)
	if err != nil {
		return err
	}

	k := &client{program: p}
	c.clients = append(c.clients, k)
	go func() { // until the client has ended
		lines := bufio.NewScanner(said)
		for lines.Scan() {
			if n, ok := strings.CutPrefix(lines.Text(), "goroutines "); ok {
				if n, err := strconv.ParseInt(n, 10, 64); err == nil {
					k.goroutines.Store(n)
				}
			}
		}
	}()
	return nil
}

func (k *client) vitals() (vitals, error) {
	mb, err := process.Resident(k.pid)
	if err != nil {
		return vitals{}, fmt.Errorf("%s: %w", k.name, err)
	}
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", k.pid))
	return vitals{mb, float64(k.goroutines.Load()), float64(len(files))}, err
}

func (c *class) launch(name string, cmd *exec.Cmd, says io.Writer) (*program, error) {
	process.OwnGroup(cmd)
	cmd.Stderr = says
	pipe, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}

	p := &program{name: name, pid: cmd.Process.Pid, pipe: pipe, ended: make(chan error, 1)}
	c.running = append(c.running, p)
	c.stops = append(c.stops, p.stop)
	go func() {
		p.ended <- cmd.Wait()
		if w, ok := says.(io.Closer); ok {
			_ = w.Close() // ends its reader
		}
	}()
	return p, nil
}

func (p *program) stop() {
	_ = p.pipe.Close() // closing twice is harmless
	p.ended <- <-p.ended
}

// alive returns an error for the first program found that has exited before the end.
func (c *class) alive() error {
	for _, p := range c.running {
		select {
		case err := <-p.ended:
			p.ended <- err
			return fmt.Errorf("%s ended: %w", p.name, err)
		default:
		}
	}
	return nil
}
