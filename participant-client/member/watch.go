package member

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	sweepEvery  = time.Second
	sweepWithin = 4 * time.Second
	flushEvery  = 250 * time.Millisecond
)

// A watch looks at the whole group through the admin API, once a second, and is the one that says
// what is wrong with the cluster as seen from here. It is outside the group.
type watch struct {
	crew *Crew
	cl   *kgo.Client
	adm  *kadm.Client

	minded bool               // has said that the protocol is another; only sweeps use it
	owned  map[string][]int32 // by member id, when no rebalance was on; only sweeps use it

	mu    sync.Mutex // guards what follows
	group Group
	said  string         // what was said last, until it is over
	fault string         // the same, when it is a fault
	own   map[string]int // instances of this process by member id, those gone included
	dial  dialFault
}

// A dialFault is the last connection that failed, and what is known of the others.
type dialFault struct {
	met        bool // the cluster has answered before: what is wrong now came later
	hangUps    int  // connections in a row that were closed at once
	addr       string
	advertised bool // the address came from the cluster, not from --brokers
	err        error
	reached    string // an address of --brokers that answered
}

// newWatch makes a watch whose connection ends with ctx.
func newWatch(ctx context.Context, c *Crew) (*watch, error) {
	w := &watch{crew: c, own: map[string]int{}, group: Group{Group: group.Group{Name: c.cfg.Group}, Topic: c.cfg.Topic}}
	opts, err := c.cfg.Kafka.Opts(c.cfg.ClientID+"-watch", c.log)
	if err != nil {
		return nil, err
	}
	w.cl, err = kgo.NewClient(append(opts, kgo.WithContext(ctx), kgo.WithHooks(w), kgo.MetadataMaxAge(5*time.Second),
		kgo.RecordDeliveryTimeout(10*time.Second), kgo.ProducerLinger(0),
		kgo.ProducerBatchCompression(kgo.NoCompression()))...)
	if err != nil {
		return nil, err
	}
	w.adm = kadm.NewClient(w.cl)
	w.adm.SetTimeoutMillis(int32(sweepWithin.Milliseconds()))
	return w, nil
}

// close ends the connection, after what was published over it is out or leaveWithin is over, at the latest with newWatch's ctx.
func (w *watch) close() {
	ctx, cancel := context.WithTimeout(context.Background(), leaveWithin)
	defer cancel()
	_ = w.cl.Flush(ctx) // best effort: nobody waits for it
	w.cl.Close()
}

// OnBrokerConnect keeps the last connection that failed: its error names the fault better than a
// request's that ran out of tries.
func (w *watch) OnBrokerConnect(meta kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	addr := net.JoinHostPort(meta.Host, strconv.Itoa(int(meta.Port)))
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err != nil && !errors.Is(err, context.Canceled):
		w.dial.addr, w.dial.advertised, w.dial.err = addr, meta.NodeID >= 0, err
		w.dial.hangUps++
		if !fault.HungUp(err) {
			w.dial.hangUps = 0
		}
	case err == nil && w.dial.addr == addr:
		w.dial.err = nil
	}
	if err == nil && meta.NodeID < 0 {
		w.dial.reached = addr
	}
}

// OnBrokerRead notices a broker that takes the connection and hangs up at the first request, as one
// does that wants a login.
func (w *watch) OnBrokerRead(meta kgo.BrokerMetadata, _ int16, _ int, _, _ time.Duration, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.dial.met && err != nil && fault.HungUp(err) {
		w.dial.addr, w.dial.err = net.JoinHostPort(meta.Host, strconv.Itoa(int(meta.Port))), err
		w.dial.hangUps++
	}
}

// reach waits until the cluster answers and has the topic, and says meanwhile what it waits for. It
// reports whether it got there.
func (w *watch) reach(ctx context.Context) bool {
	backoff := kafka.Backoff(250*time.Millisecond, 2*time.Second)
	for try := 1; ctx.Err() == nil; try++ {
		if w.look(ctx) {
			return true
		}
		wait(ctx, backoff(try))
	}
	return false
}

// look sweeps once and says what is wrong, or that all is well again.
func (w *watch) look(ctx context.Context) bool {
	began := time.Now()
	err := w.sweep(ctx)
	if err == nil || ctx.Err() != nil {
		return err == nil
	}
	if stoodStill(began) {
		return false // it says nothing about Kafka
	}

	if errors.Is(err, kerr.CoordinatorNotAvailable) || errors.Is(err, kerr.CoordinatorLoadInProgress) {
		w.say(Waiting, w.awaitedCoordinator(ctx))
	} else if f := w.diagnose(err); f.Fatal {
		w.crew.report(0, f)
	} else {
		w.say(Fault, f.Text)
	}
	return false
}

// stoodStill reports that a sweep ended much later than its deadline: the process was stopped, or the laptop slept. The wall
// clock tells, for the monotonic one stands still with a laptop.
func stoodStill(began time.Time) bool {
	return time.Now().Round(0).Sub(began.Round(0)) > sweepWithin+2*time.Second
}

// offsetsTopic is where Kafka keeps groups and their commits. A new cluster makes it for the first group that asks.
const offsetsTopic = "__consumer_offsets"

// awaitedCoordinator says why the group has no coordinator yet.
func (w *watch) awaitedCoordinator(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, sweepWithin)
	defer cancel()
	topics, err := w.adm.ListTopics(ctx, offsetsTopic)
	if err == nil && errors.Is(topics[offsetsTopic].Err, kerr.UnknownTopicOrPartition) {
		return "Kafka is creating its offsets topic; trying again."
	}
	return "Kafka has no coordinator for the group yet; trying again."
}

// loop sweeps until ctx ends.
func (w *watch) loop(ctx context.Context) {
	var done sync.WaitGroup
	defer done.Wait()
	done.Go(func() {
		for wait(ctx, flushEvery) {
			w.crew.flush()
		}
	})
	for wait(ctx, sweepEvery) {
		w.look(ctx)
	}
}

// say reports a fault, or what is waited for, once, until it is over or becomes another.
func (w *watch) say(kind Kind, text string) {
	w.mu.Lock()
	before, fault := w.said, w.fault
	w.said = text
	w.fault = ""
	if kind == Fault {
		w.fault = text
	}
	w.mu.Unlock()

	switch {
	case text == before:
	case text != "":
		w.crew.emit(Event{Kind: kind, Text: text})
	case fault != "":
		w.crew.emit(Event{Kind: Fault, Text: "Kafka answers again.", Healed: true})
	}
}

// diagnose names the fault behind an error, with what is known of failed connections.
func (w *watch) diagnose(err error) fault.Fault {
	w.mu.Lock()
	d := w.dial
	w.mu.Unlock()
	if d.err != nil && !isKafka(err) {
		return connectFault(d, w.crew.cfg)
	}
	return faultOf(err, "ask about "+w.crew.cfg.Topic, w.crew.cfg)
}

// sweep looks at the topic and the group once.
func (w *watch) sweep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sweepWithin)
	defer cancel()
	began := time.Now()
	cfg := w.crew.cfg
	topics, err := w.adm.ListTopics(ctx, cfg.Topic)
	if err != nil {
		return err
	}
	t := topics[cfg.Topic]
	if t.Err == nil && len(t.Partitions) == 0 {
		t.Err = kerr.UnknownTopicOrPartition
	}
	if t.Err != nil {
		return t.Err
	}
	w.mu.Lock()
	w.dial.met = true
	w.mu.Unlock()
	g, err := group.DescribeWithOffsets(ctx, w.cl, cfg.Group, cfg.Topic)
	if errors.Is(err, kerr.TopicAuthorizationFailed) { // ours was just listed
		return errors.New("a member of " + cfg.Group + " reads a topic that you may not look at")
	}
	if err != nil {
		return err
	}
	seen := groupOn(t, g)
	seen.Began = began
	w.take(seen)
	w.say(Fault, "")
	return nil
}

// groupOn is a look at a group as far as it is about one topic.
func groupOn(topic kadm.TopicDetail, g *group.Group) Group {
	out := Group{Group: g.On(topic.Topic), At: time.Now(), Topic: topic.Topic, TopicID: topic.ID}
	owners := map[int32]string{}
	for _, m := range out.Members {
		for _, p := range out.Owned(m) {
			owners[p] = m.ID
		}
	}

	for _, id := range slices.Sorted(slices.Values(topic.Partitions.Numbers())) {
		o := g.OffsetsOf(group.Partition{Topic: topic.Topic, ID: id})
		out.Lanes = append(out.Lanes, Lane{Partition: id, Owner: owners[id], Committed: o.Committed, Start: o.Start, End: o.End})
	}
	return out
}
