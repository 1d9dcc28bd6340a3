package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"kafka-workshop/internal/apache"
	"kafka-workshop/internal/datadir"
	"kafka-workshop/internal/process"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"
)

// admin is the user that may do everything.
const admin = "admin"

// startWithin is far more than an idle machine needs (seconds), and enough for a busy one.
const startWithin = 3 * time.Minute

// cluster is all that runs.
type cluster struct {
	flags  flags
	data   *datadir.Dir
	stderr io.Writer

	nodes    []*node
	password string // the administrator's
	ready    atomic.Bool
}

func (c *cluster) say(line string) { fmt.Fprintln(c.stderr, line) }

// start brings the nodes up and writes the settings; what it started before an error is stop's to end.
func (c *cluster) start(ctx context.Context) error {
	if c.flags.Fresh {
		if err := c.data.Remove("cluster.json", "node-1", "node-2", "node-3"); err != nil {
			return fmt.Errorf("--fresh: %w", err)
		}
	}
	if err := os.Remove(c.settingsFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--settings: %w", err)
	}
	id, err := c.identity()
	if err != nil {
		return err
	}
	if err := c.prepare(ctx); err != nil {
		return err
	}
	formats, formatCtx := errgroup.WithContext(ctx)
	for _, n := range c.nodes {
		formats.Go(func() error { return n.format(formatCtx, id, c.password) })
	}
	if err := formats.Wait(); err != nil {
		return err
	}
	for _, n := range c.nodes {
		if err := c.launch(n); err != nil {
			return err
		}
	}
	starting := fmt.Sprintf("starting Apache Kafka %s, nodes: %d", apache.Version, c.flags.Nodes)
	if err := process.WithProgress(c.say, starting, func() error { return c.await(ctx) }); err != nil {
		return err
	}
	c.ready.Store(true)
	if !c.flags.loopback() && !c.flags.Secure {
		c.say("anybody on this network can read and write everything: --secure gives logins, TLS and rights")
	}
	return c.writeSettings()
}

// stop ends all nodes at the same time.
func (c *cluster) stop() {
	var all sync.WaitGroup
	for _, n := range c.nodes {
		if n.process != nil {
			all.Go(n.process.Stop)
		}
	}
	all.Wait()
	for _, n := range c.nodes {
		if n.log != nil {
			_ = n.log.Close() // a log's end
		}
	}
}

// launch starts a node, which is started again when it dies.
func (c *cluster) launch(n *node) (err error) {
	n.log, err = os.OpenFile(c.data.Path(n.name()+".log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	n.process = &process.Child{Name: n.name(), Command: n.command, Log: onceReady{c}, StopWithin: killAfter + 2*time.Second}
	n.process.Start()
	return nil
}

// onceReady lets deaths be told of once the start is over: until then, they are its error.
type onceReady struct{ c *cluster }

func (o onceReady) Write(b []byte) (int, error) {
	if !o.c.ready.Load() {
		return len(b), nil
	}
	return o.c.stderr.Write(b)
}

// await returns when all brokers are there for a client that logs in.
func (c *cluster) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	opts, err := c.clientConfig().Opts("deploy-kafka", nil)
	if err != nil {
		return err
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if err = c.ask(ctx, opts); err == nil {
			return nil
		}
		for _, n := range c.nodes {
			select {
			case died := <-n.process.Died():
				return c.failed(n, fmt.Sprintf("ended while starting (%v)", died))
			default:
			}
		}
		select {
		case <-ctx.Done():
			return c.failed(c.nodes[0], fmt.Sprintf("is not ready after %v (%v)", startWithin, err))
		case <-tick.C:
		}
	}
}

// failed shows the end of a node's log and says what happened to it.
func (c *cluster) failed(n *node, what string) error {
	for _, line := range n.lastLines(12) {
		c.say(n.name() + " | " + line)
	}
	return fmt.Errorf("%s %s: the end of its log is above, all of it in %s", n.name(), what, n.log.Name())
}

// ask counts the brokers. A fresh client each time remembers no failure.
func (c *cluster) ask(ctx context.Context, opts []kgo.Opt) error {
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	brokers, err := kadm.NewClient(client).ListBrokers(ctx)
	if err == nil && len(brokers) < len(c.nodes) {
		err = fmt.Errorf("%d of %d brokers are up", len(brokers), len(c.nodes))
	}
	return err
}
