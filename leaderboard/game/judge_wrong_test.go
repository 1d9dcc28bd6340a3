package game

import (
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// unseen lets time pass without sweeps, while the group continues.
func (r *reading) unseen(d time.Duration) *reading {
	r.now = r.now.Add(d)
	for p := range r.made {
		r.made[p] += r.each[p] * d.Seconds()
		r.end[p] = int64(r.made[p])
	}
	for !r.next.After(r.now) {
		r.next = r.next.Add(5 * time.Second)
	}
	return r
}

// wantNot fails if the question was answered with this option, or not at all.
func (r *reading) wantNot(what, wrong string) {
	r.t.Helper()
	if got := r.outcome(); strings.HasPrefix(got, wrong) || strings.HasPrefix(got, PredictionClosed) {
		r.t.Errorf("%s: %q", what, got)
	}
}

// A member that was killed while the leaderboard was down, or shortly before, has been silent for longer than the leaderboard
// has observed.
func TestARestartDoesNotShortenASilence(t *testing.T) {
	for _, down := range []time.Duration{2 * time.Second, 8 * time.Second} {
		r := newReading(t, 2).run(32 * time.Second)
		r.ask(AskSilence, 1)
		r.dead = map[int]bool{3: true, 4: true}
		r.run(time.Second).unseen(down).restart()
		r.run(9*time.Second - down) // its session expires 10 s after the kill
		r.owners, r.dead = "a:0,1,2,3,4", nil
		r.run(6 * time.Second)
		r.wantNot(down.String(), "Less than 3 s")
	}
}

// If Kafka does not answer for a while, events in that time are not dated to its next answer.
func TestAGapInTheSweepsDoesNotLengthenASilence(t *testing.T) {
	r := newReading(t, 2).run(32 * time.Second)
	r.ask(AskSilence, 1)
	r.dead = map[int]bool{3: true, 4: true}
	r.run(time.Second).unseen(40 * time.Second)
	r.owners, r.dead = "a:0,1,2,3,4", nil
	r.run(6 * time.Second)
	r.wantNot("after a gap of 40 s", "20 s to a minute")
	r.wantOutcome("cancelled: could not be observed")
}

// While a producer pauses, the death of a member is hidden until records wait again.
func TestASilenceBeginsWithTheLastSignOfLife(t *testing.T) {
	r := newReading(t, 2).run(32 * time.Second)
	r.ask(AskSilence, 1)
	each := r.each
	r.each = make([]float64, 5)
	r.run(9 * time.Second) // everything is committed
	r.dead = map[int]bool{3: true, 4: true}
	r.run(8 * time.Second)
	r.each = each
	r.run(2 * time.Second)
	r.owners, r.dead = "a:0,1,2,3,4", nil
	r.run(6 * time.Second)
	r.wantNot("records came 2 s before the session was over", "Less than 3 s")
}

// Another client library sends no note when a member leaves. The member was not killed: no session expires so soon.
func TestWhoLeavesWithoutANoteWasNotKilled(t *testing.T) {
	for commits, want := range map[time.Duration]string{sweepGap: "cancelled: member B was gone at most", 0: "cancelled: could not be observed"} {
		r := newReading(t, 2).run(32 * time.Second)
		r.ask(AskSilence, 1)
		r.run(time.Second)
		for p := range r.commits {
			r.commits[p] = r.end[p] // it commits as it leaves
		}
		r.run(commits) // and a sweep may fall between the two
		r.owners = "a:0,1,2,3,4"
		r.run(6 * time.Second)
		r.wantNot("it left", "Less than 3 s")
		r.wantOutcome(want)
	}
}

// A leave whose note arrived before a restart stays a leave.
func TestALeaveIsRememberedOverARestart(t *testing.T) {
	for _, kind := range []string{AskSilence, AskTwice} {
		r := newReading(t, 2).run(32 * time.Second)
		r.scores(Work{Team: 1, Accepted: 100})
		r.ask(kind, 1)
		r.run(4 * time.Second) // until shortly before the next commit, which never comes
		r.dead = map[int]bool{3: true, 4: true}
		r.run(4 * time.Second)
		r.owners, r.dead = "a:0,1,2,3,4", nil
		r.run(time.Second)
		r.scores(Work{Team: 1, Accepted: 100, Duplicate: 5, Leaving: []ClientNote{{At: r.now, MemberID: "b"}}})
		r.run(time.Second).restart()
		r.scores(Work{Team: 1, Accepted: 100, Duplicate: 5})
		r.run(10 * time.Second)
		r.wantOutcome("cancelled: member B left on its own")
	}
}

// More than half of a young team's actions are duplicates when a member that rarely commits is killed. Reading still restarts
// at the last commit.
func TestManyDuplicatesAreNotAllRecords(t *testing.T) {
	for kind, want := range map[string]string{AskTwice: "Yes, those since the last commit", AskResume: "At the last commit"} {
		r := newReading(t, 10).run(12 * time.Second)
		r.scores(Work{Team: 1, Accepted: 30})
		r.ask(kind, 1)
		r.run(2 * time.Second)
		r.dead = map[int]bool{3: true, 4: true}
		r.run(3 * time.Second)
		r.scores(Work{Team: 1, Accepted: 60})
		r.run(8 * time.Second)
		r.owners, r.dead = "a:0,1,2,3,4", nil
		r.run(time.Second)
		r.scores(Work{Team: 1, Accepted: 60, Duplicate: 40})
		r.run(10 * time.Second)
		r.wantOutcome(want)
	}
}

// Without a commit, there is none to continue at.
func TestAMemberThatNeverCommittedDecidesNothing(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(100).scores(Work{Team: 1, Accepted: 200})
	for range 10 {
		s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4", 100, 100, 100))
	}
	s.ask(AskTwice, 1)
	s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4", 100, 100, 100))
	s.after(10 * time.Second).sweep(stable(1, "a:0,1,2,3,4", 100, 100, 100))
	s.scores(Work{Team: 1, Accepted: 200, Duplicate: 60})
	for range 10 {
		s.after(time.Second).sweep(stable(1, "a:0,1,2,3,4", 100, 100, 100, 100, 100))
	}
	s.wantOutcome("cancelled: could not be observed")
}

func TestOtherKeysThanThoseAskedAboutDecideNothing(t *testing.T) {
	for name, c := range map[string]struct {
		keys  int
		fills []int // partitions that receive records
	}{
		"fewer keys": {1, []int{2}}, "more keys": {7, []int{0, 1, 2, 3, 4}}, "somebody else produces": {4, []int{0, 1, 2, 3, 4}},
	} {
		r := newReading(t, 5)
		r.load = &LoadFact{Rate: 25, Keys: workshop.KeysNull, FixedKeys: 4}
		r.run(10 * time.Second)
		r.ask(AskKeys, 0)
		r.load = &LoadFact{Rate: 25, Keys: workshop.KeysFixed, FixedKeys: c.keys}
		r.each = make([]float64, 5)
		for _, p := range c.fills {
			r.each[p] = 5
		}
		r.run(15 * time.Second)
		if got := r.outcome(); !strings.HasPrefix(got, "cancelled: ") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Keys are set, set back and set again: records from in between do not count.
func TestKeysAreCountedFromWhenTheyWereSetLast(t *testing.T) {
	r := newReading(t, 5)
	null, fixed := &LoadFact{Rate: 25, Keys: workshop.KeysNull, FixedKeys: 4}, &LoadFact{Rate: 25, Keys: workshop.KeysFixed, FixedKeys: 4}
	r.load = null
	r.run(10 * time.Second)
	r.ask(AskKeys, 0)
	r.load = fixed
	r.run(time.Second)
	r.load = null
	r.run(10 * time.Second)
	r.load = fixed
	r.run(time.Second) // earlier records are still in flight
	r.each[1], r.each[4] = 0, 0
	r.run(15 * time.Second)
	r.wantOutcome("At most 4")
}

// A member that reads another topic joins the group, and gets no share.
func TestANewcomerOnAnotherTopicDecidesNothing(t *testing.T) {
	for kind, before := range map[string]string{AskSplit: "a:0,1,2,3,4", AskIdle: "a:0 b:1 c:2 d:3 e:4"} {
		s := newStage(t, workshop.ScaleUp, 1)
		s.produce(10).sweep(stable(1, before))
		s.ask(kind, 1)
		after := stable(1, before+" z:")
		for i := range after.Members {
			if m := &after.Members[i]; m.ID == "z" {
				m.OnTopic, m.Elsewhere = false, true
			}
		}
		s.after(time.Second).sweep(after)
		s.wantOutcome("cancelled: could not be observed")
	}
}

// While a new partition is being assigned, partitions without an owner have not moved.
func TestAGrownTopicIsJudgedOnceAllHasAnOwner(t *testing.T) {
	s := newStage(t, workshop.ScaleUp, 1)
	s.produce(10).sweep(stable(1, "a:0,1,2 b:3,4"))
	s.ask(AskGrow, 1)
	s.end = append(s.end, 0)
	s.after(time.Second).sweep(stable(1, "a:0,1 b:3,4,5"))
	s.wantOutcome("closed ")
	s.after(time.Second).sweep(stable(1, "a:0,1,2 b:3,4,5"))
	s.wantOutcome("One member gets it")
}
