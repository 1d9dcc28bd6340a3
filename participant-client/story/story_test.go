package story

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kafka-workshop/participant-client/member"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var nine = time.Date(2026, 3, 2, 9, 0, 0, 0, time.Local)

func config() Config {
	return Config{Group: "team-7", Topic: "new_users", Team: 7, Assignor: member.Range, CommitInterval: 5 * time.Second, SessionTimeout: 10 * time.Second}
}

// A room is a group of member 1, which is ours, and bob's.
type room struct {
	*Story
	now member.Snapshot
}

func newRoom(cfg Config) *room {
	r := &room{Story: New(cfg)}
	lanes := make([]member.Lane, 5)
	for i := range lanes {
		lanes[i] = member.Lane{Partition: int32(i), Owner: "m1", Committed: 142, End: 150}
	}
	lanes[3].Owner, lanes[4].Owner = "m9", "m9"
	r.now = member.Snapshot{
		At:      nine,
		Members: []member.Status{{Instance: 1, ClientID: "team-7-anna-1", MemberID: "m1", State: member.Reading}},
		Group: member.Group{
			At: nine, Name: "team-7", State: "Stable", Protocol: "classic", Assignor: "range", Lanes: lanes,
			Members: []member.GroupMember{{ID: "m1", ClientID: "team-7-anna-1", Partitions: []int32{0, 1, 2}}, bob},
		},
	}
	for p := range int32(3) {
		r.now.Members[0].Partitions = append(r.now.Members[0].Partitions, member.Position{Partition: p, Committed: 142, Next: 147})
	}
	return r
}

var bob = member.GroupMember{ID: "m9", ClientID: "team-7-bob-1", Host: "h", Partitions: []int32{3, 4}}

// at goes on to so long after nine, and returns what is new.
func (r *room) at(after time.Duration, events ...member.Event) []Sentence {
	r.now.At = nine.Add(after)
	r.now.Group.At = r.now.At
	for _, e := range events {
		if e.At.IsZero() {
			e.At = r.now.At
		}
		r.Event(e)
	}
	return r.Advance(r.now)
}

// lessons are the sentences that teach.
func lessons(said []Sentence) []string {
	var out []string
	for _, s := range said {
		if s.Lesson {
			out = append(out, s.String())
		}
	}
	return out
}

// What explains a rebalance comes when it is over, and says no more than the facts.
func TestRebalances(t *testing.T) {
	assigned := func(before, owned []int32, pause time.Duration) member.Event {
		return member.Event{Kind: member.Assigned, Instance: 1, Before: before, Owned: owned, Partitions: owned, Pause: pause}
	}
	of := func(ps ...int32) []int32 { return ps }
	gone := func(who member.GroupMember) member.Event {
		return member.Event{Kind: member.Joined, Gone: true, Member: who, Partitions: who.Partitions}
	}
	idle := member.GroupMember{ID: "m8", ClientID: "team-7-eve-1", Host: "h"}
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
		{"a colleague times out", member.Range, 10 * time.Second, []member.Event{assigned(of(0, 1, 2), of(0, 1, 2, 3, 4), time.Second), gone(bob)},
			"bob-1 committed nothing for 10.0 s, longer than the session timeout, and is out of the group: you got P3 P4 and go on at the last commit"},
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
			r.Lessons.said[string(Silent)] = true
			r.at(0, test.events...)
			got := lessons(r.at(quiet + 100*time.Millisecond))
			if want := test.want; (want == "") != (len(got) == 0) || len(got) > 0 && got[0] != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestASecondJoinNamesTheAssignor(t *testing.T) {
	r := newRoom(config())
	join := func(after time.Duration) []string {
		r.at(after, member.Event{Kind: member.Assigned, Instance: 1, Before: []int32{0, 1, 2, 3}, Owned: []int32{0, 1, 2}, Pause: time.Second}, member.Event{Kind: member.Joined, Member: bob})
		return lessons(r.at(after + quiet + time.Second))
	}
	join(0)
	want := "bob-1 joined: everyone stopped for 1.0 s, you gave P3 and kept P0 P1 P2. Lanes that stayed stopped too: that is range. Try --assignor cooperative-sticky."
	if got := join(20 * time.Second); len(got) != 1 || got[0] != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// When the group gives up a member of ours that crashed, it is said who goes on, whoever that is.
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
	got := lessons(r.at(9800*time.Millisecond, member.Event{Kind: member.Joined, Gone: true, Instance: 1, Member: member.GroupMember{ID: "m1"}}))
	want := "P0 P1 P2 came back 9.8 s after member 1 crashed, when its session timeout was over: bob-1 goes on at the last commit. A goodbye takes a second."
	if len(got) != 1 || got[0] != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}

	// The next crash is not explained again, and it is said who goes on.
	r.Lessons.crash = &crash{at: r.now.At, who: "member 2", owned: []int32{3}, out: true}
	said := r.at(20 * time.Second)
	if want := "P3 came back 10.2 s after member 2 crashed, when its session timeout was over: bob-1 goes on at the last commit"; len(said) != 1 || said[0].String() != want {
		t.Errorf("got  %v\nwant %q", said, want)
	}
}

// A sentence that waited while others were shown does not tell where a partition stood before.
func TestOldOffsetsAreNotShown(t *testing.T) {
	r := newRoom(config())
	committed := func(at int64) member.Event {
		return member.Event{Kind: member.Committed, Instance: 1, Partitions: []int32{0}, Offsets: map[int32]int64{0: at}}
	}
	r.at(0, member.Event{Kind: member.Duplicate, Instance: 1, Count: 3}, committed(142))
	if got := r.Lessons.Current(nine.Add(least + time.Second)); strings.Contains(got, "142") {
		t.Errorf("five seconds later it says %q", got)
	}
	r.at(least+2*time.Second, committed(190))
	if got := r.Lessons.Current(r.now.At); !strings.Contains(got, "P0 committed at 190") {
		t.Errorf("at the next commit it says %q", got)
	}
}

func TestSilenceNamesTheOwner(t *testing.T) {
	r := newRoom(config())
	r.now.Group.Lanes[3].Waiting, r.now.Group.Lanes[3].OwnedSince = nine.Add(-20*time.Second), nine.Add(-8*time.Second)
	want := "P3 of bob-1: no commit for 8 s, and records wait. Its owner may be slow, stuck or gone: then the group waits for its session timeout."
	if got := lessons(r.at(0)); len(got) != 1 || got[0] != want {
		t.Errorf("got %q", got)
	}
}

// While Kafka is away, nobody is silent, and figures from outside are blank.
func TestNothingIsKnownWhileKafkaIsAway(t *testing.T) {
	r := newRoom(config())
	r.now.Group.Lanes[3].Waiting = nine
	r.at(0)
	r.now.At = nine.Add(30 * time.Second) // the last look is as old
	if got := lessons(r.Advance(r.now)); len(got) > 0 {
		t.Errorf("says %q", got)
	}
	if s := r.Scene; s.Lag >= 0 || s.Lanes[3].PerSecond >= 0 || s.Stale != 30*time.Second {
		t.Errorf("lag %d, rate %v, stale for %v", s.Lag, s.Lanes[3].PerSecond, s.Stale)
	}
}

func TestMembersShareTheRecords(t *testing.T) {
	r := newRoom(config())
	var got []string
	for step := range 16 {
		for i := range r.now.Group.Lanes {
			l := &r.now.Group.Lanes[i]
			l.Committed += 2
			l.End += 2
			l.Commits = append(l.Commits, member.Commit{At: nine.Add(time.Duration(step) * time.Second), Offset: l.Committed})
		}
		for i := range r.now.Members[0].Partitions {
			r.now.Members[0].Partitions[i].Read += 2
		}
		got = append(got, lessons(r.at(time.Duration(step)*time.Second))...)
	}
	want := "member 1 reads none of the records that bob-1 reads: a group shares them out. To see them all, tail reads in no group."
	if !slices.Contains(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestAMemberOfAnotherTopic(t *testing.T) {
	r := newRoom(config())
	eve := member.GroupMember{ID: "m8", ClientID: "team-7-eve-1", Host: "h", Elsewhere: []string{"orders"}}
	r.now.Group.Members = append(r.now.Group.Members, eve)
	got := append(lessons(r.at(0)), lessons(r.at(time.Second))...)
	if len(got) != 1 || !strings.HasPrefix(got[0], "eve-1 is in the group, but reads orders") {
		t.Errorf("got %q, want it once", got)
	}
}

// The saw-tooth is explained where there is one: not where each batch is committed.
func TestTheSawToothNeedsAnInterval(t *testing.T) {
	for interval, want := range map[time.Duration]string{5 * time.Second: "every 5s", 0: ""} {
		l := newLessons(Config{CommitInterval: interval})
		l.said[string(NextToRead)], l.said[string(Shared)] = true, true
		s := &Scene{
			Now: nine, Members: []Actor{{Instance: 1}, {Instance: 2}},
			Lanes: []Lane{{Partition: 0, Owner: 0}, {Partition: 1, Owner: 1}},
		}
		l.watch(s)
		s.Now, s.Lanes[0].PerSecond, s.Lanes[1].PerSecond = nine.Add(25*time.Second), 1, 1
		l.watch(s)
		if got := l.Current(s.Now); (want == "" && got != "") || !strings.Contains(got, want) {
			t.Errorf("interval %v: says %q, want %q", interval, got, want)
		}
	}
}

func TestBadgesComeFromTheLeaderboard(t *testing.T) {
	answers := []string{
		`{"points":100,"rank":1,"badges":[{"badge":"connected","icon":"🔌","first":false}],"members":[{"member_id":"m1","colour":4}]}`,
		`{"points":260,"rank":1,"badges":[{"badge":"connected","icon":"🔌"},{"badge":"full_house","icon":"🏁","first":true}],"members":[{"member_id":"m1","colour":4}]}`,
	}
	board := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/teams/7":
			_, _ = w.Write([]byte(answers[0]))
			answers = answers[1:]
		case "/api/board":
			_, _ = w.Write([]byte(`{"round":1,"lesson":"scale-up","stale_since":null,"frozen":true,"teams":[`)) // the rest is not waited for
		default:
			http.NotFound(w, r)
		}
	}))
	defer board.Close()
	cfg := config()
	cfg.Leaderboard = board.URL + "/"
	r := newRoom(cfg)
	p := r.poll
	defer p.client.CloseIdleConnections()

	var got []Sentence
	for i := range 2 {
		team, err := p.ask(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		p.team, p.at = team, nine.Add(time.Duration(i)*time.Second)
		got = append(got, r.at(time.Duration(i)*time.Second)...)
	}
	if len(got) != 1 || got[0].String() != "badge earned: 🏁 Full House, before every other team" {
		t.Errorf("got %+v, want the new badge alone", got)
	}
	if r.Scene.Members[0].Colour != 4 {
		t.Errorf("colour %d, want the leaderboard's", r.Scene.Members[0].Colour)
	}
	if frozen, err := p.askFrozen(context.Background()); err != nil || !frozen {
		t.Errorf("frozen %v, %v", frozen, err)
	}
}

func TestTheInboxKeepsTheNewest(t *testing.T) {
	var in inbox
	for i := range 3 * inboxSize {
		in.add(member.Event{Instance: i})
	}
	got := in.drain()
	if len(got) > inboxSize || got[len(got)-1].Instance != 3*inboxSize-1 {
		t.Errorf("%d events, the last %d", len(got), got[len(got)-1].Instance)
	}
}

// A quiet sink drops everything.
type quietSink struct{}

func (quietSink) Event(member.Event)         {}
func (quietSink) Records(int, []*kgo.Record) {}
func (quietSink) Flush() error               { return nil }

// Without a screen the same is said: lessons, and badges as they are earned.
func TestReader(t *testing.T) {
	var mu sync.Mutex
	badges := ""
	board := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/board" {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		_, _ = w.Write([]byte(`{"name":"team-7","badges":[` + badges + `]}`))
		badges = `{"badge":"full_house","icon":"🏁","first":true}`
	}))
	defer board.Close()
	cfg := config()
	cfg.Leaderboard = board.URL
	reader := NewReader(cfg, quietSink{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	reader.Event(member.Event{Kind: member.Closed, Instance: 1, Reason: member.Crashed, Partitions: []int32{0}, At: nine})
	var got []Sentence
	reader.Run(ctx, snapshots{newRoom(cfg).now}, func(s Sentence) {
		if got = append(got, s); len(got) == 2 {
			cancel()
		}
	})
	if len(got) != 2 || got[0].Kind != Closed || !got[0].Lesson || got[1].Kind != BadgeAwarded || got[1].Badge.ID != "full_house" || !got[1].Badge.First {
		t.Errorf("got %+v", got)
	}
}

type snapshots struct{ now member.Snapshot }

func (s snapshots) Snapshot() member.Snapshot { return s.now }
