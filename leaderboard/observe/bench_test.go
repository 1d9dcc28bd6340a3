package observe

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/testing/wait"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The groups of a large room, each with five commits.
const (
	consumerGroups = 900 // KIP-848; each has members that own nothing and only send heartbeats
	perGroup       = 5
	classicGroups  = 100 // of one member each
	beatEvery      = 15 * time.Second
)

func newLargeRoom(b *testing.B) *room {
	r := newRoom(b, consumerGroups+classicGroups)
	client := r.Client(b)
	adm := r.Admin(b)
	ends, err := adm.ListEndOffsets(b.Context(), r.topic)
	if err != nil {
		b.Fatal(err)
	}

	for team := 1; team <= consumerGroups+classicGroups; team++ {
		if _, err := adm.CommitOffsets(b.Context(), r.Group(team), ends.Offsets()); err != nil {
			b.Fatal(err)
		}
	}
	// The class's clusters evict a silent member after 10 s; not all of these members can send a heartbeat in that time.
	if err := kafka.SetGroupConfigs(b.Context(), client, r.sweeper.groups, map[string]string{"consumer.session.timeout.ms": "60000"}); err != nil {
		b.Fatal(err)
	}
	var members []*beating
	for team := 1; team <= consumerGroups; team++ {
		for n := range perGroup {
			m := &beating{group: r.Group(team), id: fmt.Sprintf("member-%06d-%d", team, n), topic: r.topic}
			if err := m.beat(b.Context(), client); err != nil {
				b.Fatal(err)
			}
			members = append(members, m)
		}
	}
	keepAlive(b, client, members)

	var joining sync.WaitGroup
	for team := consumerGroups + 1; team <= consumerGroups+classicGroups; team++ {
		joining.Go(func() { r.join(b, team, kgo.HeartbeatInterval(3*time.Second), kgo.FetchMaxWait(30*time.Second)) })
	}
	joining.Wait()
	wait.Until(b, "a sweep that is right about all groups", func() bool { return r.right(b) == consumerGroups+classicGroups })
	return r
}

// A beating member is, to the coordinator, a member of a KIP-848 group.
type beating struct {
	group, id, topic string
	epoch            int32 // 0 to join
}

func (m *beating) beat(ctx context.Context, client *kgo.Client) error {
	req := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	req.Group, req.MemberID, req.MemberEpoch = m.group, m.id, m.epoch
	if m.epoch == 0 {
		req.RebalanceTimeoutMillis, req.SubscribedTopicNames, req.Topics = 60_000, []string{m.topic}, []kmsg.ConsumerGroupHeartbeatRequestTopic{}
	}
	resp, err := req.RequestWith(ctx, client)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil {
		return err
	}
	m.epoch = resp.MemberEpoch
	return nil
}

// keepAlive sends heartbeats for members until the end of the benchmark.
func keepAlive(b *testing.B, client *kgo.Client, members []*beating) {
	ctx, cancel := context.WithCancel(context.Background())
	var beats sync.WaitGroup
	beats.Go(func() {
		for kafka.Sleep(ctx, beatEvery); ctx.Err() == nil; kafka.Sleep(ctx, beatEvery) {
			for _, m := range members {
				if m.beat(ctx, client) != nil {
					m.epoch = 0 // it joins again next time
				}
			}
		}
	})
	b.Cleanup(func() { cancel(); beats.Wait() })
}

// membersOf returns how many members a team's group has.
func membersOf(team int) int {
	if team > consumerGroups {
		return 1
	}
	return perGroup
}

// right counts the groups of a large room for which a sweep reports the right protocol and number of members.
func (r *room) right(b *testing.B) (n int) {
	b.Helper()
	s := r.sweeper.sweep(b.Context(), time.Now())
	if s.Err != "" {
		b.Fatal(s.Err)
	}
	for _, g := range s.Groups {
		if (g.Protocol == group.Consumer) == (g.Team <= consumerGroups) && len(g.Members) == membersOf(g.Team) {
			n++
		}
	}
	return n
}

// BenchmarkSweep sweeps a large room whose groups' kinds an earlier sweep has found.
func BenchmarkSweep(b *testing.B) {
	r := newLargeRoom(b)
	b.ResetTimer()
	for b.Loop() {
		if s := r.sweeper.sweep(b.Context(), time.Now()); s.Err != "" {
			b.Fatal(s.Err)
		}
	}
}
