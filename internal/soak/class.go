package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"kafka-workshop/internal/postgres"
	"kafka-workshop/internal/process"
)

const (
	waitWithin = 5 * time.Minute // bounds every wait on a busy machine
	pollEvery  = 100 * time.Millisecond
)

// class is everything that runs.
type class struct {
	flags flags
	dir   string
	log   io.Writer

	panel       string   // its address
	boards      []string // addresses of the leaderboards; the first is that of deploy/local
	token       string
	secret      string
	databaseURL string

	running []*program // what must not exit before the end
	stops   []func()   // of everything that runs except the clients, in the order of their starts
	clients []*client
	viewers viewers
	voters  []*voter
	started map[string]float64 // when each service was started, by name
}

// start starts everything and returns when every group has its members and every viewer its stream.
func (c *class) start(ctx context.Context) error {
	c.token, c.secret = rand.Text(), rand.Text()
	c.boards = make([]string, c.flags.Replicas)
	var err error
	for i := range c.boards {
		if c.boards[i], err = process.FreeAddr("127.0.0.1"); err != nil {
			return err
		}
	}
	if c.panel, err = process.FreeAddr("127.0.0.1"); err != nil {
		return err
	}

	if err := c.startKafka(ctx); err != nil {
		return err
	}
	if err := c.startPostgres(ctx); err != nil {
		return err
	}
	if err := c.startBoards(ctx); err != nil {
		return err
	}

	for team := 1; team <= c.flags.Teams; team++ {
		if err := c.join(team); err != nil {
			return err
		}
	}
	if err := c.until(ctx, "full groups", func() error { return c.full(ctx) }); err != nil {
		return err
	}

	c.viewers.start(ctx, c.boards, c.flags.Viewers)
	for range c.flags.Voters {
		c.voters = append(c.voters, &voter{})
	}
	return c.until(ctx, "the viewers' streams", c.allView)
}

// settings returns the path of the file with the connection settings for Kafka.
func (c *class) settings() string { return c.path("kafka.env") }

func (c *class) startKafka(ctx context.Context) error {
	if err := c.build(ctx, "kafka"); err != nil {
		return err
	}
	if err := os.RemoveAll(c.settings()); err != nil {
		return err
	}

	kafka := process.UntilPipeCloses("TERM", 20*time.Second, c.path("bin", "kafka"), "--data", c.path("kafka"), "--port", "0", "--fresh", "--settings", c.settings())
	if _, err := c.launch("kafka", kafka, c.log); err != nil {
		return err
	}
	return c.until(ctx, "Apache Kafka", func() error { _, err := os.Stat(c.settings()); return err })
}

// startPostgres starts the database of all leaderboards.
func (c *class) startPostgres(ctx context.Context) error {
	bin, err := postgres.Find(c.path("cache"), func(line string) { fmt.Fprintln(c.log, line) })
	if err != nil {
		return err
	}
	server, err := postgres.Start(ctx, postgres.Config{Bin: bin, Data: c.path("postgres")})
	if err != nil {
		return err
	}

	c.databaseURL = server.URL("postgres")
	p := &program{name: "PostgreSQL", ended: make(chan error, 1)}
	go func() { <-server.Done(); p.ended <- errors.New("see its log") }()
	c.running = append(c.running, p)
	c.stops = append(c.stops, func() {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(c.log, err)
		}
	})
	return nil
}

// startBoards starts deploy/local and, with the programs that it has compiled, the other leaderboards.
func (c *class) startBoards(ctx context.Context) error {
	if err := c.build(ctx, "local"); err != nil {
		return err
	}

	local := process.UntilPipeCloses("TERM", 20*time.Second, c.path("bin", "local"), "--env", c.settings(), "--data", c.path("local"),
		"--board", c.boards[0], "--panel", c.panel, "--teams", strconv.Itoa(c.flags.Teams), "--rate", strconv.FormatFloat(c.flags.Rate, 'f', -1, 64))
	local.Env = c.boardEnv(c.boards[0])
	if _, err := c.launch("local", local, c.log); err != nil {
		return err
	}
	if err := c.until(ctx, "the board", func() error { _, err := c.ready(ctx, c.boards[0]); return err }); err != nil {
		return err
	}

	for i, addr := range c.boards[1:] {
		board := &process.Child{Name: boardName(i + 1), Log: c.log, Command: func() *exec.Cmd {
			cmd := exec.Command(c.path("local", "bin", "leaderboard"), "--env", c.settings(), "--listen", addr, "--teams", strconv.Itoa(c.flags.Teams), "--parent-pipe")
			cmd.Env = append(c.boardEnv(addr), "PUBLIC_URL=http://"+c.boards[0], "LOG_LEVEL=warn")
			return cmd
		}}
		c.stops = append(c.stops, board.Start().Stop)
		if err := c.until(ctx, board.Name, func() error { _, err := c.ready(ctx, addr); return err }); err != nil {
			return err
		}
	}
	return nil
}

// boardEnv returns the environment of a leaderboard, or of deploy/local, which passes its own on.
func (c *class) boardEnv(addr string) []string {
	return append(os.Environ(), "INSTRUCTOR_TOKEN="+c.token, "WORKSHOP_SECRET="+c.secret, "DATABASE_URL="+c.databaseURL,
		"LEADERBOARD_ADVERTISE_URL=http://"+addr, "REMEMBER_USERS="+strconv.Itoa(c.flags.Users))
}

func boardName(i int) string { return "leaderboard " + strconv.Itoa(i+1) }

// build compiles a program of deploy.
func (c *class) build(ctx context.Context, name string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", c.path("bin", name), "kafka-workshop/deploy/"+name)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", name, err, out)
	}
	return nil
}

// stop ends the clients together, then the services, then the database and the broker. The viewers end with their context.
func (c *class) stop() {
	c.viewers.all.Wait()
	var all sync.WaitGroup
	for _, k := range c.clients {
		all.Go(k.stop)
	}
	all.Wait()

	for i := len(c.stops) - 1; i >= 0; i-- {
		c.stops[i]()
	}
}

// until retries until try returns no error, ctx or the time limit ends, or a program has exited.
func (c *class) until(ctx context.Context, what string, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, waitWithin)
	defer cancel()
	tick := time.NewTicker(pollEvery)
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
