package tui

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
	"kafka-workshop/participant-client/report"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestMembersShareTheRecords(t *testing.T) {
	m, s := staged(screens()["two"], 80, 24)
	for step := range 16 {
		s.At = nine.Add(time.Duration(step) * time.Second)
		for i := range s.Group.Lanes {
			s.Group.Lanes[i].Committed += 2
			s.Group.Lanes[i].End += 2
		}
		for i := range s.Members[0].Partitions {
			s.Members[0].Partitions[i].Next += 2
		}
		m.look()
	}
	want := "member 1 reads none of the records that bob-1 reads"
	if !slices.ContainsFunc(m.history, func(e entry) bool { return e.kind == lesson && strings.HasPrefix(e.text, want) }) {
		t.Errorf("nothing says that %s: %+v", want, m.history)
	}
}

func TestAMemberOfAnotherTopic(t *testing.T) {
	m, s := staged(screens()["alone"], 80, 24)
	other := inGroup("m9", "team-7-bob-1", "h")
	other.Elsewhere = []string{"orders"}
	s.Group.Members = append(s.Group.Members, other)
	m.look()
	m.look()
	told := 0
	for _, e := range m.history {
		if strings.HasPrefix(e.text, "bob-1 is in the group, but reads orders") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times, want once: %+v", told, m.history)
	}
}

// A quiet sink drops everything.
type quietSink struct{}

func (quietSink) Event(member.Event)         {}
func (quietSink) Records(int, []*kgo.Record) {}
func (quietSink) Flush() error               { return nil }

// Without a screen the same is said: sentences that teach, and badges as they are earned.
func TestTeacher(t *testing.T) {
	var mu sync.Mutex
	badges := ""
	board := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = w.Write([]byte(`{"name":"team-7","badges":[` + badges + `]}`))
		badges = `{"badge":"full_house","icon":"🏁","first":true}`
	}))
	defer board.Close()
	s := &stage{}
	screens()["alone"](nil, s)
	teacher := NewTeacher(Config{Group: "team-7", Topic: "new_users", Team: 7, Leaderboard: board.URL, SessionTimeout: 10 * time.Second}, quietSink{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	teacher.Event(member.Event{Kind: member.Closed, Instance: 1, Reason: member.Crashed, Partitions: []int32{0}, At: nine})
	var notes []report.Note
	teacher.Run(ctx, crewOf{s}, func(n report.Note) {
		if notes = append(notes, n); len(notes) == 2 {
			cancel()
		}
	})
	if len(notes) != 2 || notes[0].Kind != report.Lesson || !strings.Contains(notes[0].Text, "vanished with no goodbye") ||
		notes[1].Kind != report.Badge || notes[1].Badge != "full_house" || !notes[1].First {
		t.Errorf("said %+v", notes)
	}
}
