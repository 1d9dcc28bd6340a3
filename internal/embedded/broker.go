package embedded

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kfake"
)

// consumerSession is the session timeout of members of the new protocol (KIP-848), and of share groups.
const consumerSession = 10 * time.Second

// Config configures a Broker.
type Config struct {
	Addr string // host:port on loopback; port 0 picks a free one
	Data string // folder for topics, records and groups; "" keeps them in memory
}

// A Broker is a running single-node cluster.
type Broker struct {
	cluster *kfake.Cluster
	wire    *wire
	addr    string
	stop    chan struct{}
	done    sync.WaitGroup
}

// Start starts a broker. Clients can connect as soon as it returns.
func Start(cfg Config) (*Broker, error) {
	host, portText, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("parse the address of the embedded broker: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("the embedded broker listens on loopback only, and %s is not: use 127.0.0.1, or a real Kafka (go run ./deploy/kafka)", host)
	}

	port, err := strconv.Atoi(portText)
	if err != nil || port < 0 || port > 65535 {
		return nil, fmt.Errorf("%q is not a port", portText)
	}

	w := &wire{}
	listen := func(string, string) (net.Listener, error) { return w.listen(net.JoinHostPort(host, portText)) }
	opts := []kfake.Opt{
		kfake.Ports(port),
		kfake.ListenFn(listen),
		kfake.BrokerConfigs(map[string]string{
			"group.consumer.session.timeout.ms":    strconv.FormatInt(consumerSession.Milliseconds(), 10),
			"group.consumer.heartbeat.interval.ms": "1000",

			"group.share.session.timeout.ms":    strconv.FormatInt(consumerSession.Milliseconds(), 10),
			"group.share.heartbeat.interval.ms": "1000",

			// The library takes a lock's duration from the broker, not from the group, and releases expired locks at an
			// interval.
			"group.share.record.lock.duration.ms": workshop.ShareConfigs()["share.record.lock.duration.ms"],
			"share.record.lock.sweep.interval.ms": "250",
		}),
	}
	if cfg.Data != "" {
		opts = append(opts, kfake.DataDir(cfg.Data))
	}

	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		w.close()
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program: stop it or choose another port", cfg.Addr)
	}
	if err != nil {
		return nil, fmt.Errorf("start the embedded broker on %s: %w", cfg.Addr, err)
	}

	b := &Broker{cluster: cluster, wire: w, addr: cluster.ListenAddrs()[0], stop: make(chan struct{})}
	s := newSessions(cluster, w.client)
	b.done.Go(func() { s.run(b.stop) })
	b.done.Go(b.retain)
	return b, nil
}

// Addr returns the host:port that clients connect to.
func (b *Broker) Addr() string { return b.addr }

// Close stops the broker. Its data on disk stays.
func (b *Broker) Close() {
	close(b.stop)
	b.done.Wait()
	b.wire.close()
	b.cluster.Close()
}

// retain applies retention every second. The library does so once an hour, and not for data that it has loaded.
func (b *Broker) retain() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-tick.C:
			b.cluster.ApplyRetention()
		}
	}
}
