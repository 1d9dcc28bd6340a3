package score

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// A customer whose record is gone from the log may have been a user: the action counts against nobody.
func TestAMissedUserIsNobodysFault(t *testing.T) {
	l := newLedger(1, 16)
	l.missed = true
	l.action(1, encode(deed(1, "somebody@hotmail.com")), epoch, epoch, false)
	if w := l.works()[0]; w.Unverifiable != 1 || w.Rejected != 0 {
		t.Errorf("%+v", w)
	}
}

// A user in a reused slot of the index is not judged by the actions about the slot's previous user.
func TestASlotThatIsAnothersIsNotJudged(t *testing.T) {
	l := newLedger(1, 16)
	for n := range 100 {
		u := person(n, true, false)
		l.user(encode(u), epoch)
		l.action(1, encode(deed(1, u.Email)), epoch, epoch, false)
	}
	if w := l.works()[0]; w.Accepted != 100 || w.Duplicate != 0 {
		t.Errorf("%+v", w)
	}
}

// An action that a team's clock puts into the future counts as of now.
func TestAnActionFromTheFutureIsFromNow(t *testing.T) {
	l, now := newLedger(1, 16), epoch.Add(time.Minute)
	l.user(encode(person(1, true, false)), epoch)
	l.action(1, encode(deed(1, "user-1@hotmail.com")), now.Add(time.Hour), now, false)
	l.action(1, []byte(`{}`), now.Add(time.Hour), now, false)
	w := l.works()[0]
	if !w.FirstAt.Equal(now) || !w.Rejections[0].At.Equal(now) {
		t.Errorf("the first action is from %v, the rejection from %v, want %v", w.FirstAt, w.Rejections[0].At, now)
	}
}

// What a client reports about itself is passed on once, not again after a restart.
func TestStatsReadAgainAreNoNews(t *testing.T) {
	l := newLedger(1, 16)
	headers := map[string]string{"member_id": "m-1", "leaving": "true", "pause_ms": "5"}
	l.stats(1, report{key: "a", value: []byte(`{"team":"team-1","processed":3,"flagged":1}`), headers: headers, at: epoch}, epoch, true)
	if w := l.works()[0]; len(w.Leaving)+len(w.Pauses) != 0 || w.Processed != 3 {
		t.Errorf("%+v", w)
	}
}

// Where reading of a partition continues, depending on what is stored of it and what the log has.
func TestATopicIsPlaced(t *testing.T) {
	at := partitionID{"team-1.actions", 0}
	for what, c := range map[string]struct {
		src        source
		id         string
		start, end int64
		next, upto int64
	}{
		"goes on":                 {source{kind: actionsTopic, id: "a", next: 5, upto: 3}, "a", 0, 9, 5, 3},
		"made anew, and longer":   {source{kind: actionsTopic, id: "a", next: 5, upto: 5}, "b", 2, 9, 2, 0},
		"made anew, and shorter":  {source{kind: actionsTopic, id: "a", next: 50, upto: 50}, "b", 0, 9, 0, 0},
		"lost its tail":           {source{kind: actionsTopic, id: "a", next: 50, upto: 50}, "a", 0, 9, 9, 9},
		"its beginning went":      {source{kind: actionsTopic, id: "a", next: 1, upto: 1}, "a", 4, 9, 4, 1},
		"lost all that was there": {source{kind: actionsTopic, id: "a", next: 5, upto: 5}, "a", 0, 0, 0, 0},
	} {
		s, err := New(Config{Room: workshop.Room{Lesson: workshop.ScaleUp, Teams: 1}, Kafka: kafka.Config{Brokers: []string{"127.0.0.1:1"}}})
		if err != nil {
			t.Fatal(err)
		}
		s.begin(game.Resume{})
		src := c.src
		s.sources[at] = &src
		got := s.place(at, source{kind: actionsTopic, team: 1}, c.id, c.start, c.end)
		if got.next != c.next || got.upto != c.upto || got.id != c.id {
			t.Errorf("%s: reads on at %d, counted before %d; want %d and %d", what, got.next, got.upto, c.next, c.upto)
		}
	}
}

// While old actions are read again, the stored offsets stay at what was counted.
func TestStoredOffsetsDoNotFallBack(t *testing.T) {
	s, err := New(Config{Room: workshop.Room{Lesson: workshop.ScaleUp, Teams: 1}, Kafka: kafka.Config{Brokers: []string{"127.0.0.1:1"}}})
	if err != nil {
		t.Fatal(err)
	}
	s.begin(game.Resume{})
	s.sources[partitionID{"team-1.actions", 0}] = &source{kind: actionsTopic, id: "a", next: 2, upto: 40}
	want := game.SourceOffset{Topic: "team-1.actions", TopicID: "a", Next: 40}
	if got := s.offsets(); len(got) != 1 || got[0] != want {
		t.Errorf("%s", fmt.Sprint(got))
	}
}

// Until everything counted before has been read again, new actions wait and no counts are emitted: recall would drop to
// nothing for a moment.
func TestNothingNewIsCountedBeforeTheOldIsReadAgain(t *testing.T) {
	s, err := New(Config{Room: workshop.Room{Lesson: workshop.ScaleUp, Teams: 1}, Kafka: kafka.Config{Brokers: []string{"127.0.0.1:1"}}})
	if err != nil {
		t.Fatal(err)
	}
	s.begin(game.Resume{})
	handed := 0
	n := &session{Scorer: s, emit: func(game.Scores) { handed++ }}
	old := &source{kind: actionsTopic, next: 2, upto: 5}
	s.sources[partitionID{"team-1.actions", 0}] = old
	reads := func(want ...bool) {
		t.Helper()
		stats := &source{kind: statsTopic, upto: 5}
		if got := []bool{n.held(old, 4), n.held(old, 5), n.held(stats, 5), n.due(old)}; !slices.Equal(got, want) {
			t.Errorf("held below and at the old end, of stats, due: %v, want %v", got, want)
		}
	}

	n.settle()
	n.report(epoch)
	reads(false, true, false, true)
	if handed != 0 {
		t.Errorf("counts are handed on %d times while old actions are read", handed)
	}

	old.next = 5
	reads(false, true, false, false)
	n.settle()
	n.report(epoch)
	reads(false, false, false, true)
	if handed != 1 {
		t.Errorf("counts are handed on %d times", handed)
	}
}

// A user counts for recall after half a minute, and only once, even if another user has its slot in the index by then.
func TestAUserCountsForRecallOnceAndInTime(t *testing.T) {
	l := newLedger(1, 16)
	l.user(encode(person(0, true, false)), epoch)
	l.action(1, encode(deed(1, "user-0@hotmail.com")), epoch, epoch.Add(time.Hour), false)
	meeting := func(what string, want int64) {
		t.Helper()
		if got := l.works()[0].Meeting; got != want {
			t.Errorf("%s: %d users count, want %d", what, got, want)
		}
	}
	l.advance(epoch.Add(recallAge - time.Millisecond))
	meeting("too early", 0)
	l.advance(epoch.Add(recallAge))
	meeting("in time", 1)

	for n := range 99 {
		l.user(encode(person(n+1, true, false)), epoch.Add(time.Second))
	}
	l.advance(epoch.Add(time.Hour))
	l.advance(epoch.Add(2 * time.Hour))
	meeting("all of them", 100)
}

// recallAge is the contract's: users that are thirty seconds old.
const recallAge = 30 * time.Second

// Rejections of a team that sends nothing else take no more memory than a few times those that are shown.
func TestRejectionsTakeBoundedMemory(t *testing.T) {
	l := newLedger(1, 16)
	for range 2000 {
		l.action(1, []byte(`{}`), epoch, epoch, false)
	}
	if n := len(l.teams[0].work.Rejections); n > 4*maxRejections {
		t.Errorf("%d are kept", n)
	}
}
