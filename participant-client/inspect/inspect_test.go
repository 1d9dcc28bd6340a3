package inspect

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/testing/kafkatest"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// await describes the group until a description satisfies ready.
func await(t *testing.T, client *kgo.Client, name string, ready func(*group.Group) bool) *group.Group {
	t.Helper()
	ctx := soon(t)
	var last *group.Group
	for {
		g, err := group.Find(ctx, client, name)
		if err == nil {
			if last = g; ready(g) {
				return g
			}
		}
		if ctx.Err() != nil {
			t.Fatalf("the group never came to the state that was waited for: %+v", last)
		}
	}
}

// member joins a group and reads until the test ends.
func member(t *testing.T, c *kafkatest.Cluster, id, name, topic string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client := c.Client(t, append([]kgo.Opt{
		kgo.ConsumerGroup(name), kgo.ConsumeTopics(topic), kgo.ClientID(id), kgo.DisableAutoCommit(),
		kgo.Balancers(kgo.RangeBalancer()), kgo.HeartbeatInterval(200 * time.Millisecond),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	}, opts...)...)
	pollUntilTheEnd(t, client)
	return client
}

// pollUntilTheEnd makes a client that is in a group read until the test ends.
func pollUntilTheEnd(t *testing.T, client *kgo.Client) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			client.PollFetches(ctx)
		}
	}()
	t.Cleanup(func() { cancel(); <-done; client.CloseAllowingRebalance() })
}

func produce(t *testing.T, c *kafkatest.Cluster, topic string, values ...string) {
	t.Helper()
	client := c.Client(t, kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for i, v := range values {
		r := &kgo.Record{Value: []byte(v), Partition: int32(i % 2)}
		if err := client.ProduceSync(soon(t), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// kinds are the kinds of groups, and how a member joins one.
var kinds = []struct {
	kind string
	opts []kgo.Opt
}{
	{group.Classic, nil},
	{group.Consumer, []kgo.Opt{kgo.WithContext(context.WithValue(context.Background(), "opt_in_kafka_next_gen_balancer_beta", true))}}, //nolint:staticcheck // the library's own switch
}

// threeShareTwo reports whether a group is stable, with two partitions shared among three members.
func threeShareTwo(g *group.Group) bool {
	owners := 0
	for _, m := range g.Members {
		owners += min(len(m.Assigned), 1)
	}
	return g.State == "Stable" && len(g.Members) == 3 && owners == 2
}

func TestGroupOfBothKinds(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.kind, func(t *testing.T) {
			c := kafkatest.New(t)
			topic, name := c.Namespace.Name("t"), c.Namespace.Name("g")
			c.CreateTopic(t, topic, 2, nil)
			produce(t, c, topic, "a", "b", "c", "d", "e")
			admin := c.Client(t)

			first := member(t, c, "one", name, topic, k.opts...)
			await(t, admin, name, func(g *group.Group) bool { return g.State == "Stable" && len(g.Members) == 1 })
			if err := commit(soon(t), first, topic, 0, 2); err != nil {
				t.Fatal(err)
			}
			member(t, c, "two", name, topic, k.opts...)
			member(t, c, "three", name, topic, k.opts...)

			g := await(t, admin, name, threeShareTwo)
			if g.Protocol != k.kind {
				t.Errorf("kind %s, want %s", g.Protocol, k.kind)
			}
			rows := partitionTable(Rows(g)).lines
			if len(rows) != 3 {
				t.Fatalf("rows %+v, want two partitions and the idle member", rows)
			}
			zero, one, idle := owner(g, 0), owner(g, 1), owner(g, -1)
			want := [][]string{
				{name, topic, "0", "2", "3", "1", zero.ID, zero.Host, zero.ClientID},
				{name, topic, "1", "-", "2", "-", one.ID, one.Host, one.ClientID},
				{name, "-", "-", "-", "-", "-", idle.ID, idle.Host, idle.ClientID},
			}
			for i := range want {
				if !slices.Equal(rows[i].cells, want[i]) {
					t.Errorf("row %d\n got %q\nwant %q", i, rows[i].cells, want[i])
				}
			}
			if Note(g) != "" {
				t.Errorf("note %q on a stable group", Note(g))
			}
		})
	}
}

// owner returns the member that owns a partition, or for -1 a member that owns none.
func owner(g *group.Group, partition int32) group.Member {
	for _, m := range g.Members {
		owned := m.Assigned.All()
		if partition < 0 && len(owned) == 0 || slices.ContainsFunc(owned, func(p group.Partition) bool { return p.ID == partition }) {
			return m
		}
	}
	return group.Member{}
}

func commit(ctx context.Context, client *kgo.Client, topic string, partition int32, at int64) error {
	var failed error
	client.CommitOffsetsSync(ctx, map[string]map[int32]kgo.EpochOffset{topic: {partition: {Epoch: -1, Offset: at}}},
		commitResult(&failed))
	return failed
}

func TestNoGroup(t *testing.T) {
	c := kafkatest.New(t)
	_, err := group.Find(soon(t), c.Client(t), c.Namespace.Name("nobody"))
	if !errors.Is(err, group.ErrNotFound) {
		t.Fatalf("got %v, want group.ErrNotFound", err)
	}
	if want := "consumer group '" + c.Namespace.Name("nobody") + "' does not exist"; err.Error() != want {
		t.Errorf("says %q, want %q", err, want)
	}
}

func TestTableIsAsWideAsKafkasTool(t *testing.T) {
	got := partitionTable([]Row{{"team-1", "new_users", 0, 142, 150, 8, "team-1-laptop-1-7c0f", "/127.0.0.1", "team-1-laptop-1"}}).String()
	want := "\n" +
		"GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID          HOST            CLIENT-ID\n" +
		"team-1          new_users       0          142             150             8               team-1-laptop-1-7c0f /127.0.0.1      team-1-laptop-1\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDescribeWatchGoesOnUntilTheEnd(t *testing.T) {
	c := kafkatest.New(t)
	topic, name := c.Namespace.Name("t"), c.Namespace.Name("g")
	c.CreateTopic(t, topic, 2, nil)
	ctx, cancel := context.WithCancel(soon(t))
	out := &waiter{want: "one", found: cancel}
	member(t, c, "one", name, topic)
	if err := (Describe{Group: name, Watch: 100 * time.Millisecond}).Run(ctx, c.Client(t), out, out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.got.String(), "CURRENT-OFFSET") {
		t.Errorf("printed %s", &out.got)
	}
}

// A waiter calls found once the text written to it contains want.
type waiter struct {
	got   bytes.Buffer
	want  string
	found func()
}

func (w *waiter) Write(p []byte) (int, error) {
	n, err := w.got.Write(p)
	if strings.Contains(w.got.String(), w.want) {
		w.found()
	}
	return n, err
}

func TestTailPrintsEveryRecordInNoGroup(t *testing.T) {
	c := kafkatest.New(t)
	topic := c.Namespace.Name("t")
	c.CreateTopic(t, topic, 2, nil)
	produce(t, c, topic, `{"a":1}`, "line\nbreak")
	tail := Tail{Topic: topic, Start: earliest, MaxRecords: 2}
	var out, notes bytes.Buffer
	if err := tail.Run(soon(t), c.Client(t, tail.Options()...), &out, &notes); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{topic + `:0:0 key=- {"a":1}` + "\n", topic + `:1:0 key=- line\nbreak` + "\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in %q", want, out.String())
		}
	}
}

func TestTopicPrintsLeaderReplicasISR(t *testing.T) {
	c := kafkatest.New(t)
	topic := c.Namespace.Name("t")
	retention := "3600000"
	c.CreateTopic(t, topic, 3, map[string]*string{"retention.ms": &retention})
	produce(t, c, topic, "a", "b", "c")

	found, err := FindTopic(soon(t), c.Client(t), topic)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := found.WritePlain(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 || !strings.Contains(lines[0], "PartitionCount: 3\tReplicationFactor: 1\tConfigs: ") || !strings.Contains(lines[0], "retention.ms=3600000") {
		t.Fatalf("got %q", lines)
	}
	for _, want := range []string{"Partition: 0\t", "Leader: ", "Replicas: ", "Isr: ", "Start: 0\tEnd: 2"} {
		if !strings.Contains(lines[1], want) {
			t.Errorf("no %q in %q", want, lines[1])
		}
	}
	if _, err := FindTopic(soon(t), c.Client(t), c.Namespace.Name("missing")); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("missing topic: %v", err)
	}
}

// earliest is where most tests begin.
var earliest = Start{kind: atStart}
