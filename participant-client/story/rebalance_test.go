package story

import (
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/member"
)

// The explanation of a rebalance comes when it is over, and contains only facts.
func TestRebalances(t *testing.T) {
	assigned := func(before, owned []int32, pause time.Duration) member.Event {
		return member.Event{Kind: member.Assigned, Instance: 1, Before: before, Owned: owned, Partitions: owned, Pause: pause}
	}
	of := func(ps ...int32) []int32 { return ps }
	gone := func(who group.Member) member.Event {
		return member.Event{Kind: member.Joined, Gone: true, Member: who, Partitions: who.Assigned["t"]}
	}
	idle := group.Member{ID: "m8", ClientID: "team-7-eve-1", Host: "h"}
	for _, test := range []struct {
		name     string
		assignor string
		silent   time.Duration // how long bob's lanes have been silent before
		events   []member.Event
		want     string
	}{
		{"a colleague joins", member.Range, 0, []member.Event{assigned(of(0, 1, 2, 3, 4), of(0, 1, 2), 1200*time.Millisecond), {Kind: member.Joined, Member: bob}},
			"bob-1 joined: everyone stopped for 1.2 s, you gave P3 P4 and kept P0 P1 P2"},
		{"a colleague joins a fast broker", member.Range, 0, []member.Event{assigned(of(0, 1, 2, 3, 4), of(0, 1, 2), 4*time.Millisecond), {Kind: member.Joined, Member: bob}},
			"bob-1 joined: everyone stopped for 4 ms, you gave P3 P4 and kept P0 P1 P2"},
		{"a second member of ours", member.Range, 0, []member.Event{
			{Kind: member.Assigned, Instance: 2, First: true, Owned: of(3, 4)}, assigned(of(0, 1, 2, 3, 4), of(0, 1, 2), 4*time.Millisecond)},
			"member 2 joined: everyone stopped for 4 ms, your others gave P3 P4 and kept P0 P1 P2"},
		{"cooperative", member.CooperativeSticky, 0, []member.Event{assigned(of(0, 1, 2, 3, 4), of(0, 1, 2), 0), {Kind: member.Joined, Member: bob}},
			"bob-1 joined: only the lanes that moved stopped, you gave P3 P4 and kept P0 P1 P2"},
		{"a colleague goes", member.Range, 0, []member.Event{assigned(of(0, 1, 2), of(0, 1, 2, 3, 4), time.Second), gone(bob)},
			"bob-1 is gone: you got P3 P4 and go on at the last commit"},
		{"a colleague goes after a session timeout", member.Range, 10 * time.Second, []member.Event{assigned(of(0, 1, 2), of(0, 1, 2, 3, 4), time.Second), gone(bob)},
			"bob-1 is gone, after at least 10.0 s without a commit (your session timeout is 10s): you got P3 P4 and go on at the last commit"},
		{"a colleague goes after a session timeout, between two looks", member.Range, 9200 * time.Millisecond, []member.Event{assigned(of(0, 1, 2), of(0, 1, 2, 3, 4), time.Second), gone(bob)},
			"bob-1 is gone, after at least 9.2 s without a commit (your session timeout is 10s): you got P3 P4 and go on at the last commit"},
		{"a slow colleague goes", member.Range, 8 * time.Second, []member.Event{assigned(of(0, 1, 2), of(0, 1, 2, 3, 4), time.Second), gone(bob)},
			"bob-1 is gone: you got P3 P4 and go on at the last commit"},
		{"an idle colleague goes and lanes are shared anew", member.Range, 0, []member.Event{assigned(of(1), of(0, 2, 3, 4), time.Second), gone(idle)}, ""},
		{"a member of ours leaves", member.Range, 0, []member.Event{
			{Kind: member.Closed, Instance: 2, Reason: member.Left, Partitions: of(3, 4)}, assigned(of(0, 1, 2), of(0, 1, 2, 3, 4), time.Second)},
			"member 2 left: you got P3 P4 and go on at the last commit, at once"},
		{"a new partition", member.Range, 0, []member.Event{assigned(of(0, 1, 2), of(0, 1, 2, 5), time.Second)}, ""},
		{"a member of ours that joins while a colleague goes", member.Range, 0, []member.Event{{Kind: member.Assigned, Instance: 2, First: true, Owned: of(3, 4)}, gone(bob)}, ""},
		{"our first member", member.Range, 0, []member.Event{{Kind: member.Assigned, Instance: 1, First: true, Owned: of(0, 1, 2, 3, 4)}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := config()
			cfg.Assignor = test.assignor
			r := newRoom(cfg)
			for i := 3; i < 5 && test.silent > 0; i++ {
				r.now.Group.Lanes[i].Waiting = nine.Add(-test.silent)
			}
			r.at(0)
			r.Lessons.explained[string(Silent)] = true
			r.at(0, test.events...)
			got := lessons(r.at(time.Second))
			if want := test.want; (want == "") != (len(got) == 0) || len(got) > 0 && got[0] != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// However late the look is that shows the new member, the rebalance is explained: on a busy machine it takes seconds.
func TestARebalanceIsExplainedAfterALateLook(t *testing.T) {
	r := newRoom(config())
	r.at(0)
	shared := member.Event{
		Kind: member.Assigned, At: nine.Add(time.Second), Instance: 1, Before: []int32{0, 1, 2, 3, 4}, Owned: []int32{0, 1, 2}, Pause: 4 * time.Millisecond,
	}
	r.Event(shared)
	r.now.At = nine.Add(8 * time.Second) // the last look is from before
	if got := lessons(r.Advance(r.now)); len(got) > 0 {
		t.Errorf("before the group was looked at again it says %q", got)
	}

	want := "bob-1 joined: everyone stopped for 4 ms, you gave P3 P4 and kept P0 P1 P2"
	if got := lessons(r.at(9*time.Second, member.Event{Kind: member.Joined, Member: bob})); len(got) != 1 || got[0] != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestASecondJoinNamesTheAssignor(t *testing.T) {
	r := newRoom(config())
	join := func(after time.Duration) []string {
		r.at(after, member.Event{Kind: member.Assigned, Instance: 1, Before: []int32{0, 1, 2, 3}, Owned: []int32{0, 1, 2}, Pause: time.Second}, member.Event{Kind: member.Joined, Member: bob})
		return lessons(r.at(after + 2*time.Second))
	}
	join(0)
	want := "bob-1 joined: everyone stopped for 1.0 s, you gave P3 and kept P0 P1 P2. Lanes that stayed stopped too: that is range. Try --assignor cooperative-sticky."
	if got := join(20 * time.Second); len(got) != 1 || got[0] != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// When the group expels our crashed member, the sentence names the member that continues, whoever that is.
func TestTakeoverByAColleague(t *testing.T) {
	r := newRoom(config())
	crashed := member.Status{Instance: 1, MemberID: "m1", State: member.Dead, CrashedAt: nine}
	r.at(0)
	r.now.Members[0] = crashed
	r.at(100*time.Millisecond, member.Event{Kind: member.Closed, Instance: 1, Reason: member.Crashed, Partitions: []int32{0, 1, 2}, Last: &crashed, At: nine})
	r.now.Members, r.now.Group.Members = nil, r.now.Group.Members[1:]
	for i := range r.now.Group.Lanes {
		r.now.Group.Lanes[i].Owner = "m9"
	}
	got := lessons(r.at(9800*time.Millisecond, member.Event{Kind: member.Joined, Gone: true, Instance: 1, Member: group.Member{ID: "m1"}}))
	want := "P0 P1 P2 came back 9.8 s after member 1 crashed, when its session timeout had passed: bob-1 goes on at the last commit. After a clean leave that takes a second."
	if len(got) != 1 || got[0] != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}

	// The next crash is not explained again, but the member that continues is named.
	r.Lessons.crash = &crash{at: r.now.At, who: "member 2", owned: []int32{3}, out: true}
	said := r.at(20 * time.Second)
	if want := "P3 came back 10.2 s after member 2 crashed, when its session timeout had passed: bob-1 goes on at the last commit"; len(said) != 1 || said[0].String() != want {
		t.Errorf("got  %v\nwant %q", said, want)
	}
}
