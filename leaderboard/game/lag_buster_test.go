package game

import (
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
)

// lagging is a team with one member that owns the whole topic and is 200 records behind on each partition.
type lagging struct {
	*stage
	commits []int64
	group   func(commits ...int64) GroupFact
	topic   string // why the topic's answer is missing
}

func newLagging(t *testing.T) *lagging {
	t.Helper()
	l := &lagging{stage: newStage(t, workshop.ScaleUp, 1)}
	l.group = func(commits ...int64) GroupFact { return stable(1, "a:0,1,2,3,4", commits...) }
	l.produce(1)
	l.commits = nil // it joins before its first commit, which then belongs to this round
	l.look(1)
	l.commits = []int64{1, 1, 1, 1, 1}
	l.look(1)
	l.produce(200)
	return l
}

// look sweeps the given number of times, once a second.
func (l *lagging) look(times int) {
	for range times {
		l.after(time.Second)
		l.store(l.room.Sweep(Sweep{
			At: l.now, Groups: []GroupFact{l.group(l.commits...)}, Load: l.load,
			Topic: TopicFact{Name: "new_users", ID: l.id, Err: l.topic, Start: make([]int64, len(l.end)), End: slices.Clone(l.end)},
		}))
	}
}

func (l *lagging) armed() bool { return l.room.teams[0].Behind != nil }

// given reports whether the team has the badge.
func (l *lagging) given() bool { return l.room.teams[0].has(LagBuster) }

// arm stays behind for long enough.
func (l *lagging) arm() {
	l.t.Helper()
	l.look(32)
	if !l.armed() {
		l.t.Fatal("1,000 records and 31 s behind, and not armed")
	}
}

func TestLagBusterArmsAtAThousandRecordsAndThirtySeconds(t *testing.T) {
	l := newLagging(t)
	l.look(30)
	if l.armed() {
		t.Error("armed after less than 30 s")
	}
	l.look(1)
	if !l.armed() {
		t.Error("1,000 records and 30 s behind, and not armed")
	}

	for what, change := range map[string]func(l *lagging){
		"999 records behind": func(l *lagging) { l.commits[0] = 2 },
		"nobody is there":    func(l *lagging) { l.group = func(commits ...int64) GroupFact { return empty(1, commits...) } },
		"no commit in this round": func(l *lagging) {
			l.do(l.room.Begin(l.now))
		},
		"the group's commits are missing when it would": func(l *lagging) {
			l.look(30)
			l.group = func(...int64) GroupFact {
				g := stable(1, "a:0,1,2,3,4")
				g.CommitErr = "no answer"
				return g
			}
			l.look(1)
			l.group, l.commits = func(commits ...int64) GroupFact { return stable(1, "a:0,1,2,3,4", commits...) }, slices.Clone(l.end)
		},
		"the topic's answer is missing when it would": func(l *lagging) {
			l.look(30)
			l.topic = "no answer"
			l.look(1)
			l.topic, l.commits = "", slices.Clone(l.end)
		},
	} {
		l := newLagging(t)
		change(l)
		l.look(35)
		if l.armed() {
			t.Errorf("%s: armed", what)
		}
	}
}

func TestLagBusterNeedsProofOfHavingCaughtUp(t *testing.T) {
	produced := func(l *lagging, seconds int) { // and read at once
		for range seconds {
			l.produce(1)
			l.commits = slices.Clone(l.end)
			l.look(1)
		}
	}
	for what, c := range map[string]struct {
		happens func(l *lagging)
		want    bool
	}{
		"reads on": {func(l *lagging) { produced(l, 12) }, true},
		"nothing was produced meanwhile": {func(l *lagging) {
			l.commits = slices.Clone(l.end)
			l.look(15)
		}, false},
		"one partition is behind": {func(l *lagging) {
			for range 15 {
				l.produce(1)
				l.commits = append(slices.Clone(l.end[:4]), 1)
				l.look(1)
			}
		}, false},
		"moved to the end by hand, and read on": {func(l *lagging) {
			members := l.group
			l.group = func(commits ...int64) GroupFact { return empty(1, commits...) }
			l.look(2)
			l.commits = slices.Clone(l.end)
			l.look(1)
			l.group = members
			produced(l, 15)
		}, false},
		"the topic's answer is missing": {func(l *lagging) {
			for range 12 {
				l.produce(1)
				l.look(1)
			}
			l.commits, l.topic = slices.Clone(l.end), "no answer"
			l.look(1)
		}, false},
		"the group's commits are missing": {func(l *lagging) {
			l.commits = slices.Clone(l.end)
			l.look(12)
			l.produce(1)
			l.group = func(...int64) GroupFact {
				g := stable(1, "a:0,1,2,3,4")
				g.CommitErr = "no answer"
				return g
			}
			l.look(1)
		}, false},
		"the last answer was too long ago to compare with": {func(l *lagging) {
			l.produce(1)
			l.look(1)
			l.commits = slices.Clone(l.end)
			l.produce(10)
			l.after(20 * time.Second)
			l.look(1)
		}, false},
	} {
		l := newLagging(t)
		l.arm()
		c.happens(l)
		if l.given() != c.want {
			t.Errorf("%s: given %v, want %v", what, l.given(), c.want)
		}
	}
}

func TestLagBusterNeedsEveryPartitionThatHasRecords(t *testing.T) {
	l := newLagging(t)
	l.group = func(commits ...int64) GroupFact { return stable(1, "a:0,1,2,3,4", append(commits[:4:4], -1)...) }
	l.produce(100)
	l.look(35)
	if !l.armed() {
		t.Fatal("1,200 records and 35 s behind, and not armed")
	}

	for range 15 {
		l.produce(1)
		l.commits = slices.Clone(l.end)
		l.look(1)
	}
	if l.given() {
		t.Error("given, and one partition was never committed")
	}
}
