package game

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// owns returns the owner of each partition, as the row shows it.
func owns(t Team) map[int32]string {
	out := map[int32]string{}
	for _, m := range t.Members {
		for _, p := range m.Partitions {
			out[p] += m.MemberID
		}
	}
	return out
}

func TestARebalanceTakesNobodyAway(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10).sweep(stable(1, "a:0,1,2 b:3,4", 5, 5, 5, 5, 5))
	was := s.team(1)
	for _, g := range []GroupFact{
		group(1, "PreparingRebalance", "a:"),
		{Team: 1, Err: "group team-1: not authorised"},
		group(1, "CompletingRebalance", "a: b:"),
	} {
		s.after(time.Second).sweep(g)
		now := s.team(1)
		if len(now.Members) != 2 || now.StaleSince == nil || now.Lag == nil || *now.Lag != *was.Lag || len(owns(now)) != 5 {
			t.Errorf("after %s %s: %+v", g.State, g.Err, now)
		}
	}
	s.after(time.Second).sweep(stable(1, "a:0,1,2,3,4", 5, 5, 5, 5, 5))
	if now := s.team(1); len(now.Members) != 1 || now.StaleSince != nil {
		t.Errorf("settled: %+v", now)
	}
}

func TestAWholeSweepThatFailsChangesNothing(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10).sweep(stable(1, "a:0,1,2 b:3,4", 5, 5, 5, 5, 5))
	s.after(time.Second)
	s.room.Sweep(Sweep{At: s.now, Err: "no broker"})
	now := s.team(1)
	if len(now.Members) != 2 || now.StaleSince == nil || !now.StaleSince.Equal(t0) {
		t.Fatalf("%+v", now)
	}
}

func TestTheNewProtocolShowsWhoMovesWhileItReconciles(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	g := stable(1, "a:0,1,2,3,4")
	g.Protocol = "consumer"
	s.sweep(g)
	g = group(1, "Reconciling", "a:0,1,2 b:3")
	g.Protocol = "consumer"
	s.after(time.Second).sweep(g)
	if got := owns(s.team(1)); got[3] != "b" || got[4] != "" {
		t.Fatalf("owners %v", got)
	}
	g = stable(1, "b:3") // Stable, and a's partitions are still moving
	g.Protocol, g.Moving = "consumer", true
	s.after(time.Second).sweep(g)
	if got := owns(s.team(1)); got[3] != "b" || got[0] != "a" {
		t.Fatalf("owners %v", got)
	}
}

func TestColours(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	colour := func(id string) int {
		t.Helper()
		for _, m := range s.team(1).Members {
			if m.MemberID == id {
				return m.Colour
			}
		}
		t.Fatalf("%s is not there", id)
		return -1
	}
	s.sweep(stable(1, "a:0 b:1 c:2"))
	s.after(time.Second).sweep(stable(1, "a:0 c:2"))
	s.after(time.Second).sweep(stable(1, "a:0 c:2 d:1"))
	if a, c, d := colour("a"), colour("c"), colour("d"); a != 0 || c != 2 || d != 1 {
		t.Errorf("colours %d %d %d", a, c, d)
	}
	s.restart()
	s.after(time.Second).sweep(stable(1, "0:3 a:0 c:2 d:1"))
	if a, c, d, e := colour("a"), colour("c"), colour("d"), colour("0"); a != 0 || c != 2 || d != 1 || e != 3 {
		t.Errorf("after a restart: %d %d %d %d", a, c, d, e)
	}
	s.after(time.Second).sweep(stable(1, "0: a:0 c:2 d:1 e: f: g: h: i: j:"))
	for _, m := range s.team(1).Members {
		if m.Colour < 0 || m.Colour > 7 {
			t.Errorf("colour %d", m.Colour)
		}
	}
}

// kinds returns the kinds of the timeline's events.
func kinds(t Team) string {
	var out []string
	for _, e := range t.Events {
		if e.Kind != KindBadge {
			out = append(out, e.Kind)
		}
	}
	return strings.Join(out, " ")
}

func TestHowAMemberWent(t *testing.T) {
	left := Work{Team: 1, Leaving: []ClientNote{{At: t0.Add(20 * time.Second), MemberID: "b"}}}
	for name, c := range map[string]struct {
		play func(s *stage)
		want string
	}{
		"said so before": {func(s *stage) { s.scores(left); s.sweep(stable(1, "a:0,1,2,3,4", 30, 30, 30, 30, 30)) }, KindLeave},
		"said so, and the news came after": {func(s *stage) {
			s.sweep(stable(1, "a:0,1,2,3,4", 30, 30, 30, 30, 30))
			s.scores(left)
			s.scores(left)
		}, KindLeave},
		"silent for long": {func(s *stage) { s.sweep(stable(1, "a:0,1,2,3,4", 30, 30, 30, 10, 10)) }, KindTimeout},
		"committed as it went": {func(s *stage) {
			s.sweep(stable(1, "a:0,1,2 b:3,4", 30, 30, 30, 30, 30))
			s.after(time.Second).sweep(stable(1, "a:0,1,2,3,4", 30, 30, 30, 30, 30))
		}, KindGone},
		"nothing known": {func(s *stage) { s.restart(); s.sweep(stable(1, "a:0,1,2,3,4", 30, 30, 30, 10, 10)) }, KindGone},
	} {
		s := newStage(t, workshop.ScaleUp, 1)
		s.sweep(stable(1, "a:0,1,2 b:3,4"))
		s.after(5 * time.Second).produce(20).sweep(stable(1, "a:0,1,2 b:3,4", 10, 10, 10, 10, 10))
		s.after(15 * time.Second).produce(20)
		c.play(s)
		if got := kinds(s.team(1)); got != "join join rebalance "+c.want+" rebalance" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestRebalancesAreFoundAndTimed(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	last := func() Event { e := s.team(1).Events; return e[len(e)-1] }
	s.sweep(stable(1, "a:0,1,2,3,4"))
	s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4")) // between two sweeps
	if i := slices.IndexFunc(s.team(1).Events, func(e Event) bool { return e.Text == "P3 P4: A → B" && e.PauseMS == nil }); i < 0 {
		t.Errorf("events %+v", s.team(1).Events)
	}
	s.after(time.Second).sweep(group(1, "PreparingRebalance", "a: b:"))
	s.after(time.Second).sweep(group(1, "CompletingRebalance", "a: b: c:"))
	s.after(time.Second).sweep(stable(1, "a:0,1 b:2,3 c:4"))
	if e := last(); e.Kind != KindRebalance || e.PauseMS == nil || *e.PauseMS != 2000 || e.Text != "P2: A → B, P4: B → C" {
		t.Errorf("%+v", e)
	}
	s.scores(Work{Team: 1, Pauses: []ClientNote{{At: s.now, MemberID: "a", Pause: 1234 * time.Millisecond}}})
	if e := last(); e.PauseMS == nil || *e.PauseMS != 1234 {
		t.Errorf("with the client's own pause: %+v", e)
	}
	s.after(time.Second).sweep(group(1, "PreparingRebalance", "a: b: c:"))
	s.after(time.Second).sweep(stable(1, "a:0,1 b:2,3 c:4"))
	if e := last(); e.Text != "rebalanced, nothing moved: 2 + 2 + 1" {
		t.Errorf("%+v", e)
	}
}

func TestHelp(t *testing.T) {
	for name, c := range map[string]struct {
		play func(s *stage)
		want string
	}{
		"never came": {func(s *stage) { s.after(10 * time.Minute).sweep(empty(1)) }, ""},
		"went away": {func(s *stage) {
			s.sweep(stable(1, "a:0"))
			s.after(time.Second).sweep(empty(1))
			s.after(2 * time.Minute).sweep(empty(1))
		}, "no_member"},
		"alone": {func(s *stage) { s.sweep(stable(1, "a:0")); s.after(4 * time.Minute).sweep(stable(1, "a:0")) }, "one_member"},
		"rejected": {func(s *stage) {
			s.scores(Work{Team: 1, Accepted: 100})
			s.scores(Work{Team: 1, Accepted: 120, Rejected: 30, Rejections: []Rejection{{Reason: "reason is EUROPE, your team's is IN_EUROPE"}}})
		}, "rejected"},
		"rejected long ago": {func(s *stage) {
			s.scores(Work{Team: 1, Rejected: 30})
			s.scores(Work{Team: 1, Accepted: 60, Rejected: 30})
			s.scores(Work{Team: 1, Accepted: 120, Rejected: 30})
		}, ""},
		"subscribed elsewhere": {func(s *stage) {
			g := stable(1, "a:0 b:")
			g.Members[1].OnTopic, g.Members[1].Elsewhere = false, true
			s.sweep(g)
		}, "topic"},
		"subscribed to nobody knows what": {func(s *stage) {
			g := stable(1, "a:0 b:")
			g.Members[1].OnTopic = false
			s.sweep(g)
		}, ""},
		"lag grows": {func(s *stage) {
			for range 100 {
				s.after(time.Second).produce(10).sweep(stable(1, "a:0 b:1", 1, 1, 1, 1, 1))
			}
		}, "lag"},
		"lag saws": {func(s *stage) {
			for i := range 100 {
				s.after(time.Second).produce(10)
				c := s.end[0] - int64(10*(i%5))
				s.sweep(stable(1, "a:0 b:1", c, c, c, c, c))
			}
		}, ""},
		"lag creeps within the saw-tooth": {func(s *stage) {
			for i := range 100 {
				s.after(time.Second).produce(10)
				c := s.end[0] - int64(i/5)
				s.sweep(stable(1, "a:0 b:1", c, c, c, c, c))
			}
		}, ""},
		"does not settle": {func(s *stage) {
			for range 40 {
				s.after(time.Second).sweep(group(1, "PreparingRebalance", "a: b:"))
			}
		}, "rebalancing"},
		"two assignors": {func(s *stage) {
			s.sweep(stable(1, "a:0 b:1"))
			g := stable(1, "c:0")
			g.Assignor = "roundrobin"
			s.after(time.Second).sweep(g)
		}, "assignors"},
		"one member with another assignor": {func(s *stage) {
			s.sweep(stable(1, "a:0"))
			g := stable(1, "b:0")
			g.Assignor = "roundrobin"
			s.after(time.Second).sweep(g)
		}, ""},
		"all members with another assignor": {func(s *stage) {
			s.sweep(stable(1, "a:0 b:1"))
			g := stable(1, "a:0 b:1")
			g.Assignor = "roundrobin"
			s.after(time.Second).sweep(g)
		}, ""},
		"still there in a new round": {func(s *stage) {
			s.sweep(stable(1, "a:0 b:1"))
			s.do(s.room.Begin(s.now))
			s.after(time.Second).sweep(stable(1, "a:0 b:1"))
		}, "standing"},
		"a share group": {func(s *stage) {
			g := empty(1)
			g.OtherKind = true
			s.sweep(g)
		}, "share_group"},
		"assign": {func(s *stage) {
			for c := range int64(4) {
				s.after(5 * time.Second).sweep(empty(1, 10+c))
			}
		}, "assign"},
		"offsets set once": {func(s *stage) {
			s.sweep(empty(1, 10))
			s.after(time.Second).sweep(empty(1, 20))
		}, ""},
	} {
		s := newStage(t, workshop.ScaleUp, 1)
		c.play(s)
		var got []string
		for _, h := range s.room.Help(s.now) {
			got = append(got, h.Kind)
			if h.Text == "" || h.Advice == "" || h.Team != 1 {
				t.Errorf("%s: %+v", name, h)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
}
