package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kafka-workshop/internal/process"
)

// startWithin bounds every wait of the start, on a machine that is busy.
const startWithin = 5 * time.Minute

// class is all that runs.
type class struct {
	flags flags
	dir   string
	log   io.Writer

	board, panel string // addresses
	token        string
	running      []*program // in the order that they were started
	clients      []*client
}

// program is one that ends when its pipe closes.
type program struct {
	name  string
	pid   int
	pipe  io.Closer
	ended chan error
}

// client is one participant's.
type client struct {
	*program
	goroutines atomic.Int64 // as it last said
}

// start brings all up and returns when every group has its members.
func (c *class) start(ctx context.Context) error {
	c.token = rand.Text()
	var err error
	for _, at := range []*string{&c.board, &c.panel} {
		if *at, err = process.FreeAddr("127.0.0.1"); err != nil {
			return err
		}
	}
	for _, name := range []string{"kafka", "local"} {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", c.path("bin", name), "kafka-workshop/deploy/"+name)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w: %s", name, err, out)
		}
	}
	settings := c.path("kafka.env")
	if err := os.RemoveAll(settings); err != nil {
		return err
	}
	kafka := process.UntilPipeCloses("TERM", 20*time.Second, c.path("bin", "kafka"), "--data", c.path("kafka"), "--port", "0", "--fresh", "--settings", settings)
	if _, err := c.launch("kafka", kafka, c.log); err != nil {
		return err
	}
	if err := c.until(ctx, "Apache Kafka", func() error { _, err := os.Stat(settings); return err }); err != nil {
		return err
	}
	local := process.UntilPipeCloses("TERM", 20*time.Second, c.path("bin", "local"), "--env", settings, "--data", c.path("local"),
		"--board", c.board, "--panel", c.panel, "--teams", strconv.Itoa(c.flags.Teams), "--rate", strconv.FormatFloat(c.flags.Rate, 'f', -1, 64))
	local.Env = append(os.Environ(), "INSTRUCTOR_TOKEN="+c.token, "REMEMBER_USERS="+strconv.Itoa(c.flags.Users))
	if _, err := c.launch("local", local, c.log); err != nil {
		return err
	}
	if err := c.until(ctx, "the board", func() error { _, err := c.metrics(ctx, c.board); return err }); err != nil {
		return err
	}
	for team := 1; team <= c.flags.Teams; team++ {
		if err := c.join(team, settings); err != nil {
			return err
		}
	}
	return c.until(ctx, "full groups", func() error { return c.full(ctx) })
}

// join starts a team's client with all of its members.
func (c *class) join(team int, settings string) error {
	args := []string{"run", "--env", settings, "--team", strconv.Itoa(team), "--teams", strconv.Itoa(c.flags.Teams), "--from", "latest",
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
	go func() {
		p.ended <- cmd.Wait()
		if w, ok := says.(io.Closer); ok {
			_ = w.Close() // its reader's end
		}
	}()
	return p, nil
}

// stop ends the clients together, then the services, then the broker.
func (c *class) stop() {
	var all sync.WaitGroup
	for _, k := range c.clients {
		all.Go(k.stop)
	}
	all.Wait()
	for i := len(c.running) - 1; i >= 0; i-- {
		c.running[i].stop()
	}
}

func (p *program) stop() {
	_ = p.pipe.Close() // closing twice is harmless
	p.ended <- <-p.ended
}

// alive tells of the first that ended by itself.
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

// until tries until there is no error, ctx or the time is over, or something ended.
func (c *class) until(ctx context.Context, what string, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		if dead := c.alive(); dead != nil {
			return dead
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited for %s: %w", what, errors.Join(ctx.Err(), err))
		case <-tick.C:
		}
	}
}

func (c *class) path(words ...string) string {
	return filepath.Join(append([]string{c.dir}, words...)...)
}
