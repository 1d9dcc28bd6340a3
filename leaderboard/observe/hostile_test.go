package observe

import (
	"fmt"
	"math"
	"net"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/processtest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// crowd adds members to a team's group, each with an id of size bytes: members of the new protocol choose their ids.
func (r *room) crowd(t *testing.T, team, members, size int) {
	t.Helper()
	client := r.Client(t)
	for i := range members {
		r.heartbeat(t, client, team, strings.Repeat("x", size)+strconv.Itoa(i))
	}
}

func (r *room) heartbeat(t *testing.T, client *kgo.Client, team int, id string) {
	t.Helper()
	req := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	req.Group, req.MemberID, req.RebalanceTimeoutMillis = r.Group(team), id, 30_000
	req.SubscribedTopicNames, req.Topics = []string{r.topic}, []kmsg.ConsumerGroupHeartbeatRequestTopic{}
	resp, err := req.RequestWith(t.Context(), client)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// oddMembers join a team's group over raw connections, with client ids that no library sends.
func (r *room) oddMembers(t *testing.T, team, members, size int) {
	t.Helper()
	about := kmsg.NewConsumerMemberMetadata()
	about.Topics = []string{r.topic}
	for i := range members {
		conn, err := net.Dial("tcp", r.Config.Brokers[0])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() }) // the test is over
		req := kmsg.NewPtrJoinGroupRequest()   // version 2 accepts a member without an id
		req.Version, req.Group, req.ProtocolType = 2, r.Group(team), "consumer"
		req.SessionTimeoutMillis, req.RebalanceTimeoutMillis = 30_000, 30_000
		protocol := kmsg.NewJoinGroupRequestProtocol()
		protocol.Name, protocol.Metadata = "range", about.AppendTo(nil)
		req.Protocols = append(req.Protocols, protocol)
		id := fmt.Sprintf("%d\u202e\x00", i) + strings.Repeat("x", size)
		frame := kmsg.NewRequestFormatter(kmsg.FormatterClientID(id)).AppendRequest(nil, req, 1)
		if _, err := conn.Write(frame); err != nil {
			t.Fatal(err)
		}
	}
}

func healthy(s game.Sweep, team int) bool {
	if s.Err != "" {
		return false
	}
	g := s.Groups[team-1]
	return s.Topic.Err == "" && g.Err == "" && g.CommitErr == "" && split(1)(g)
}

// 300 members with ids of 31 KB make a response of 9 MB.
func TestACrowdInOneGroupLeavesTheOthersFresh(t *testing.T) {
	r := newRoom(t, 3)
	r.join(t, 1)
	r.join(t, 3, kgo.ServerSideBalancer())
	r.until(t, "teams 1 and 3", func(s game.Sweep) bool { return healthy(s, 1) && healthy(s, 3) })
	debug.FreeOSMemory()
	before := processtest.Resident(t)

	// when a crowd joins team 2, every sweep still covers the other teams
	r.crowd(t, 2, 300, 31_000)
	most := before
	r.until(t, "that team 2 is too large", func(s game.Sweep) bool {
		most = max(most, processtest.Resident(t))
		if !healthy(s, 1) || !healthy(s, 3) {
			t.Fatalf("a sweep beside the crowd: %+v %+v %s %+v", s.Groups[0], s.Groups[2], s.Err, s.Topic)
		}
		return strings.Contains(s.Groups[1].Err, "too large")
	})
	for range 50 {
		if s := r.sweeper.sweep(t.Context(), time.Now()); !healthy(s, 1) || !healthy(s, 3) || s.Groups[1].Err == "" {
			t.Fatalf("a sweep after it: %+v %+v %s %+v", s.Groups[0], s.Groups[2], s.Err, s.Topic)
		}
	}
	t.Logf("%.0f MB before, %.0f MB at most, members and broker included", before, most)
}

func TestTextAndNumberOfMembersAreBounded(t *testing.T) {
	r := newRoom(t, 2)
	if r.Config.Username != "" {
		lacks.Cluster(t, "raw connections do not log in; the member with an odd id stands for this")
	}
	r.join(t, 1)
	r.oddMembers(t, 2, 100, 1000)
	got := r.until(t, "the crowd", func(s game.Sweep) bool {
		return healthy(s, 1) && s.Groups[1].Err == "" && len(s.Groups[1].Members)+s.Groups[1].More == 100
	})

	g := got.Groups[1]
	if len(g.Members) != maxMembers {
		t.Errorf("%d members are kept", len(g.Members))
	}
	seen := map[string]bool{}
	for _, m := range g.Members {
		for _, s := range []string{m.ID, m.ClientID, m.Host} {
			if utf8.RuneCountInString(s) > workshop.MaxText || s != workshop.CleanText(s, workshop.MaxText) {
				t.Errorf("a member's text is %q", s)
			}
		}
		if seen[m.ID] {
			t.Errorf("two members are shown as %s", m.ID)
		}
		seen[m.ID] = true
	}

	// and the shown ID is enough to remove a member
	one := g.Members[7].ID
	if err := r.observer.RemoveMember(t.Context(), g.Name, one); err != nil {
		t.Error(err)
	}
	r.until(t, "that it is gone", func(s game.Sweep) bool {
		return s.Groups[1].Err == "" && !slices.ContainsFunc(s.Groups[1].Members, func(m game.MemberFact) bool { return m.ID == one })
	})
}

func TestOnlyPartitionsThatExistAreOwned(t *testing.T) {
	r := newRoom(t, 1)
	m := rawMember{client: r.Client(t), group: r.Group(1)}
	joined, err := m.join(t.Context(), r.topic)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.lead(t.Context(), joined.Generation, r.topic, math.MinInt32, -1, 3, 1_000_000_000, 3, 5, 0); err != nil {
		t.Fatal(err)
	}
	got := r.until(t, "the member", func(s game.Sweep) bool { return s.Err == "" && s.Groups[0].State == "Stable" })
	if n := got.Groups[0].Members[0].Partitions; !slices.Equal(n, []int32{0, 3}) {
		t.Errorf("the member owns %v", n)
	}
}

// A member of the new protocol chooses its own id.
func TestAMemberOfTheNewProtocolWithAnOddID(t *testing.T) {
	r := newRoom(t, 1)
	group := r.Group(1)
	id := "\u202e<b>\x00" + strings.Repeat("y", 20_000)
	r.heartbeat(t, r.Client(t), 1, id)
	got := r.until(t, "the member", func(s game.Sweep) bool { return s.Err == "" && len(s.Groups[0].Members) == 1 })
	shown := got.Groups[0].Members[0].ID
	if shown != workshop.ShownID(id) || utf8.RuneCountInString(shown) > workshop.MaxText {
		t.Errorf("shown as %q", shown)
	}
	if err := r.observer.RemoveMember(t.Context(), group, shown); err != nil {
		t.Error(err)
	}
	r.until(t, "nobody", func(s game.Sweep) bool { return s.Err == "" && len(s.Groups[0].Members) == 0 })
}
