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

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/member"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var nine = time.Date(2026, 3, 2, 9, 0, 0, 0, time.Local)

func config() Config {
	return Config{Group: "team-7", Topic: "new_users", Team: 7, Assignor: member.Range, CommitInterval: 5 * time.Second, SessionTimeout: 10 * time.Second}
}

// A room is a group of member 1, which is ours, and one of bob's.
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
		Group: member.GroupView{
			Group: group.Group{
				Name: "team-7", State: group.Stable, Protocol: group.Classic, Assignor: "range",
				Members: []group.Member{{ID: "m1", ClientID: "team-7-anna-1", Topics: []string{"t"}, Assigned: group.Assignment{"t": {0, 1, 2}}}, bob},
			},
			At: nine, Topic: "t", Lanes: lanes,
		},
	}
	for p := range int32(3) {
		r.now.Members[0].Partitions = append(r.now.Members[0].Partitions, member.Position{Partition: p, Committed: 142, Next: 147})
	}
	return r
}

var bob = group.Member{ID: "m9", ClientID: "team-7-bob-1", Host: "h", Topics: []string{"t"}, Assigned: group.Assignment{"t": {3, 4}}}

// at advances to this time after nine, and returns what is new.
func (r *room) at(after time.Duration, events ...member.Event) []Sentence {
	r.now.At = nine.Add(after)
	r.now.Group.At = r.now.At
	r.now.Group.Began = r.now.At.Add(-50 * time.Millisecond)
	for _, e := range events {
		r.regroup(e)
		if e.At.IsZero() {
			e.At = r.now.At
		}
		r.Event(e)
	}
	return r.Advance(r.now)
}

// regroup changes the group as an event reports it.
func (r *room) regroup(e member.Event) {
	members := slices.Clone(r.now.Group.Members)
	switch {
	case e.Kind == member.Assigned && e.Instance == 1:
		i := slices.IndexFunc(members, func(m group.Member) bool { return m.ID == "m1" })
		members[i].Assigned = group.Assignment{r.now.Group.Topic: e.Owned}
	case e.Kind == member.Joined && e.Gone:
		members = slices.DeleteFunc(members, func(m group.Member) bool { return m.ID == e.Member.ID })
	}
	r.now.Group.Members = members
}

// lessons returns the sentences that teach.
func lessons(said []Sentence) []string {
	var out []string
	for _, s := range said {
		if s.Lesson {
			out = append(out, s.String())
		}
	}
	return out
}

// A sentence that waited while others were shown does not show an outdated offset.
func TestOldOffsetsAreNotShown(t *testing.T) {
	r := newRoom(config())
	committed := func(at int64) member.Event {
		return member.Event{Kind: member.Committed, Instance: 1, Partitions: []int32{0}, Offsets: map[int32]int64{0: at}}
	}
	r.at(0, member.Event{Kind: member.Duplicate, Instance: 1, Count: 3}, committed(142))
	if got := r.Lessons.Current(nine.Add(minShown + time.Second)); strings.Contains(got, "142") {
		t.Errorf("five seconds later it says %q", got)
	}
	r.at(minShown+2*time.Second, committed(190))
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
	eve := group.Member{ID: "m8", ClientID: "team-7-eve-1", Host: "h", Topics: []string{"orders"}}
	r.now.Group.Members = append(r.now.Group.Members, eve)
	got := append(lessons(r.at(0)), lessons(r.at(time.Second))...)
	if len(got) != 1 || !strings.HasPrefix(got[0], "eve-1 is in the group, but reads orders") {
		t.Errorf("got %q, want it once", got)
	}
}

// The saw-tooth is explained only where there is one: not if each batch is committed.
func TestTheSawToothNeedsAnInterval(t *testing.T) {
	for interval, want := range map[time.Duration]string{5 * time.Second: "every 5s", 0: ""} {
		l := newLessons(Config{CommitInterval: interval})
		l.explained[string(NextToRead)], l.explained[string(Shared)] = true, true
		s := &Scene{
			Now: nine, Members: []Actor{{Instance: 1}, {Instance: 2}},
			Lanes: []Lane{{Partition: 0, Owner: 0}, {Partition: 1, Owner: 1}},
		}
		l.update(s)
		s.Now, s.Lanes[0].PerSecond, s.Lanes[1].PerSecond = nine.Add(25*time.Second), 1, 1
		l.update(s)
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
			_, _ = w.Write([]byte(`{"round":1,"lesson":"scale-up","stale_since":null,"frozen":true,"teams":[`)) // the client does not wait for the rest
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
		team, err := p.fetchTeam(context.Background())
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
	if head, err := p.fetchBoard(context.Background()); err != nil || !head.frozen {
		t.Errorf("frozen %v, %v", head.frozen, err)
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

// A quietSink drops everything.
type quietSink struct{}

func (quietSink) Event(member.Event)         {}
func (quietSink) Records(int, []*kgo.Record) {}
func (quietSink) Flush() error               { return nil }

// Without a screen the same sentences appear: lessons, and badges as they are earned.
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
