package observe

import (
	"context"
	"testing"
	"time"

	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/leaderboard/game"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// glanced sweeps until ok holds and a glance finds no further move.
func (r *room) glanced(t *testing.T, what string, ok func(game.GroupFact) bool) {
	t.Helper()
	r.until(t, what, func(s game.Sweep) bool {
		return s.Err == "" && s.Groups[0].Err == "" && ok(s.Groups[0]) && !r.sweeper.glance(t.Context())
	})
	if !r.sweeper.glances {
		t.Fatal("a glance failed")
	}
}

// moves glances until a group has changed.
func (r *room) moves(t *testing.T, what string) {
	t.Helper()
	wait.Until(t, what, func() bool { return r.sweeper.glance(t.Context()) })
}

var nextGeneration = context.WithValue(context.Background(), "opt_in_kafka_next_gen_balancer_beta", true) //nolint:staticcheck // the library's own switch

func TestAGlanceSeesThatMembersMove(t *testing.T) {
	for name, c := range map[string]struct {
		room func(t *testing.T) *room
		join func(r *room, t *testing.T) (leave func())
	}{
		"classic": {
			func(t *testing.T) *room { return newRoom(t, 2) },
			func(r *room, t *testing.T) func() { return r.join(t, 1) },
		},
		"consumer": {
			func(t *testing.T) *room { return newRoom(t, 2) },
			func(r *room, t *testing.T) func() { return r.join(t, 1, kgo.WithContext(nextGeneration)) },
		},
		"share": {newQueue, func(r *room, t *testing.T) func() { return r.work(t, 1) }},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.room(t)
			members := func(n int) func(game.GroupFact) bool {
				return func(g game.GroupFact) bool {
					return g.State == "Stable" && !g.Moving && g.Protocol == name && len(g.Members) == n
				}
			}
			c.join(r, t)
			r.glanced(t, "one member", members(1))
			leave := c.join(r, t)
			r.moves(t, "a second member")
			r.glanced(t, "two members", members(2))
			leave()
			r.moves(t, "that it left")
			r.glanced(t, "one member again", members(1))
		})
	}
}

// Commits change often; a glance does not fetch them.
func TestAGlanceIsOneRequest(t *testing.T) {
	count := &requests{n: map[int32]map[int16]int{}}
	r := newRoom(t, 30, kgo.WithHooks(count))
	r.join(t, 1)
	r.glanced(t, "a member", split(1))
	r.produce(t, 50)
	r.until(t, "commits", func(s game.Sweep) bool { return s.Groups[0].Committed[0] > 0 })
	count.take()
	if r.sweeper.glance(t.Context()) {
		t.Error("something moved")
	}
	for node, keys := range count.take() {
		if len(keys) != 1 || keys[int16(kmsg.DescribeGroups)] != 1 {
			t.Errorf("requests to broker %d: %v", node, keys)
		}
	}
}

// If a glance gets no answer, the next sweep is not early; it finds the cause.
func TestAGlanceThatFailsBringsNothingForward(t *testing.T) {
	r := newRoom(t, 1)
	r.until(t, "an answer", func(s game.Sweep) bool { return s.Err == "" })
	r.observer.client.Close()
	if r.sweeper.glance(t.Context()) || r.sweeper.glances {
		t.Errorf("glances go on: %v", r.sweeper.glances)
	}
}

func TestTheNextSweepIsEarlyWhenMembersMove(t *testing.T) {
	r := newRoom(t, 1)
	r.glanced(t, "an answer", func(game.GroupFact) bool { return true })
	rested := make(chan struct{})
	go func() {
		defer close(rested)
		r.sweeper.rest(t.Context(), time.Now().Add(time.Hour))
	}()
	r.join(t, 1)
	select {
	case <-rested:
	case <-time.After(patience):
		t.Error("a member joined, and the sweeper rests")
	}
}

// After a move, sweeps are more frequent for a while, but do not take up all of the time.
func TestSweepsFollowUnrest(t *testing.T) {
	r := newRoom(t, 1)
	r.join(t, 1)
	r.glanced(t, "a member", split(1))
	moved := r.sweeper.movedAt
	const ms = time.Millisecond
	for _, c := range []struct{ ago, took, want time.Duration }{
		{0, 10 * ms, 50 * ms}, {0, 40 * ms, 120 * ms}, {0, 200 * ms, 250 * ms}, {unrest, 20 * ms, 500 * ms},
	} {
		if got := r.sweeper.interval(500*ms, c.took, moved.Add(c.ago)); got != c.want {
			t.Errorf("%v after a move a sweep took %v, and the next one is due after %v, want %v", c.ago, c.took, got, c.want)
		}
	}
	if moved.IsZero() {
		t.Error("a member joined, and nothing moved")
	}
}
