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

	"kafka-workshop/internal/datadir"
	"kafka-workshop/internal/process"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"
)

// admin is the super user.
const admin = "admin"

// startTimeout is long enough for a busy machine; an idle one needs seconds.
const startTimeout = 3 * time.Minute

// A cluster is the nodes and what they share.
type cluster struct {
	flags  flags
	data   *datadir.Dir
	stderr io.Writer

	nodes    []*node
	password string // the administrator's
	ready    atomic.Bool
}

func (c *cluster) log(line string) { fmt.Fprintln(c.stderr, line) }

// start starts the nodes and writes the settings. After an error stop must still be called.
func (c *cluster) start(ctx context.Context) error {
	if c.flags.Fresh {
		if err := c.data.Remove("cluster.json", "node-1", "node-2", "node-3"); err != nil {
			return fmt.Errorf("--fresh: %w", err)
		}
	}
	if err := os.Remove(c.settingsFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--settings: %w", err)
	}

	id, err := c.clusterID()
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

	starting := fmt.Sprintf("starting Apache Kafka %s, nodes: %d", c.flags.version(), c.flags.Nodes)
	if err := process.WithProgress(c.log, starting, func() error { return c.waitReady(ctx) }); err != nil {
		return err
	}

	c.ready.Store(true)
	if !c.flags.loopback() && !c.flags.Secure {
		c.log("anyone on this network can read and write everything: use --secure for logins, TLS and ACLs")
	}
	return c.writeSettings()
}

// stop stops all nodes in parallel.
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
			_ = n.log.Close() // nothing is written any more
		}
	}
}

// launch starts a node, which is restarted when it dies.
func (c *cluster) launch(n *node) (err error) {
	n.log, err = os.OpenFile(c.data.Path(n.name()+".log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}

	n.process = &process.Child{Name: n.name(), Command: n.command, Log: afterStart{c}, StopWithin: killAfter + 2*time.Second}
	n.process.Start()
	return nil
}

// afterStart logs restarts of nodes only once the cluster is ready: before, start returns them as errors.
type afterStart struct{ c *cluster }

func (o afterStart) Write(b []byte) (int, error) {
	if !o.c.ready.Load() {
		return len(b), nil
	}
	return o.c.stderr.Write(b)
}

// waitReady waits until a client that logs in sees all brokers.
func (c *cluster) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()

	opts, err := c.clientConfig().Opts("deploy-kafka", nil)
	if err != nil {
		return err
	}

	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()

	for {
		if err = c.checkBrokers(ctx, opts); err == nil {
			return nil
		}
		for _, n := range c.nodes {
			select {
			case died := <-n.process.Died():
				return c.nodeError(n, fmt.Sprintf("exited during the start (%v)", died))
			default:
			}
		}

		select {
		case <-ctx.Done():
			return c.nodeError(c.nodes[0], fmt.Sprintf("is not ready after %v (%v)", startTimeout, err))
		case <-tick.C:
		}
	}
}

// nodeError logs the end of a node's log and returns an error that names the file.
func (c *cluster) nodeError(n *node, what string) error {
	for _, line := range n.lastLines(12) {
		c.log(n.name() + " | " + line)
	}
	return fmt.Errorf("%s %s: the end of its log is above, and all of it in %s", n.name(), what, n.log.Name())
}

// checkBrokers counts the brokers. It uses a new client, which has no back-off from earlier failures.
func (c *cluster) checkBrokers(ctx context.Context, opts []kgo.Opt) error {
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
