package member

import (
	"testing"
	"time"
)

// look is one look at a lane, at seconds after the first.
type look struct {
	at             int
	owner          string
	committed, end int64
}

func follow(looks []look) (Lane, time.Time) {
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var l Lane
	now := start
	for i, k := range looks {
		now = start.Add(time.Duration(k.at) * time.Second)
		seen := Lane{Owner: k.owner, Committed: k.committed, End: k.end}
		if i == 0 {
			l = Lane{Owner: k.owner, Committed: k.committed, End: k.end, OwnedSince: now}
		}
		l = seen.continuing(l, now)
	}
	return l, now
}

func TestSilence(t *testing.T) {
	for _, test := range []struct {
		name  string
		looks []look
		want  time.Duration
	}{
		{"a record every ten seconds, committed after four", []look{{0, "a", 5, 5}, {10, "a", 5, 6}, {14, "a", 6, 6}, {24, "a", 6, 7}, {28, "a", 7, 7}, {38, "a", 7, 8}}, 0},
		{"the first record after a quiet minute", []look{{0, "a", 5, 5}, {10, "a", 5, 6}, {14, "a", 6, 6}, {60, "a", 6, 7}, {63, "a", 6, 7}}, 0},
		{"the new owner after a takeover", []look{{0, "a", 5, 9}, {12, "b", 5, 30}, {13, "b", 5, 31}}, 0},
		{"nothing waits", []look{{0, "a", 5, 5}, {60, "a", 5, 5}}, 0},
		{"nobody owns it", []look{{0, "", 5, 9}, {60, "", 5, 10}}, 0},
		{"longer than usual", []look{{0, "a", 5, 9}, {5, "a", 9, 12}, {10, "a", 12, 15}, {18, "a", 12, 23}}, 8 * time.Second},
		{"an owner that commits each second", []look{{0, "a", 5, 9}, {1, "a", 9, 12}, {2, "a", 12, 15}, {6, "a", 12, 23}}, 4 * time.Second},
		{"not yet three seconds", []look{{0, "a", 5, 9}, {1, "a", 9, 12}, {2, "a", 12, 15}, {4, "a", 12, 23}}, 0},
	} {
		if l, now := follow(test.looks); l.Silence(now) != test.want {
			t.Errorf("%s: silent for %v, want %v", test.name, l.Silence(now), test.want)
		}
	}
}

func TestSpeed(t *testing.T) {
	for _, test := range []struct {
		name  string
		looks []look
		want  float64
	}{
		{"a group's first commit", []look{{0, "a", -1, 90_000}, {5, "a", 90_000, 90_000}}, -1},
		{"between commits", []look{{0, "a", 0, 10}, {5, "a", 10, 20}, {10, "a", 20, 30}, {11, "a", 20, 32}, {14, "a", 20, 38}}, 2},
		{"an uneven second", []look{{0, "a", 0, 10}, {5, "a", 10, 20}, {11, "a", 20, 30}, {15, "a", 30, 38}}, 2},
		{"a reset", []look{{0, "a", 0, 10}, {5, "a", 10, 20}, {10, "a", 20, 30}, {11, "a", 3, 30}}, -1},
		{"another owner", []look{{0, "a", 0, 10}, {5, "a", 10, 20}, {10, "a", 20, 30}, {15, "b", 90, 90}, {20, "b", 95, 95}}, -1},
		{"nothing comes any more", []look{{0, "a", 0, 10}, {5, "a", 10, 20}, {10, "a", 20, 20}, {25, "a", 20, 20}}, 0},
		{"overdue", []look{{0, "a", 0, 10}, {5, "a", 10, 20}, {10, "a", 20, 30}, {25, "a", 20, 40}}, -1},
	} {
		if l, now := follow(test.looks); l.Speed(now) != test.want {
			t.Errorf("%s: %v a second, want %v", test.name, l.Speed(now), test.want)
		}
	}
}

// Records before the log start do not exist any more, so they do not count as lag.
func TestLagCountsRecordsThatExist(t *testing.T) {
	for _, test := range []struct {
		lane Lane
		want int64
	}{
		{Lane{Committed: 5, Start: 0, End: 20}, 15},
		{Lane{Committed: 5, Start: 12, End: 20}, 8},
		{Lane{Committed: 5, Start: -1, End: 20}, 15},
		{Lane{Committed: -1, Start: 12, End: 20}, -1},
		{Lane{Committed: 25, Start: 12, End: 20}, 0},
	} {
		if got := test.lane.Lag(); got != test.want {
			t.Errorf("%+v: lag %d, want %d", test.lane, got, test.want)
		}
	}
}
