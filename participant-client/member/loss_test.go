package member

import (
	"context"
	"net"
	"slices"
	"sync"
	"syscall"
	"testing"

	"kafka-workshop/internal/testing/kafkatest"
)

// A link is the network to the brokers, which a test can cut.
type link struct {
	mu    sync.Mutex // guards what follows
	down  bool
	conns []net.Conn
}

func (l *link) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, addr)
	if err == nil {
		l.conns = append(l.conns, conn)
	}
	return conn, err
}

func (l *link) set(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
	for _, conn := range l.conns {
		_ = conn.Close() // some are closed already
	}
	l.conns = nil
}

// A member that gets no answer from the group gives up what it owns, and does not claim to know why.
func TestALossWithoutAnAnswerIsNoExpulsion(t *testing.T) {
	c := kafkatest.New(t)
	cfg := config(c)
	way := new(link)
	cfg.Kafka.Dial = way.dial
	c.CreateTopic(t, cfg.Topic, 2, nil)
	r := start(t, cfg, 1)
	r.heard.until(t, "2", func([]Event, map[string]int) bool { return slices.Equal(r.shares(2), []int{2}) })

	way.set(true)
	isLoss := func(e Event) bool { return e.Kind == Lost }
	r.heard.until(t, "the loss", func(events []Event, _ map[string]int) bool { return slices.ContainsFunc(events, isLoss) })
	if e, _ := r.heard.find(isLoss); e.Reason != OutOfTouch {
		t.Errorf("the reason is %q, want %q", e.Reason, OutOfTouch)
	}
	way.set(false)
	r.heard.until(t, "2 again", func([]Event, map[string]int) bool { return slices.Equal(r.shares(2), []int{2}) })
}

// Offsets of a topic that has been deleted are not committed, and no event reports that they are.
func TestADeletedTopicHasNoLastCommit(t *testing.T) {
	for _, assignor := range []string{Range, CooperativeSticky, Server} {
		t.Run(assignor, func(t *testing.T) {
			t.Parallel()
			c := kafkatest.New(t)
			cfg := config(c)
			cfg.Assignor = assignor
			if assignor == Server {
				cfg.SessionTimeout = 0
			}
			c.CreateTopic(t, cfg.Topic, 1, nil)
			r := start(t, cfg, 1)
			produce(t, c, cfg.Topic, 10, func(int) string { return "a" })
			r.heard.until(t, "a commit of all", func(events []Event, _ map[string]int) bool {
				return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Committed && !e.Resumed && e.Offsets[0] == 10 })
			})

			if _, err := c.Admin(t).DeleteTopic(t.Context(), cfg.Topic); err != nil {
				t.Fatal(err)
			}
			r.heard.until(t, "that the topic is missing", func(events []Event, _ map[string]int) bool {
				return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Fault })
			})
			if err := r.Stop(1); err != nil {
				t.Fatal(err)
			}
			closed := func(e Event) bool { return e.Kind == Closed }
			r.heard.until(t, "its end", func(events []Event, _ map[string]int) bool { return slices.ContainsFunc(events, closed) })
			for _, e := range r.heard.all() {
				if (e.Kind == Closed || e.Kind == Revoked) && e.Commit == CommitTaken {
					t.Errorf("%s: the last commit of a topic that is gone counts as taken: %+v", e.Kind, e)
				}
			}
		})
	}
}
