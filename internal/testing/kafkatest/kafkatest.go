// Package kafkatest gives tests a Kafka cluster: an embedded broker of their own, or the cluster of TEST_KAFKA_BROKERS
// (with _USERNAME, _PASSWORD and _CA). On a shared cluster each test has its own namespace, and deletes its topics and
// groups.
package kafkatest

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/embedded"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A Cluster is a test's Kafka cluster. Its room has the lesson scale-up and a namespace of its own.
type Cluster struct {
	workshop.Room
	Config kafka.Config
	// Real is false for the embedded broker.
	Real bool

	broker *embedded.Broker
	data   string
}

// New returns a cluster for the test, which is cleaned up at its end.
func New(t testing.TB) *Cluster {
	t.Helper()
	c := &Cluster{Room: workshop.Room{Lesson: workshop.ScaleUp, Namespace: newNamespace(), Teams: 15}}
	if brokers := os.Getenv("TEST_KAFKA_BROKERS"); brokers != "" {
		c.Real = true
		c.Config = kafka.Config{
			Brokers: strings.Split(brokers, ","), Username: os.Getenv("TEST_KAFKA_USERNAME"),
			Password: workshop.Secret(os.Getenv("TEST_KAFKA_PASSWORD")), SASL: "SCRAM-SHA-256", CA: os.Getenv("TEST_KAFKA_CA"),
		}
		t.Cleanup(func() { c.deleteOwn(t) })
		return c
	}

	c.data = t.TempDir()
	c.start(t, "127.0.0.1:0")
	t.Cleanup(func() {
		if c.broker != nil {
			c.broker.Close()
		}
	})
	return c
}

func newNamespace() workshop.Namespace {
	return workshop.Namespace("t" + strings.ToLower(rand.Text()[:10]) + ".")
}

// Another returns a room with a namespace of its own on the same cluster, for tests that run rooms side by side. The
// cluster is stopped and started through the first room only.
func (c *Cluster) Another(t testing.TB) *Cluster {
	t.Helper()
	other := *c
	other.Namespace = newNamespace()
	if other.Real {
		t.Cleanup(func() { other.deleteOwn(t) })
	}
	return &other
}

func (c *Cluster) start(t testing.TB, addr string) {
	t.Helper()
	b, err := embedded.Start(embedded.Config{Addr: addr, Data: c.data})
	if err != nil {
		t.Fatal(err)
	}
	c.broker = b
	c.Config = kafka.Config{Brokers: []string{b.Addr()}, SASL: "SCRAM-SHA-256"}
}

// Stop stops the embedded broker. Start starts it again at the same address with the same data. A shared cluster cannot
// be stopped.
func (c *Cluster) Stop(t testing.TB) {
	t.Helper()
	if c.Real {
		t.Fatal("kafkatest: a test cannot stop a shared cluster")
	}
	c.broker.Close()
	c.broker = nil
}

// Start starts a stopped broker again.
func (c *Cluster) Start(t testing.TB) { t.Helper(); c.start(t, c.Config.Brokers[0]) }

// Client returns a client that is closed at the end of the test.
func (c *Cluster) Client(t testing.TB, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	base, err := c.Config.Opts("kafkatest", nil)
	if err != nil {
		t.Fatal(err)
	}

	client, err := kgo.NewClient(append(base, opts...)...)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(client.CloseAllowingRebalance)
	return client
}

// Admin returns an admin client that is closed at the end of the test.
func (c *Cluster) Admin(t testing.TB) *kadm.Client { t.Helper(); return kadm.NewClient(c.Client(t)) }

// CreateTopic creates a topic. It does not add the namespace to the name.
func (c *Cluster) CreateTopic(t testing.TB, name string, partitions int, configs map[string]*string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	admin := c.Admin(t)
	if _, err := admin.CreateTopic(ctx, int32(partitions), 1, configs, name); err != nil {
		t.Fatalf("create topic %s: %v", name, err)
	}
	c.awaitPartitions(ctx, t, admin, name, partitions)
}

// AddPartitions adds partitions to a topic until it has this many.
func (c *Cluster) AddPartitions(t testing.TB, topic string, partitions int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	admin := c.Admin(t)
	if _, err := admin.UpdatePartitions(ctx, partitions, topic); err != nil {
		t.Fatalf("add partitions to %s: %v", topic, err)
	}
	c.awaitPartitions(ctx, t, admin, topic, partitions)
}

// awaitPartitions waits until each partition has a leader: responses come before all brokers know of a change.
func (c *Cluster) awaitPartitions(ctx context.Context, t testing.TB, admin *kadm.Client, topic string, partitions int) {
	t.Helper()
	for {
		topics, err := admin.ListTopics(ctx, topic)
		if err != nil {
			t.Fatalf("look at topic %s: %v", topic, err)
		}

		led := 0
		for _, p := range topics[topic].Partitions {
			if p.Err == nil && p.Leader >= 0 {
				led++
			}
		}
		if led == partitions {
			return
		}
	}
}

// deleteOwn deletes every group and topic under the test's namespace.
func (c *Cluster) deleteOwn(t testing.TB) {
	base, err := c.Config.Opts("kafkatest", nil)
	if err != nil {
		t.Error(err)
		return
	}

	client, err := kgo.NewClient(base...)
	if err != nil {
		t.Error(err)
		return
	}

	defer client.Close()
	adm := kadm.NewClient(client)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	own := func(name string) bool { return strings.HasPrefix(name, string(c.Namespace)) }
	if groups, err := adm.ListGroups(ctx); err == nil {
		var names []string
		for name := range groups {
			if own(name) {
				names = append(names, name)
			}
		}

		if len(names) > 0 {
			_, _ = adm.DeleteGroups(ctx, names...) // groups whose members have not timed out yet stay
		}
	}

	topics, err := adm.ListTopics(ctx)
	if err != nil {
		t.Errorf("kafkatest: list topics: %v", err)
		return
	}

	var names []string
	for name := range topics {
		if own(name) {
			names = append(names, name)
		}
	}

	if len(names) == 0 {
		return
	}

	res, err := adm.DeleteTopics(ctx, names...)
	if err != nil {
		t.Errorf("kafkatest: delete topics: %v", err)
	}

	for _, r := range res {
		if r.Err != nil && !errors.Is(r.Err, kerr.UnknownTopicOrPartition) {
			t.Errorf("kafkatest: delete topic %s: %v", r.Topic, r.Err)
		}
	}
}
