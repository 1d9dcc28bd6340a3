package member

import (
	"slices"
	"time"

	"kafka-workshop/internal/group"
)

// A Lane is one partition of the topic as the group sees it.
type Lane struct {
	Partition int32
	Owner     string // member id; empty without one
	Committed int64  // -1 for no commit yet
	Start     int64  // the first offset that exists; -1 when unknown
	End       int64  // next offset to be written; -1 when unknown

	// As seen from here, once a second:
	OwnedSince time.Time // when Owner last changed
	Waiting    time.Time // since when there are records to commit; zero when there are none
	Commits    []Commit  // the last changes of Committed under this owner, the newest last, at most commitsKept
}

// A Commit is one change of a committed offset.
type Commit struct {
	At     time.Time
	Offset int64
}

const (
	commitsKept = 4

	// usualInterval is the default of auto.commit.interval.ms, for owners with fewer than two commits so far.
	usualInterval = 5 * time.Second
	leastSilence  = 3 * time.Second
)

// Lag returns how many existing records are not committed, or -1 if that is unknown.
func (l Lane) Lag() int64 {
	return group.Offsets{Committed: l.Committed, Start: l.Start, End: l.End}.Lag()
}

// interval returns the longest time between two of the last commits.
func (l Lane) interval() time.Duration {
	longest := time.Duration(0)
	for i := 1; i < len(l.Commits); i++ {
		longest = max(longest, l.Commits[i].At.Sub(l.Commits[i-1].At))
	}
	if longest == 0 {
		return usualInterval
	}
	return longest
}

// Silence returns how long nothing was committed although the lane has an owner and records wait. It counts from the
// last commit, the first waiting record or the change of owner, whichever came last, and is 0 until it is longer than
// this owner's commits usually take.
func (l Lane) Silence(now time.Time) time.Duration {
	if l.Owner == "" || l.Waiting.IsZero() {
		return 0
	}

	since := l.Waiting
	if l.OwnedSince.After(since) {
		since = l.OwnedSince
	}
	if n := len(l.Commits); n > 0 && l.Commits[n-1].At.After(since) {
		since = l.Commits[n-1].At
	}

	silence := now.Sub(since)
	if silence <= max(l.interval()*3/2, leastSilence) {
		return 0
	}
	return silence
}

// Speed returns how many records a second the owner commits, measured over the last two intervals between its commits;
// -1 until two commits were seen, and when the next one is overdue.
func (l Lane) Speed(now time.Time) float64 {
	n := len(l.Commits)
	if n < 2 {
		return -1
	}

	last, first := l.Commits[n-1], l.Commits[max(n-3, 0)]
	if now.Sub(last.At) > max(l.interval()*3/2, leastSilence) {
		if l.Lag() == 0 {
			return 0
		}
		return -1
	}
	return float64(last.Offset-first.Offset) / last.At.Sub(first.At).Seconds()
}

// continuing returns a look at a lane with the history of earlier looks.
func (l Lane) continuing(before Lane, at time.Time) Lane {
	l.OwnedSince = before.OwnedSince
	l.Commits = before.Commits
	if l.Owner != before.Owner {
		l.OwnedSince = at
		l.Commits = nil
	}

	moved := l.Committed != before.Committed
	switch {
	case l.Committed < before.Committed:
		l.Commits = nil // rewound: there is no speed to measure
	case moved && l.Owner == before.Owner:
		kept := l.Commits[max(len(l.Commits)-commitsKept+1, 0):]
		l.Commits = slices.Concat(kept, []Commit{{At: at, Offset: l.Committed}}) // snapshots share the old ones
	}

	if l.End > max(l.Committed, l.Start, 0) {
		if l.Waiting = before.Waiting; moved || l.Waiting.IsZero() {
			l.Waiting = at
		}
	}
	return l
}
