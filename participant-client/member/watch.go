package member

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"kafka-workshop/internal/kafka"

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

	minded bool // has said that the protocol is another; only sweeps use it

	mu    sync.Mutex // guards what follows
	group Group
	fault string
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
	w := &watch{crew: c, own: map[string]int{}, group: Group{Name: c.cfg.Group}}
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
		if !hungUp(err) {
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
	if !w.dial.met && err != nil && hungUp(err) {
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
	err := w.sweep(ctx)
	if err == nil || ctx.Err() != nil {
		return err == nil
	}
	if f := w.diagnose(err); f.fatal {
		w.crew.report(0, f)
	} else {
		w.say(f.text)
	}
	return false
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

// say reports a fault once, until it is over or becomes another.
func (w *watch) say(text string) {
	w.mu.Lock()
	before := w.fault
	w.fault = text
	w.mu.Unlock()
	switch text {
	case before:
	case "":
		w.crew.emit(Event{Kind: Fault, Text: "Kafka answers again.", Healed: true})
	default:
		w.crew.emit(Event{Kind: Fault, Text: text})
	}
}

// diagnose names the fault behind an error, with what is known of failed connections.
func (w *watch) diagnose(err error) fault {
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
	ends, endErr := w.adm.ListEndOffsets(ctx, cfg.Topic)
	if len(ends[cfg.Topic]) == 0 {
		return errors.Join(endErr, ctx.Err())
	}
	group, err := w.describe(ctx)
	if err != nil {
		return err
	}
	commits, err := w.adm.FetchOffsetsForTopics(ctx, cfg.Group, cfg.Topic)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) { // a group that nobody has joined yet
		return err
	}
	group.At = time.Now()
	group.Lanes = lanes(t.Partitions.Numbers(), ends[cfg.Topic], commits[cfg.Topic], group.Members)
	w.take(group)
	w.say("")
	return nil
}

func lanes(partitions []int32, ends map[int32]kadm.ListedOffset, commits map[int32]kadm.OffsetResponse, members []GroupMember) []Lane {
	var out []Lane
	for _, p := range partitions {
		l := Lane{Partition: p, Committed: -1, End: -1}
		if e, ok := ends[p]; ok && e.Err == nil {
			l.End = e.Offset
		}
		if c, ok := commits[p]; ok && c.Err == nil {
			l.Committed = c.At
		}
		for _, m := range members {
			if slices.Contains(m.Partitions, p) {
				l.Owner = m.ID
			}
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Lane) int { return int(a.Partition - b.Partition) })
	return out
}

// describe asks for the group in both protocols; what exists in neither has not been joined.
func (w *watch) describe(ctx context.Context) (Group, error) {
	name, topic := w.crew.cfg.Group, w.crew.cfg.Topic
	out := Group{Name: name, State: "NotJoined"}
	if next, err := w.adm.DescribeConsumerGroups(ctx, name); err == nil && next[name].Err == nil && next[name].State != "" {
		g := next[name]
		out.State, out.Protocol, out.Assignor = g.State, "consumer", g.AssignorName
		for _, m := range g.Members {
			// The embedded broker leaves the topic's name empty.
			assigned := append(sorted(m.Assignment[topic]), sorted(m.Assignment[""])...)
			out.Members = append(out.Members, GroupMember{ID: m.MemberID, ClientID: m.ClientID, Host: host(m.ClientHost), Partitions: assigned})
		}
	} else {
		classic, err := w.adm.DescribeGroups(ctx, name)
		if err != nil {
			return out, err
		}
		g := classic[name]
		if g.Err != nil && !errors.Is(g.Err, kerr.GroupIDNotFound) {
			return out, g.Err
		}
		if g.Err == nil && g.State != "Dead" && g.State != "" {
			out.State, out.Protocol, out.Assignor = g.State, "classic", g.Protocol
		}
		for _, m := range g.Members {
			gm := GroupMember{ID: m.MemberID, ClientID: m.ClientID, Host: host(m.ClientHost)}
			if a, ok := m.Assigned.AsConsumer(); ok {
				for _, t := range a.Topics {
					if t.Topic == topic {
						gm.Partitions = slices.Sorted(slices.Values(t.Partitions))
					}
				}
			}
			out.Members = append(out.Members, gm)
		}
	}
	slices.SortFunc(out.Members, func(a, b GroupMember) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// host takes off the slash that Kafka writes before an address, and the embedded broker's port.
func host(h string) string {
	if name, _, err := net.SplitHostPort(h); err == nil {
		return name
	}
	return strings.TrimPrefix(h, "/")
}
