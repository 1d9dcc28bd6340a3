package game

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// memberLines returns the ticker's lines about members, the newest last.
func (s *stage) memberLines() []string {
	public, _ := s.room.Boards()
	var out []string
	for _, e := range public.Ticker {
		if e.Badge == "" {
			out = append(out, e.Text)
		}
	}
	return out
}

func (s *stage) wantsLines(want ...string) {
	s.t.Helper()
	if got := s.memberLines(); !slices.Equal(got, want) {
		s.t.Errorf("the ticker says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTheTickerSaysWhoCameAndWhatMoved(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 2)
	s.sweep(stable(1, "a:0,1,2,3,4"))
	s.wantsLines("team-1: A joined, P0–P4 go to A")
	s.do(must(s.room.Rename(s.now, 1, "Lanes")))

	s.after(time.Minute).sweep(group(1, "PreparingRebalance", "a:0,1,2,3,4 b:"))
	s.wantsLines("Lanes: B joined")
	s.after(1200 * time.Millisecond).sweep(stable(1, "a:0,1,2 b:3,4"))
	s.wantsLines("Lanes: B joined, P3 P4 go from A to B, paused 1.2 s")

	s.after(time.Minute)
	s.scores(Work{Team: 1, Leaving: []ClientNote{{MemberID: "b", At: s.now}}})
	s.sweep(stable(1, "a:0,1,2,3,4"))
	s.wantsLines("Lanes: B left, P3 P4 go from B to A")
	for ms, text := range map[int64]string{0: "paused under 0.1 s", 99: "paused under 0.1 s", 100: "paused 0.1 s", 12345: "paused 12.3 s"} {
		if got := PauseText(ms); got != text {
			t.Errorf("%d ms: %q, want %q", ms, got, text)
		}
	}

	s.after(time.Minute).sweep(stable(1, "a:0 b:1 c:2 d:3 e:4 f:"))
	s.wantsLines("Lanes: 5 members joined, 4 partitions moved, F is idle")

	for i := range s.saved.Events {
		s.saved.Events[i].fact = nil // a database stores only the texts
	}
	s.after(time.Minute).restart()
	s.wantsLines("Lanes: 5 members joined, partitions moved")
}

func must(c Command, err error) Command {
	if err != nil {
		panic(err)
	}
	return c
}

// Thirty teams that join at once share one line, and the badges are still shown.
func TestTeamsThatDoTheSameAtOnceHaveOneLine(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 30)
	s.sweep(stable(30, "z:0,1,2,3,4"))
	s.after(time.Minute)
	var groups []GroupFact
	for n := range 29 {
		groups = append(groups, stable(n+1, fmt.Sprintf("m%d:0,1,2,3,4", n)))
	}
	for i := range groups { // in different sweeps
		s.after(100 * time.Millisecond).sweep(groups[:i+1]...)
	}
	lines := s.memberLines()
	if len(lines) != 1 || lines[0] != "29 teams have new members" {
		t.Errorf("the ticker says %q", lines)
	}
	public, _ := s.room.Boards()
	if len(public.Ticker) != tickerSize {
		t.Errorf("%d lines, want %d with the badges", len(public.Ticker), tickerSize)
	}
}

func TestAFrozenTickerSaysNothingNewAboutMembers(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.sweep(stable(1, "a:0,1,2,3,4"))
	s.freeze()
	s.after(time.Minute).sweep(stable(1, "a:0,1,2 b:3,4"))
	s.wantsLines("team-1: A joined, P0–P4 go to A")
	_, truth := s.room.Boards()
	if last := truth.Ticker[len(truth.Ticker)-2:]; !strings.Contains(last[0].Text+last[1].Text, "B joined") {
		t.Errorf("behind the freeze the ticker says %v", truth.Ticker)
	}
}
