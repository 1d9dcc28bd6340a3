package observe

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

func TestSweepSeesBothProtocolsAndTheGroupsThatAreNot(t *testing.T) {
	// given a classic group of two, a KIP-848 group of two, and a team that never joined
	r := newRoom(t, 3)
	r.produce(t, 10)
	r.join(t, 1)
	r.join(t, 1)
	r.join(t, 2, kgo.ServerSideBalancer())
	r.join(t, 2, kgo.ServerSideBalancer())

	got := r.until(t, "both groups split", func(s game.Sweep) bool {
		return s.Err == "" && split(2)(s.Groups[0]) && split(2)(s.Groups[1]) && s.Topic.Start != nil && s.Topic.Start[0] == 0
	})

	for team, protocol := range []string{"classic", "consumer"} {
		g := got.Groups[team]
		if g.Protocol != protocol || g.Assignor == "" || g.Err != "" || g.CommitErr != "" {
			t.Errorf("team %d: %+v", team+1, g)
		}
		if !slices.IsSortedFunc(g.Members, func(a, b game.MemberFact) int { return strings.Compare(a.ID, b.ID) }) {
			t.Errorf("team %d: members are not in order: %+v", team+1, g.Members)
		}
		for _, m := range g.Members {
			if !m.OnTopic || m.ClientID != "member" || m.Host == "" || !slices.Equal(m.Topics, []string{r.topic}) {
				t.Errorf("team %d: member %+v", team+1, m)
			}
		}
	}
	if n := owned(got.Groups[0]); n[0]+n[1] != 5 || max(n[0], n[1]) != 3 {
		t.Errorf("the classic group is split %v", n)
	}
	if g := got.Groups[2]; g.State != "NotJoined" || g.Protocol != "" || g.Err != "" || g.CommitErr != "" || len(g.Committed) != 0 {
		t.Errorf("the team that never came: %+v", g)
	}
	if got.Topic.Name != r.topic || got.Topic.ID == "" || got.Topic.Err != "" || !slices.Equal(got.Topic.End, []int64{2, 2, 2, 2, 2}) {
		t.Errorf("topic: %+v", got.Topic)
	}
}

func TestSweepSeesCommitsAndAnEmptyGroup(t *testing.T) {
	r := newRoom(t, 1)
	r.produce(t, 3)
	group := r.Group(1)
	commit := kadm.Offsets{}
	commit.AddOffset(r.topic, 1, 1, -1)
	commit.AddOffset("elsewhere", 0, 9, -1)
	if err := r.Admin(t).CommitAllOffsets(t.Context(), group, commit); err != nil && !strings.Contains(err.Error(), "UNKNOWN_TOPIC") {
		t.Fatal(err)
	}
	got := r.until(t, "the commit", func(s game.Sweep) bool { return s.Err == "" && len(s.Groups[0].Committed) > 0 })
	if g := got.Groups[0]; g.State != "Empty" || g.Committed[1] != 1 || len(g.Committed) != 1 {
		t.Errorf("group: %+v", g)
	}
}

func TestSweepInTheMiddleOfARebalance(t *testing.T) {
	// given a member that owns everything and does not rejoin, and a second one that waits for it
	r := newRoom(t, 1)
	group := r.Group(1)
	first := rawMember{client: r.Client(t), group: group}
	joined, err := first.join(t.Context(), r.topic)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.lead(t.Context(), joined.Generation, r.topic); err != nil {
		t.Fatal(err)
	}
	got := r.until(t, "the first member", func(s game.Sweep) bool { return s.Err == "" && s.Groups[0].State == "Stable" })
	if n := got.Groups[0].Members[0].Partitions; !slices.Equal(n, []int32{0, 1, 2, 3, 4}) {
		t.Fatalf("the first member owns %v", n)
	}
	second := rawMember{client: r.Client(t), group: group}
	ctx, cancel := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	waiting.Go(func() { _, _ = second.join(ctx, r.topic) })
	t.Cleanup(func() { cancel(); waiting.Wait() })

	got = r.until(t, "the rebalance", func(s game.Sweep) bool { return s.Err == "" && s.Groups[0].State == "PreparingRebalance" })
	if g := got.Groups[0]; g.Err != "" || len(g.Members) != 2 || g.Protocol != "classic" {
		t.Errorf("group in the rebalance: %+v", g)
	}
}

// requests counts the requests to each broker.
type requests struct {
	mu sync.Mutex
	n  map[int32]map[int16]int
}

func (r *requests) OnBrokerE2E(meta kgo.BrokerMetadata, key int16, _ kgo.BrokerE2E) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n[meta.NodeID] == nil {
		r.n[meta.NodeID] = map[int16]int{}
	}
	r.n[meta.NodeID][key]++
}

func (r *requests) take() map[int32]map[int16]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.n
	r.n = map[int32]map[int16]int{}
	return n
}

func TestASweepIsFiveRequestsABrokerWhateverTheTeams(t *testing.T) {
	for _, teams := range []int{1, 300} {
		count := &requests{n: map[int32]map[int16]int{}}
		r := newRoom(t, teams, kgo.WithHooks(count))
		r.until(t, "an answer about every group", func(s game.Sweep) bool { // a new cluster finds coordinators one after another
			return s.Err == "" && !slices.ContainsFunc(s.Groups, func(g game.GroupFact) bool { return g.Err != "" })
		})
		now := time.Now()
		for i := range 40 { // over 20 s of sweeps: metadata and lists of groups fall due
			count.take()
			if s := r.sweeper.sweep(t.Context(), now.Add(time.Duration(i)*500*time.Millisecond)); s.Err != "" {
				t.Fatal(s.Err)
			}
			for node, keys := range count.take() {
				for _, key := range []kmsg.Key{kmsg.ApiVersions, kmsg.SASLHandshake, kmsg.SASLAuthenticate} {
					delete(keys, int16(key)) // they belong to a connection, not to a sweep
				}
				total := 0
				for _, n := range keys {
					total += n
				}
				if total > 5 {
					t.Errorf("%d teams, sweep %d: %d requests to broker %d: %v", teams, i, total, node, keys)
				}
			}
		}
	}
}

func TestATopicMadeAnewIsSeenByItsID(t *testing.T) {
	r := newRoom(t, 1)
	r.produce(t, 5)
	first := r.until(t, "the topic", func(s game.Sweep) bool { return s.Err == "" && s.Topic.Err == "" })
	if _, err := r.Admin(t).DeleteTopics(t.Context(), r.topic); err != nil {
		t.Fatal(err)
	}
	gone := r.until(t, "the topic gone", func(s game.Sweep) bool { return s.Err == "" && s.Topic.Err != "" && s.Topic.End == nil })
	if gone.Topic.ID != first.Topic.ID || gone.Groups[0].State != "NotJoined" || gone.Groups[0].CommitErr == "" {
		t.Errorf("without the topic: %+v", gone)
	}
	r.CreateTopic(t, r.topic, 7, nil)
	anew := r.until(t, "the topic made anew", func(s game.Sweep) bool { return s.Err == "" && s.Topic.Err == "" })
	if anew.Topic.ID == first.Topic.ID || len(anew.Topic.End) != 7 {
		t.Errorf("made anew: %+v, was %+v", anew.Topic, first.Topic)
	}
}

func TestABrokerWithoutTheNewProtocol(t *testing.T) {
	versions := kversion.Stable()
	versions.SetMaxKeyVersion(int16(kmsg.ConsumerGroupDescribe), -1)
	versions.SetMaxKeyVersion(int16(kmsg.DescribeGroups), 5) // Dead without an error
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(5, "new_users"), kfake.MaxVersions(versions))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	o := observer(t, kafka.Config{Brokers: c.ListenAddrs(), SASL: "SCRAM-SHA-256"}, 1)
	got := newSweeper(o).sweep(t.Context(), time.Now())
	if g := got.Groups; got.Err != "" || g[0].Err != "" || g[0].State != "NotJoined" {
		t.Errorf("sweep: %+v", got)
	}
}

func observer(t testing.TB, cfg kafka.Config, teams int) *Observer {
	t.Helper()
	o, err := New(Config{Kafka: cfg, Room: workshop.Room{Lesson: workshop.ScaleUp, Teams: teams}, Interval: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	return o
}
