package fault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Connections explain why a cluster cannot be reached. They are a hook of a client, and store the error of the last
// connection that failed, which shows the fault better than the error of a request that ran out of tries.
type Connections struct {
	mu   sync.Mutex // guards last
	last connection
}

// A connection is the last one that failed, and what is known about the others.
type connection struct {
	met        bool // the cluster has answered before, so the fault began later
	hangUps    int  // connections in a row that were closed at once
	addr       string
	advertised bool // the address came from the cluster, not from --brokers
	err        error
	reached    string // an address of --brokers that answered
}

// Answered records that the cluster has answered a request.
func (c *Connections) Answered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last.met = true
}

// OnBrokerConnect is called by the library.
func (c *Connections) OnBrokerConnect(meta kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	addr := net.JoinHostPort(meta.Host, strconv.Itoa(int(meta.Port)))
	c.mu.Lock()
	defer c.mu.Unlock()
	l := &c.last
	switch {
	case err != nil && !errors.Is(err, context.Canceled):
		l.addr = addr
		l.advertised = meta.NodeID >= 0
		l.err = err
		l.hangUps++
		if !HungUp(err) {
			l.hangUps = 0
		}
	case err == nil && l.addr == addr:
		l.err = nil
	}

	if err == nil && meta.NodeID < 0 {
		l.reached = addr
	}
}

// OnBrokerRead is called by the library. It notices a broker that accepts the connection and closes it at the first
// request, as a broker does that requires a login.
func (c *Connections) OnBrokerRead(meta kgo.BrokerMetadata, _ int16, _ int, _, _ time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.last.met && err != nil && HungUp(err) {
		c.last.addr = net.JoinHostPort(meta.Host, strconv.Itoa(int(meta.Port)))
		c.last.err = err
		c.last.hangUps++
	}
}

// Explain returns the fault behind an error of a request.
func (c *Connections) Explain(err error, at Place) Fault {
	c.mu.Lock()
	last := c.last
	c.mu.Unlock()
	if last.err != nil && !IsKafka(err) {
		return last.explain(at)
	}
	return OfRequest(err, at)
}

// explain returns why the connection to the address failed.
func (c connection) explain(at Place) Fault {
	at.Addr, at.Doing = c.addr, "connect to "+c.addr
	if login := Login(c.err, at); login.Text != "" {
		return login
	}
	if c.advertised && c.reached != "" && c.reached != c.addr {
		return waiting(Fault{Text: fmt.Sprintf("Reached %s, but it sends clients to %s, which can't be reached from here (%s): tell the instructor.", c.reached, c.addr, Short(c.err))})
	}

	var dns *net.DNSError
	switch {
	case errors.As(c.err, &dns) && c.met:
		return waiting(Fault{Text: fmt.Sprintf("The name %s cannot be looked up any more: is the network there?", dns.Name)})
	case HungUp(c.err):
		return c.hangUp(at)
	case c.met && TimedOut(c.err): // neither a wrong setting nor a blocked port: it has answered before
		return waiting(Fault{Text: fmt.Sprintf("%s no longer answers: is this laptop still on the room's network?", c.addr)})
	}
	return waiting(Of(c.err, at))
}

// hangUp is the fault of a broker that closes the connection at once. One that is stopping does that, too, so it counts as a
// wrong setting only if the broker has never answered and has done so several times.
func (c connection) hangUp(at Place) Fault {
	if !c.met && c.hangUps >= hangUpsMost {
		return Fault{Text: fmt.Sprintf("%s hangs up at once: %s.", c.addr, Wants(at)), Fatal: true}
	}
	return waiting(Fault{Text: fmt.Sprintf("%s hangs up at once: it is just stopping, or %s.", c.addr, Wants(at))})
}

// hangUpsMost is how many connections in a row may be closed at once before that counts as a wrong setting.
const hangUpsMost = 4

// OfRequest explains an error of a request that is retried.
func OfRequest(err error, at Place) Fault {
	if errors.Is(err, context.DeadlineExceeded) || HungUp(err) || TimedOut(err) {
		return waiting(Fault{Text: "Kafka does not answer: is the network there?"})
	}
	return waiting(Of(err, at))
}

// waiting adds to a fault that may heal that the client waits.
func waiting(f Fault) Fault {
	if !f.Fatal {
		f.Text += " Waiting for it."
	}
	return f
}

// IsKafka reports whether a broker returned the error.
func IsKafka(err error) bool {
	var kafka *kerr.Error
	return errors.As(err, &kafka)
}
