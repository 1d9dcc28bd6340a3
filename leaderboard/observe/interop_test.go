package observe

import (
	"maps"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/testing/interop"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A pair is two client libraries with members in one group.
type pair struct{ first, second string }

// ours is a member that uses our own library.
const ours = "franz-go"

// pairs puts every library beside ours, and some beside each other, in groups of both protocols.
var pairs = map[string][]pair{
	"classic": {
		{"kafka-python", ours}, {"confluent-kafka", ours}, {"kcat", ours}, {"java", ours},
		{"kafka-python", "java"}, {"kcat", "confluent-kafka"},
	},
	"consumer": {{"confluent-kafka", ours}, {"java", ours}, {"confluent-kafka", "java"}},
}

// TestMembersOfOtherMakes repeats what a team does in class: one member alone, a second beside it, then the first leaves. The
// sweeps and the badges are right for every library.
func TestMembersOfOtherMakes(t *testing.T) {
	for protocol, both := range pairs {
		for _, p := range both {
			t.Run(protocol+"/"+p.first+" and "+p.second, func(t *testing.T) {
				t.Parallel()
				mixed(t, protocol, p)
			})
		}
	}
}

func mixed(t *testing.T, protocol string, p pair) {
	r := newRoom(t, 1)
	k := newKeeper(t, r)
	r.produce(t, 50)

	leave := k.joins(t, p.first, protocol)
	alone := k.until(t, "one member that owns all", split(1))
	if m := alone.Members[0]; !m.OnTopic || !slices.Equal(m.Partitions, []int32{0, 1, 2, 3, 4}) {
		t.Errorf("alone: %+v", m)
	}
	if alone.Protocol != protocol {
		t.Errorf("protocol %q, want %q", alone.Protocol, protocol)
	}
	settled := k.until(t, "no lag", func(g game.GroupFact) bool { return k.caughtUp(g) || len(g.Members) == 0 })
	if len(settled.Members) == 0 {
		// kafka-python 3.0.12 has been seen to fall silent right after it joined a secured cluster, two times in forty. The
		// group handles that correctly, and another member joins.
		t.Logf("%s fell silent, and the group gave it up: another one joins", p.first)
		leave()
		leave = k.joins(t, p.first, protocol)
		k.until(t, "no lag", k.caughtUp)
	}

	k.joins(t, p.second, protocol)
	together := k.until(t, "two members that own all", split(2))
	got := owned(together)
	slices.Sort(got)
	if !slices.Equal(got, []int{2, 3}) {
		t.Errorf("two members own %v", got)
	}
	want := []string{clientID(p.first, protocol), clientID(p.second, protocol)}
	ids := []string{together.Members[0].ClientID, together.Members[1].ClientID}
	slices.Sort(want)
	slices.Sort(ids)
	if !slices.Equal(ids, want) {
		t.Errorf("members are %v, want %v", ids, want)
	}
	r.produce(t, 50)
	k.until(t, "no lag of two", k.caughtUp)

	leave()
	left := k.until(t, "the second alone", split(1))
	if left.Members[0].ClientID != clientID(p.second, protocol) {
		t.Errorf("the wrong one left: %+v", left.Members)
	}
	r.produce(t, 50)
	k.until(t, "the second's commits", k.caughtUp)
	for _, badge := range []string{"connected", "scaled", "fault_tolerant"} {
		if !k.earned[badge] {
			t.Errorf("%s is not earned; these are: %v", badge, slices.Sorted(maps.Keys(k.earned)))
		}
	}
}

func clientID(name, protocol string) string {
	if name == ours {
		return "member"
	}
	return name + "-" + protocol
}

// A keeper sweeps a room and keeps the score of team 1.
type keeper struct {
	*room
	game   *game.Room
	earned map[string]bool
	last   game.Sweep
}

func newKeeper(t *testing.T, r *room) *keeper {
	t.Helper()
	now := time.Now()
	setup := workshop.Room{Lesson: workshop.ScaleUp, Namespace: r.Namespace, Teams: 1}
	g, err := game.NewRoom(setup, game.Saved{Round: game.Round{Number: 1, Began: now}}, now)
	if err != nil {
		t.Fatal(err)
	}
	return &keeper{room: r, game: g, earned: map[string]bool{}}
}

// joins starts a member of the named library, if it is available.
func (k *keeper) joins(t *testing.T, name, protocol string) (leave func()) {
	t.Helper()
	if name == ours {
		opts := []kgo.Opt{kgo.AutoCommitInterval(500 * time.Millisecond)}
		if protocol == "consumer" {
			opts = append(opts, kgo.ServerSideBalancer())
		}
		return k.join(t, 1, opts...)
	}
	i := slices.IndexFunc(interop.Clients, func(c interop.Client) bool { return c.Name == name && c.Protocol == protocol })
	return interop.Clients[i].Join(t, k.Config, k.Group(1), k.topic)
}

// until sweeps until ok holds for the group, and keeps the score meanwhile.
func (k *keeper) until(t *testing.T, what string, ok func(game.GroupFact) bool) game.GroupFact {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute) // Java and Python start slowly on a busy machine
	for {
		k.last = k.sweeper.sweep(t.Context(), time.Now())
		changes := k.game.Sweep(k.last)
		k.game.Stored(changes)
		for _, a := range changes.Awards {
			k.earned[a.Badge] = true
		}
		if len(k.last.Groups) == 1 && ok(k.last.Groups[0]) {
			return k.last.Groups[0]
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("no sweep showed %s; the last: %+v", what, k.last)
		}
	}
}

// caughtUp reports whether the commits are at the end of every partition.
func (k *keeper) caughtUp(g game.GroupFact) bool {
	for p, end := range k.last.Topic.End {
		if committed, ok := g.Committed[int32(p)]; !ok || committed != end {
			return false
		}
	}
	return len(k.last.Topic.End) == 5
}
