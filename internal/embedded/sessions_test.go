package embedded

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const group = "team-1"

// fake is a member that does only what the test tells it to, over its own connection.
type fake struct {
	t       *testing.T
	client  *kgo.Client
	session time.Duration
	id      string
	round   int32
}

func startBroker(t *testing.T) *Broker {
	t.Helper()
	b, err := Start(Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func newFake(t *testing.T, b *Broker, session time.Duration) *fake {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &fake{t: t, client: client, session: session}
}

// join returns when the group has answered the JoinGroup request.
func (f *fake) join(ctx context.Context) (members int, err error) {
	for {
		r := kmsg.NewPtrJoinGroupRequest()
		r.Group, r.MemberID, r.ProtocolType = group, f.id, "consumer"
		r.SessionTimeoutMillis, r.RebalanceTimeoutMillis = int32(f.session.Milliseconds()), 60_000
		protocol := kmsg.NewJoinGroupRequestProtocol()
		protocol.Name = "range"
		r.Protocols = append(r.Protocols, protocol)
		resp, err := r.RequestWith(ctx, f.client)
		if err != nil {
			return 0, err
		}
		f.id, f.round = resp.MemberID, resp.Generation
		if resp.ErrorCode != kerr.MemberIDRequired.Code {
			return len(resp.Members), kerr.ErrorForCode(resp.ErrorCode)
		}
	}
}

func (f *fake) sync(ctx context.Context) error {
	r := kmsg.NewPtrSyncGroupRequest()
	r.Group, r.MemberID, r.Generation = group, f.id, f.round
	resp, err := r.RequestWith(ctx, f.client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

// untilRebalance sends heartbeats until a response reports a rebalance.
func (f *fake) untilRebalance(ctx context.Context) {
	f.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		r := kmsg.NewPtrHeartbeatRequest()
		r.Group, r.MemberID, r.Generation = group, f.id, f.round
		resp, err := r.RequestWith(ctx, f.client)
		if err != nil {
			f.t.Fatalf("no rebalance: %v", err)
		}
		switch err := kerr.ErrorForCode(resp.ErrorCode); {
		case errors.Is(err, kerr.RebalanceInProgress):
			return
		case err != nil:
			f.t.Fatal(err)
		}
		<-tick.C
	}
}

func (f *fake) must(members int, err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
	if members == 0 {
		f.t.Fatal("not the leader")
	}
}

// joinedBy makes a group of f alone, and has the other one join it. It returns when f sees the rebalance; the other's
// join has no response by then.
func (f *fake) joinedBy(ctx context.Context, other *fake) (joined <-chan error) {
	f.t.Helper()
	f.must(f.join(ctx))
	f.must(1, f.sync(ctx))
	answer := make(chan error, 1)
	go func() {
		_, err := other.join(ctx)
		answer <- err
	}()
	f.untilRebalance(ctx)
	return answer
}

// A member waits longer than its session timeout for another, silent member, and still gets its response.
func TestAMemberThatWaitsIsAlive(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	waits, silent := newFake(t, b, 6*time.Second), newFake(t, b, 9*time.Second)
	joined := waits.joinedBy(ctx, silent)
	waits.must(waits.join(ctx))
	if err := <-joined; err != nil {
		t.Fatal(err)
	}
	waits.must(2, waits.sync(ctx))
	waits.must(2, silent.sync(ctx))
	if n, err := waits.join(ctx); err != nil || n != 1 { // the leader joins again, which is a rebalance
		t.Fatalf("%v, members %d, want it alone", err, n)
	}
}

// A member that dies while it waits gets partitions, and loses them after its session timeout.
func TestAMemberThatDiesWaitingIsSeenOff(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	lives, dies := newFake(t, b, 30*time.Second), newFake(t, b, 6*time.Second)
	life, death := context.WithCancel(ctx)
	joined := lives.joinedBy(life, dies)
	death()
	dies.client.Close()
	if err := <-joined; err == nil {
		t.Fatal("it was answered before it died")
	}
	if n, err := lives.join(ctx); err != nil || n != 2 {
		t.Fatalf("%v, members %d, want 2", err, n)
	}
	lives.must(2, lives.sync(ctx))
	lives.untilRebalance(ctx) // the dead member has been removed
	if n, err := lives.join(ctx); err != nil || n != 1 {
		t.Fatalf("%v, members %d, want it alone", err, n)
	}
}

// A member waits longer than its session timeout for the leader's assignment, and learns that the leader is gone.
func TestAMemberThatWaitsForTheLeaderIsAlive(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	leader, waits := newFake(t, b, 9*time.Second), newFake(t, b, 6*time.Second)
	joined := leader.joinedBy(ctx, waits)
	leader.must(leader.join(ctx))
	if err := <-joined; err != nil {
		t.Fatal(err)
	}
	if err := waits.sync(ctx); !errors.Is(err, kerr.RebalanceInProgress) {
		t.Fatalf("%v, want %v", err, kerr.RebalanceInProgress)
	}
	if n, err := waits.join(ctx); err != nil || n != 1 {
		t.Fatalf("%v, members %d, want it alone", err, n)
	}
}

// A static member of the new protocol that leaves temporarily keeps its place for its session timeout.
func TestAStaticMemberThatStaysAwayIsSeenOff(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	newTopic(t, b, 1)
	static := func(id, instance string, epoch int32) {
		t.Helper()
		beat := kmsg.NewPtrConsumerGroupHeartbeatRequest()
		beat.Group, beat.MemberID, beat.InstanceID, beat.MemberEpoch = group, id, &instance, epoch
		if epoch == 0 {
			beat.RebalanceTimeoutMillis, beat.SubscribedTopicNames, beat.Topics = 10_000, []string{topic}, []kmsg.ConsumerGroupHeartbeatRequestTopic{}
		}
		answer, err := beat.RequestWith(t.Context(), b.wire.client)
		if err == nil {
			err = kerr.ErrorForCode(answer.ErrorCode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	members := func() []kmsg.ConsumerGroupDescribeResponseGroupMember {
		t.Helper()
		describe := kmsg.NewPtrConsumerGroupDescribeRequest()
		describe.Groups = []string{group}
		answer, err := describe.RequestWith(t.Context(), b.wire.client)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Groups[0].Members
	}

	static("AAAAAAAAAAAAAAAAAAAAAA", "one", 0)
	static("AAAAAAAAAAAAAAAAAAAAAA", "one", leaveTemporarily)
	if n := len(members()); n != 1 {
		t.Fatalf("%d members, want its place kept", n)
	}
	until(t, "its end", func() (bool, bool) { return true, len(members()) == 0 })
}
