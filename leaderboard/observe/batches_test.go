package observe

import (
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// complete reports whether every group has answered.
func complete(s game.Sweep) bool {
	for _, g := range s.Groups {
		if g.Err != "" || g.CommitErr != "" || g.State == "" || g.Beside != nil && g.Beside.Err != "" {
			return false
		}
	}
	return s.Err == "" && s.Topic.Err == ""
}

// Groups of both protocols, in the first batch, in the last and between, are reported correctly, and no broker gets more
// requests than its groups need.
func TestASweepAsksInBatches(t *testing.T) {
	const teams, batch = 8, 3
	count := &requests{n: map[int32]map[int16]int{}}
	r := newRoom(t, teams, kgo.WithHooks(count))
	r.sweeper.batch = batch
	r.produce(t, 10)
	for _, team := range []int{1, 4} {
		r.join(t, team)
	}
	for _, team := range []int{5, 8} {
		r.join(t, team, kgo.ServerSideBalancer())
	}
	r.until(t, "the four groups", func(s game.Sweep) bool {
		return complete(s) && split(1)(s.Groups[0]) && split(1)(s.Groups[3]) && split(1)(s.Groups[4]) && split(1)(s.Groups[7]) && s.Groups[1].State == "NotJoined"
	})

	r.sweeper.listed, r.sweeper.others = nil, nil // a shared cluster has groups of other tests, too
	count.take()
	if s := r.sweeper.sweep(t.Context(), time.Now()); !complete(s) {
		t.Fatalf("a sweep in batches: %+v", s)
	}
	asked := count.take()
	want := map[int32]map[int16]int{} // groups by broker and request
	for name, node := range r.sweeper.coordinators {
		if want[node] == nil {
			want[node] = map[int16]int{}
		}
		want[node][int16(kmsg.OffsetFetch)]++
		if r.sweeper.kinds[name] != group.Consumer {
			want[node][int16(kmsg.DescribeGroups)]++
		}
		if r.sweeper.kinds[name] != group.Classic {
			want[node][int16(kmsg.ConsumerGroupDescribe)]++
		}
	}
	for node, keys := range want {
		for key, n := range keys {
			if got, want := asked[node][key], (n+batch-1)/batch; got != want {
				t.Errorf("%d %s requests about %d groups in batches of %d, want %d", got, kmsg.NameForKey(key), n, batch, want)
			}
		}
	}
	if len(r.sweeper.kinds) != 4 {
		t.Errorf("four groups have members, and the kinds of these are known: %v", r.sweeper.kinds)
	}
}

// The sweep that finds that a group has changed its kind, or lost its members, already reports it correctly.
func TestASweepSeesThatAGroupIsOfAnotherKindNow(t *testing.T) {
	for name, c := range map[string]struct {
		before string
		now    []kgo.Opt
	}{"classic": {group.Consumer, nil}, "consumer": {group.Classic, []kgo.Opt{kgo.ServerSideBalancer()}}} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, 1)
			leave := r.join(t, 1, c.now...)
			r.until(t, "a member", func(s game.Sweep) bool { return complete(s) && split(1)(s.Groups[0]) })
			r.sweeper.kinds[r.Group(1)] = c.before
			if s := r.sweeper.sweep(t.Context(), time.Now()); !complete(s) || !split(1)(s.Groups[0]) || s.Groups[0].Protocol != name {
				t.Errorf("it was a %s group: %+v", c.before, s.Groups[0])
			}
			if got := r.sweeper.kinds[r.Group(1)]; got != name {
				t.Errorf("the next sweep asks for a %s group", got)
			}

			leave()
			if s := r.sweeper.sweep(t.Context(), time.Now()); !complete(s) || len(s.Groups[0].Members) > 0 {
				t.Errorf("the only member has left: %+v", s.Groups[0])
			}
		})
	}
}

func TestASweepOfShareGroupsAsksInBatches(t *testing.T) {
	r := newQueue(t)
	r.sweeper.batch = 1
	r.work(t, 2)
	r.until(t, "the worker of the last team", func(s game.Sweep) bool {
		return complete(s) && s.Groups[0].State == "NotJoined" && s.Groups[1].State == "Stable" && len(s.Groups[1].Members) == 1
	})
}

// The largest room is swept completely: each group has an answer, in few requests, none of them too large.
func TestASweepOfTheLargestRoom(t *testing.T) {
	count := &requests{n: map[int32]map[int16]int{}}
	r := newRoom(t, workshop.MaxTeams, kgo.WithHooks(count))
	r.until(t, "all groups", func(s game.Sweep) bool {
		return complete(s) && len(s.Groups) == workshop.MaxTeams && s.Groups[workshop.MaxTeams-1].State == "NotJoined"
	})
	r.sweeper.listed, r.sweeper.others = nil, nil
	count.take()
	r.sweeper.sweep(t.Context(), time.Now())
	total := 0
	for _, keys := range count.take() {
		for _, n := range keys {
			total += n
		}
	}
	brokers := len(r.sweeper.metadata.brokers)
	if most := 3*(workshop.MaxTeams/groupsPerRequest+brokers) + 3*brokers; total > most {
		t.Errorf("a sweep of %d teams is %d requests, want at most %d", workshop.MaxTeams, total, most)
	}
	if r.sweeper.batch != groupsPerRequest || len(r.sweeper.oversized) > 0 {
		t.Errorf("the batches shrank to %d, and %d groups count as oversized", r.sweeper.batch, len(r.sweeper.oversized))
	}
}

// The topics of more teams than one request holds are all created, and a second call creates none.
func TestTopicsAreMadeInBatches(t *testing.T) {
	const teams = 150
	count := &requests{n: map[int32]map[int16]int{}}
	r := newRoom(t, teams, kgo.WithHooks(count))
	created, err := r.observer.EnsureTopics(t.Context())
	if err != nil || len(created) != 1+2*teams {
		t.Fatalf("%d topics were made, %v", len(created), err)
	}
	asked := 0
	for _, keys := range count.take() {
		asked += keys[int16(kmsg.CreateTopics)]
	}
	if asked != 2 {
		t.Errorf("%d topics were made in %d requests, want 2", len(created), asked)
	}
	if again, err := r.observer.EnsureTopics(t.Context()); err != nil || len(again) != 0 {
		t.Errorf("made again: %v, %v", again, err)
	}
}
