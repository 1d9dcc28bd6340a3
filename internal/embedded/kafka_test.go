package embedded

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const topic = "new_users"

// patience is how long a test waits for something that must happen.
const patience = 30 * time.Second

func newTopic(t *testing.T, b *Broker, records int) *kadm.Client {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	adm := kadm.NewClient(client)
	if _, err := adm.CreateTopic(t.Context(), 2, 1, nil, topic); err != nil {
		t.Fatal(err)
	}
	produce(t, client, records)
	return adm
}

func produce(t *testing.T, client *kgo.Client, records int) {
	t.Helper()
	for range records {
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte("{}")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// read runs a member that reads this many records, commits and leaves.
func read(t *testing.T, b *Broker, records int, opts ...kgo.Opt) {
	t.Helper()
	base := []kgo.Opt{
		kgo.SeedBrokers(b.Addr()), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.Balancers(kgo.RangeBalancer()),
	}
	client, err := kgo.NewClient(append(base, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	for got := 0; got < records; {
		fetched := client.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("%d of %d records: %v", got, records, ctx.Err())
		}
		got += fetched.NumRecords()
		if got > records {
			t.Fatalf("%d records, want %d: it did not go on where the group stood", got, records)
		}
	}
	if err := client.CommitUncommittedOffsets(ctx); err != nil {
		t.Fatal(err)
	}
	if err := client.LeaveGroupContext(ctx); err != nil {
		t.Fatal(err)
	}
}

// An empty group changes to the protocol of its next member, and continues from its commits.
func TestAGroupChangesItsProtocolBothWays(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	adm := newTopic(t, b, 10)
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	for range 2 {
		read(t, b, 10, kgo.ServerSideBalancer())
		produce(t, client, 10)
		read(t, b, 10)
		produce(t, client, 10)
	}

	offsets, err := adm.FetchOffsets(t.Context(), group)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	offsets.Each(func(o kadm.OffsetResponse) { sum += o.At })
	if sum != 40 {
		t.Errorf("committed %d, want 40", sum)
	}
}

func TestAnUnknownGroupHasCommittedNothing(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	newTopic(t, b, 1)
	for _, version := range []int16{1, 5, 7, 8, 9} {
		client, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		if got := committed(t, client, version); got != -1 {
			t.Errorf("version %d: committed %d, want -1", version, got)
		}
	}
}

// committed fetches, with one version of the request, the committed offset of a group that does not exist.
func committed(t *testing.T, client *kgo.Client, version int16) int64 {
	t.Helper()
	r := kmsg.NewPtrOffsetFetchRequest()
	r.SetVersion(version)
	if version < 8 {
		asked := kmsg.NewOffsetFetchRequestTopic()
		asked.Topic, asked.Partitions = topic, []int32{1}
		r.Group, r.Topics = "nobody", append(r.Topics, asked)
	} else {
		asked := kmsg.NewOffsetFetchRequestGroupTopic()
		asked.Topic, asked.Partitions = topic, []int32{1}
		g := kmsg.NewOffsetFetchRequestGroup()
		g.Group, g.MemberEpoch, g.Topics = "nobody", -1, append(g.Topics, asked)
		r.Groups = append(r.Groups, g)
	}

	answer := r.ResponseKind().(*kmsg.OffsetFetchResponse)
	body := exchange(t, client, r)
	if err := answer.ReadFrom(body); err != nil {
		t.Fatalf("version %d: %v", version, err)
	}
	if version < 8 {
		if answer.ErrorCode != 0 || len(answer.Topics) != 1 || len(answer.Topics[0].Partitions) != 1 || answer.Topics[0].Partitions[0].ErrorCode != 0 {
			t.Fatalf("version %d: %+v", version, answer)
		}
		return answer.Topics[0].Partitions[0].Offset
	}
	g := answer.Groups[0]
	if g.ErrorCode != 0 || len(g.Topics) != 1 || len(g.Topics[0].Partitions) != 1 || g.Topics[0].Partitions[0].ErrorCode != 0 {
		t.Fatalf("version %d: %+v", version, g)
	}
	return g.Topics[0].Partitions[0].Offset
}

// exchange sends a request in its version over its own connection, and returns the response's body.
func exchange(t *testing.T, client *kgo.Client, r kmsg.Request) []byte {
	t.Helper()
	addr := client.OptValue(kgo.SeedBrokers).([]string)[0]
	c := dial(t, addr)
	frame := kmsg.NewRequestFormatter().AppendRequest(nil, r, 7)
	if _, err := c.Write(frame); err != nil {
		t.Fatal(err)
	}
	length := make([]byte, 4)
	if _, err := io.ReadFull(c, length); err != nil {
		t.Fatal(err)
	}
	body := make([]byte, binary.BigEndian.Uint32(length))
	if _, err := io.ReadFull(c, body); err != nil {
		t.Fatal(err)
	}
	if r.IsFlexible() {
		return body[5:] // after the correlation id and an empty list of tags
	}
	return body[4:]
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // it may be closed already
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return c
}

// A group's description has hosts, names and expressions in Kafka's format.
func TestAGroupsDescription(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	adm := newTopic(t, b, 1)
	client := func(name string, opts ...kgo.Opt) {
		t.Helper()
		c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(b.Addr()), kgo.ConsumerGroup(name), kgo.Balancers(kgo.RangeBalancer())}, opts...)...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
	}
	client("classic", kgo.ConsumeTopics(topic))
	client("new", kgo.ConsumeTopics(topic), kgo.ServerSideBalancer())

	classic := func() (string, bool) {
		got, err := adm.DescribeGroups(t.Context(), "classic")
		if err != nil || len(got["classic"].Members) != 1 {
			return "", false
		}
		return got["classic"].Members[0].ClientHost, true
	}
	newer := func() (string, bool) {
		got, err := adm.DescribeConsumerGroups(t.Context(), "new")
		if err != nil || len(got["new"].Members) != 1 || len(got["new"].Members[0].Assignment[topic]) != 2 {
			return "", false
		}
		return got["new"].Members[0].ClientHost, true
	}
	for name, look := range map[string]func() (string, bool){"classic": classic, "new": newer} {
		if got := until(t, name, look); got != "/127.0.0.1" {
			t.Errorf("%s: host %q, want /127.0.0.1", name, got)
		}
	}

	beat := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	beat.Group, beat.MemberID, beat.RebalanceTimeoutMillis = "by expression", "AAAAAAAAAAAAAAAAAAAAAA", 10_000
	beat.SubscribedTopicRegex, beat.Topics = kmsg.StringPtr("new_.*"), []kmsg.ConsumerGroupHeartbeatRequestTopic{}
	answer, err := beat.RequestWith(t.Context(), b.wire.client)
	if err == nil {
		err = kerr.ErrorForCode(answer.ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
	describe := kmsg.NewPtrConsumerGroupDescribeRequest()
	describe.Groups = []string{"by expression"}
	got, err := describe.RequestWith(t.Context(), b.wire.client)
	if err != nil {
		t.Fatal(err)
	}
	if m := got.Groups[0].Members; len(m) != 1 || m[0].SubscribedTopicRegex == nil || *m[0].SubscribedTopicRegex != "new_.*" {
		t.Errorf("members %+v, want one that subscribes by new_.*", m)
	}
}

// until polls until look succeeds.
func until[T any](t *testing.T, what string, look func() (T, bool)) T {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		if got, ok := look(); ok {
			return got
		}
	}
	t.Fatalf("%s never came", what)
	var none T
	return none
}
