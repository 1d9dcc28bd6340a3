package observe

import (
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestWhatAMemberSubscribesTo(t *testing.T) {
	r := newRoom(t, 1)
	r.sweeper.topic = "new_users"
	for name, c := range map[string]struct {
		topics     []string
		expression string
		partitions []int32
		on, off    bool
	}{
		"the topic":               {topics: []string{"new_users"}, on: true},
		"another":                 {topics: []string{"old_users"}, off: true},
		"nobody knows":            {},
		"nobody knows, and owns":  {partitions: []int32{1}, on: true},
		"an expression":           {expression: "new_.*", on: true},
		"another expression":      {expression: "old_.*", off: true},
		"a part of the name":      {expression: "new", off: true},
		"an alternative":          {expression: "old_users|new_users", on: true},
		"one that is not read":    {expression: "new_(users"},
		"a very long one":         {expression: "new_users" + string(make([]byte, 2000))},
		"an empty one":            {expression: ""},
		"names and an expression": {topics: []string{"old_users"}, expression: "new_.*", on: true},
	} {
		got := r.sweeper.memberFact(group.Member{Topics: c.topics, TopicRegex: c.expression, Assigned: group.Assignment{"new_users": c.partitions}})
		if got.OnTopic != c.on || got.Elsewhere != c.off {
			t.Errorf("%s: on the topic %v, elsewhere %v; want %v, %v", name, got.OnTopic, got.Elsewhere, c.on, c.off)
		}
	}
}

// A member that subscribes by an expression and owns nothing counts as being on the topic, as Kafka reports it.
func TestAnIdleMemberByExpression(t *testing.T) {
	r := newRoom(t, 1)
	client := r.Client(t)
	ids := []string{"AAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBA", "CCCCCCCCCCCCCCCCCCCCCA", "DDDDDDDDDDDDDDDDDDDDDA", "EEEEEEEEEEEEEEEEEEEEEA", "FFFFFFFFFFFFFFFFFFFFFA"}
	for _, id := range ids {
		beat := kmsg.NewPtrConsumerGroupHeartbeatRequest()
		beat.Group, beat.MemberID, beat.RebalanceTimeoutMillis = r.Group(1), id, 30_000
		beat.SubscribedTopicRegex, beat.Topics = kmsg.StringPtr(r.topic+".*"), []kmsg.ConsumerGroupHeartbeatRequestTopic{}
		r.beat(t, client, beat)
	}

	got := r.until(t, "six members", func(s game.Sweep) bool { return s.Err == "" && len(s.Groups[0].Members) == len(ids) })
	for _, m := range got.Groups[0].Members {
		if !m.OnTopic || m.Elsewhere {
			t.Errorf("member %+v, want it on the topic", m)
		}
	}
}

// beat sends a heartbeat until the group's coordinator accepts it: a new cluster has to create its topic first.
func (r *room) beat(t *testing.T, client *kgo.Client, beat *kmsg.ConsumerGroupHeartbeatRequest) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		answer, err := beat.RequestWith(t.Context(), client)
		if err == nil {
			err = kerr.ErrorForCode(answer.ErrorCode)
		}
		switch {
		case err == nil:
			return
		case !kerr.IsRetriable(err) || time.Now().After(deadline):
			t.Fatal(err)
		}
	}
}

// Removing a static member ends its membership at once, without waiting for its session timeout.
func TestAStaticMemberIsRemoved(t *testing.T) {
	for name, opts := range map[string][]kgo.Opt{"classic": nil, "consumer": {kgo.ServerSideBalancer()}} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, 1)
			leave := r.join(t, 1, append(opts, kgo.InstanceID("one"), kgo.SessionTimeout(4*time.Minute))...)
			got := r.until(t, "the member", func(s game.Sweep) bool { return s.Err == "" && split(1)(s.Groups[0]) })
			first := got.Groups[0].Members[0]
			if first.Instance != "one" {
				t.Errorf("member %+v, want instance one", first)
			}

			leave() // a static member leaves without a request
			got = r.until(t, "an answer", func(s game.Sweep) bool { return s.Err == "" && s.Groups[0].Err == "" })
			if len(got.Groups[0].Members) != 1 {
				t.Fatalf("members %+v, want the static one still", got.Groups[0].Members)
			}
			if err := r.observer.RemoveMember(t.Context(), got.Groups[0].Name, got.Groups[0].Members[0].ID); err != nil {
				t.Fatal(err)
			}
			r.until(t, "an empty group", func(s game.Sweep) bool { return s.Err == "" && s.Groups[0].Err == "" && len(s.Groups[0].Members) == 0 })
		})
	}
}

// A static member that returns within its session timeout gets its partitions back under another id.
func TestAStaticMemberComesBack(t *testing.T) {
	for name, opts := range map[string][]kgo.Opt{"classic": nil, "consumer": {kgo.ServerSideBalancer()}} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, 1)
			instance := func(id string) []kgo.Opt {
				return append(opts[:len(opts):len(opts)], kgo.InstanceID(id), kgo.SessionTimeout(time.Minute))
			}
			r.join(t, 1, instance("one")...)
			r.until(t, "the first", func(s game.Sweep) bool { return s.Err == "" && split(1)(s.Groups[0]) })
			leave := r.join(t, 1, instance("two")...)
			r.until(t, "both", func(s game.Sweep) bool { return s.Err == "" && split(2)(s.Groups[0]) })
			room, err := game.NewRoom(workshop.Room{Lesson: workshop.ScaleUp, Namespace: r.Namespace, Teams: 1}, game.Saved{}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			room.Begin(time.Now()).Apply()
			before := r.until(t, "both, settled", func(s game.Sweep) bool { return s.Err == "" && split(2)(s.Groups[0]) })
			room.Sweep(before)
			_, truth := room.Boards()
			events, members := len(truth.Teams[0].Events), truth.Teams[0].Members

			leave()
			if name == "consumer" { // other libraries announce that they will return; ours leaves without a request
				r.away(t, before.Groups[0], "two")
			}
			r.join(t, 1, instance("two")...)
			changed := func(s game.Sweep) bool {
				room.Sweep(s)
				ids := map[string]bool{}
				for _, m := range before.Groups[0].Members {
					ids[m.ID] = true
				}
				n := 0
				for _, m := range s.Groups[0].Members {
					if ids[m.ID] {
						n++
					}
				}
				return s.Err == "" && split(2)(s.Groups[0]) && n == 1
			}
			r.until(t, "another id", changed)
			_, truth = room.Boards()
			for _, e := range truth.Teams[0].Events[events:] {
				if e.Kind != game.KindBadge {
					t.Errorf("event %+v of a member that kept its place", e)
				}
			}
			for i, m := range truth.Teams[0].Members {
				if m.Colour != members[i].Colour || len(m.Partitions) != len(members[i].Partitions) {
					t.Errorf("member %+v, was %+v", m, members[i])
				}
			}
		})
	}
}

// away announces that a static member of the new protocol will return.
func (r *room) away(t *testing.T, g game.GroupFact, instance string) {
	t.Helper()
	i := slices.IndexFunc(g.Members, func(m game.MemberFact) bool { return m.Instance == instance })
	beat := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	beat.Group, beat.MemberID, beat.InstanceID, beat.MemberEpoch = g.Name, g.Members[i].ID, &instance, -2
	r.beat(t, r.Client(t), beat)
}

func TestAShareGroupWithATeamsName(t *testing.T) {
	r := newRoom(t, 2)
	group := r.Group(1)
	client := r.Client(t, kgo.ShareGroup(group), kgo.ConsumeTopics(r.topic))
	client.AllowRebalance() // it polls in the background; the group exists once it has joined
	now := time.Now()
	r.until(t, "the share group", func(game.Sweep) bool {
		now = now.Add(listEvery)
		got := r.sweeper.sweep(t.Context(), now)
		return got.Err == "" && got.Groups[0].OtherKind && !got.Groups[1].OtherKind
	})
}
