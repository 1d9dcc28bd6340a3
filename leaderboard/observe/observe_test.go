package observe

import (
	"context"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for an expected event. Nothing takes that long when all is well.
const patience = 30 * time.Second

// A room is a cluster with the lesson's topic, and an observer whose sweeps the test runs.
type room struct {
	*kafkatest.Cluster
	topic    string
	observer *Observer
	sweeper  *sweeper
}

func newRoom(t testing.TB, teams int, opts ...kgo.Opt) *room {
	t.Helper()
	r := &room{Cluster: kafkatest.New(t)}
	r.topic = r.Topic()
	r.CreateTopic(t, r.topic, 5, nil)
	o, err := New(Config{
		Kafka: r.Config, Room: workshop.Room{Lesson: workshop.ScaleUp, Namespace: r.Namespace, Teams: teams},
		Interval: 20 * time.Millisecond, Opts: opts,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	r.observer, r.sweeper = o, newSweeper(o)
	return r
}

// until sweeps until ok holds.
func (r *room) until(t testing.TB, what string, ok func(game.Sweep) bool) game.Sweep {
	t.Helper()
	deadline := time.Now().Add(patience)
	var last game.Sweep
	for time.Now().Before(deadline) {
		last = r.sweeper.sweep(t.Context(), time.Now())
		if ok(last) {
			return last
		}
	}
	t.Fatalf("no sweep showed %s; the last: %+v", what, last)
	return last
}

// join starts a member of a team's group. It leaves at the end of the test, or when the returned function is called.
func (r *room) join(t testing.TB, team int, opts ...kgo.Opt) (leave func()) {
	t.Helper()
	base := []kgo.Opt{
		kgo.ConsumerGroup(r.Group(team)), kgo.ConsumeTopics(r.topic),
		kgo.ClientID("member"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.Balancers(kgo.RangeBalancer()), kgo.HeartbeatInterval(100 * time.Millisecond),
	}
	client := r.Client(t, append(base, opts...)...)
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil {
			client.PollFetches(ctx)
		}
	})
	leave = sync.OnceFunc(func() {
		cancel()
		done.Wait()
		client.CloseAllowingRebalance()
	})
	t.Cleanup(leave)
	return leave
}

func (r *room) produce(t testing.TB, n int) {
	t.Helper()
	var records []*kgo.Record
	for i := range n {
		records = append(records, &kgo.Record{Topic: r.topic, Partition: int32(i % 5), Value: []byte("{}")})
	}
	// Uncompressed, as the producer service does: kafka-python does not read snappy.
	p := r.Client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(kgo.NoCompression()))
	if err := p.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// owned counts the partitions of each member of a group.
func owned(g game.GroupFact) []int {
	var out []int
	for _, m := range g.Members {
		out = append(out, len(m.Partitions))
	}
	return out
}

func sum(n []int) (total int) {
	for _, v := range n {
		total += v
	}
	return total
}

func split(members int) func(g game.GroupFact) bool {
	return func(g game.GroupFact) bool {
		return g.State == "Stable" && !g.Moving && len(g.Members) == members && sum(owned(g)) == 5
	}
}

// rawMember speaks the classic protocol directly: it does only what the test asks for.
type rawMember struct {
	client *kgo.Client
	group  string
	id     string
}

// join sends JoinGroup and returns once the group is prepared.
func (m *rawMember) join(ctx context.Context, topic string) (*kmsg.JoinGroupResponse, error) {
	about := kmsg.NewConsumerMemberMetadata()
	about.Topics = []string{topic}
	for {
		req := kmsg.NewPtrJoinGroupRequest()
		req.Group, req.MemberID, req.ProtocolType = m.group, m.id, "consumer"
		req.SessionTimeoutMillis, req.RebalanceTimeoutMillis = 30_000, 30_000
		protocol := kmsg.NewJoinGroupRequestProtocol()
		protocol.Name, protocol.Metadata = "range", about.AppendTo(nil)
		req.Protocols = append(req.Protocols, protocol)
		resp, err := req.RequestWith(ctx, m.client)
		if err != nil {
			return nil, err
		}
		m.id = resp.MemberID
		if resp.ErrorCode == kerr.MemberIDRequired.Code {
			continue
		}
		return resp, kerr.ErrorForCode(resp.ErrorCode)
	}
}

// lead assigns partitions to itself, all of them if none are given.
func (m *rawMember) lead(ctx context.Context, generation int32, topic string, partitions ...int32) error {
	if partitions == nil {
		partitions = []int32{4, 3, 2, 1, 0}
	}
	owns := kmsg.NewConsumerMemberAssignment()
	t := kmsg.NewConsumerMemberAssignmentTopic()
	t.Topic, t.Partitions = topic, partitions
	owns.Topics = append(owns.Topics, t)
	req := kmsg.NewPtrSyncGroupRequest()
	req.Group, req.MemberID, req.Generation = m.group, m.id, generation
	req.ProtocolType, req.Protocol = kmsg.StringPtr("consumer"), kmsg.StringPtr("range")
	a := kmsg.NewSyncGroupRequestGroupAssignment()
	a.MemberID, a.MemberAssignment = m.id, owns.AppendTo(nil)
	req.GroupAssignment = append(req.GroupAssignment, a)
	resp, err := req.RequestWith(ctx, m.client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}
