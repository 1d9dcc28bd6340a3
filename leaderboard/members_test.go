package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A noted is a real member of a group that records what it owns, from when to when: a log that is independent of the
// leaderboard.
type noted struct {
	client string
	*kgo.Client

	mu    sync.Mutex // guards what follows
	owned map[int32]time.Time
	notes []ownedFor
	conns []net.Conn
	dead  bool
}

// ownedFor is a partition that a member owned; the end is zero while it does, or if the member crashed.
type ownedFor struct {
	partition int32
	from, to  time.Time
}

// join starts a member of team 1.
func join(t *testing.T, c *kafkatest.Cluster, client string, opts ...kgo.Opt) *noted {
	t.Helper()
	m := &noted{client: client, owned: map[int32]time.Time{}}
	lost := func(_ context.Context, _ *kgo.Client, gone map[string][]int32) { m.note(gone, m.lose) }
	opts = append([]kgo.Opt{
		kgo.ClientID(client), kgo.ConsumerGroup(c.Group(1)), kgo.ConsumeTopics(c.Topic()), kgo.HeartbeatInterval(300 * time.Millisecond),
		kgo.AutoCommitInterval(500 * time.Millisecond),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			m.note(got, func(p int32) { m.owned[p] = time.Now() })
		}),
		kgo.OnPartitionsRevoked(lost), kgo.OnPartitionsLost(lost),
	}, opts...)
	own := *c
	own.Config.Dial = m.dial
	m.Client = own.Client(t, opts...)
	go func() {
		for !m.PollFetches(context.Background()).IsClientClosed() {
		}
	}()
	return m
}

func (m *noted) note(partitions map[string][]int32, each func(int32)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return // it has been dead for a while; the library only finds out now
	}
	for _, list := range partitions {
		for _, p := range list {
			each(p)
		}
	}
}

func (m *noted) lose(p int32) {
	if from, ok := m.owned[p]; ok {
		m.notes = append(m.notes, ownedFor{p, from, time.Now()})
		delete(m.owned, p)
	}
}

var errDead = errors.New("this member is dead")

func (m *noted) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if m.dead {
		_ = conn.Close() // it was opened for nothing
		return nil, errDead
	}
	m.conns = append(m.conns, conn)
	return conn, nil
}

// sessionTimeout is the members' session timeout: the shortest that Apache Kafka accepts.
const sessionTimeout = 6 * time.Second

// crash makes the member vanish without a request. To its group, it owns its partitions until outlived is called.
func (m *noted) crash() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = true
	for _, conn := range m.conns {
		_ = conn.Close() // some are already closed
	}
}

// outlived records that the group has reassigned the dead member's partitions.
func (m *noted) outlived() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for p := range m.owned {
		m.lose(p)
	}
}

// owns returns what the member owns now, by its own account.
func (m *noted) owns() []int32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.owned))
}

// accounts returns who owns what by the members' own accounts: "P0 ann, P1 ann, …".
func accounts(members ...*noted) string {
	var out []string
	for _, m := range members {
		for _, p := range m.owns() {
			out = append(out, "P"+strconv.Itoa(int(p))+" "+m.client)
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// feed produces records to all partitions until the test ends.
func feed(t *testing.T, c *kafkatest.Cluster) {
	t.Helper()
	producer := c.Client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	repeat(t, 100*time.Millisecond, func(ctx context.Context, n int) {
		for p := range int32(c.Lesson.Partitions) {
			user := workshop.User{Email: fmt.Sprintf("%d-%d@hotmail.com", n, p)} // meets team 1's row
			producer.Produce(ctx, &kgo.Record{Topic: c.Topic(), Partition: p, Value: encoded(user)}, nil)
		}
	})
}
