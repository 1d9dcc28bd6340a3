package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// The programs of a run with three leaderboards, as in a sample.
const (
	producer = iota
	board1
	board2
	board3
	clients
)

func TestVerdict(t *testing.T) {
	flat := vitals{40, 60, 20}
	for name, c := range map[string]struct {
		samples int
		change  func(n int, s *sample)
		wrong   string // part of the error; empty for none
	}{
		"flat":                     {60, func(int, *sample) {}, ""},
		"too few after the kill":   {19 + leastSamples, func(int, *sample) {}, "too few"},
		"a heap's saw-tooth":       {60, func(n int, s *sample) { s.Programs[board1].MB += float64(n % 7 * 5) }, ""},
		"an index that fills":      {60, func(n int, s *sample) { s.Programs[board2].MB += float64(5 * min(n, 35)) }, ""},
		"growth before the kill":   {60, func(n int, s *sample) { s.Programs[board1].Files += float64(50 * min(n, 20)) }, ""},
		"a leak of memory":         {60, func(n int, s *sample) { s.Programs[clients].MB += float64(n) }, "client grows"},
		"a leak of goroutines":     {60, func(n int, s *sample) { s.Programs[producer].Goroutines += float64(2 * n) }, "producer-svc grows"},
		"a leak of files":          {60, func(n int, s *sample) { s.Programs[board3].Files += float64(n) }, "leaderboard 3 grows"},
		"a program that is silent": {60, func(_ int, s *sample) { s.Programs[clients].Goroutines = 0 }, "client grows"},
		"a board that is old":      {60, func(n int, s *sample) { s.Age += time.Duration(n/50) * time.Minute }, "a board that was 1m"},
		"old before the kill":      {60, func(n int, s *sample) { s.Age += time.Duration(n%20/19) * time.Minute * time.Duration(max(0, 20-n)) }, ""},
		"viewers that stay away":   {60, func(n int, s *sample) { s.Open -= int64(n / 20) }, "28 of 30 viewers"},
		"a viewer's reconnect":     {60, func(n int, s *sample) { s.Open -= int64(n / 59) }, ""},
	} {
		s := &seen{Flags: flags{Replicas: 3, Viewers: 30}, Kill: &kill{At: 20 * time.Second}}
		for n := range c.samples {
			one := sample{At: time.Duration(n) * time.Second, Programs: []vitals{flat, flat, flat, flat, flat}, Age: time.Second, Open: 30}
			c.change(n, &one)
			s.Samples = append(s.Samples, one)
		}
		var out strings.Builder
		if err := verdict(s, &out); c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVerdictOnTheKillAndTheVotes(t *testing.T) {
	run := func(replicas int) *seen {
		s := &seen{Flags: flags{Replicas: replicas, For: time.Minute}, Questions: 2, Votes: 600}
		for n := range 60 {
			one := sample{At: time.Duration(n) * time.Second}
			for range programs(replicas) {
				one.Programs = append(one.Programs, vitals{40, 60, 20})
			}
			s.Samples = append(s.Samples, one)
		}
		return s
	}

	var out strings.Builder
	if err := verdict(run(1), &out); err != nil || !strings.Contains(out.String(), "| 1m0s | producer-svc | leaderboard 1 | client |\n|---|---|---|---|\n| MB | 40.0 → 40.0 |") {
		t.Errorf("one leaderboard: %v\n%s", err, &out)
	}

	out.Reset()
	s := run(3)
	s.Kill = &kill{Killed: 1, Next: 0, Fresh: []time.Duration{5 * time.Second, 11 * time.Second, time.Second}, At: 20 * time.Second}
	if err := verdict(s, &out); err != nil || !strings.Contains(out.String(), "| leaderboard 1, holder | leaderboard 2, killed | leaderboard 3 |") {
		t.Errorf("three leaderboards: %v\n%s", err, &out)
	}

	s.Kill.Fresh[0] += time.Millisecond
	if err := verdict(s, &out); err == nil || !strings.Contains(err.Error(), "leaderboard 1 was fresh 5.001s after the kill") {
		t.Errorf("a long gap: %v", err)
	}

	s = run(3)
	s.Faults = []error{errors.New("a vote is lost")}
	if err := verdict(s, &out); err == nil || err.Error() != "a vote is lost" {
		t.Errorf("a lost vote: %v", err)
	}
}

func TestMiscount(t *testing.T) {
	voters := []*voter{{option: 0}, {option: 1}, {option: 1}, {option: -1}}
	for name, c := range map[string]struct {
		shown tally
		wrong bool
	}{
		"each once":           {tally{Votes: 3, Counts: []int{1, 2, 0}}, false},
		"one lost":            {tally{Votes: 2, Counts: []int{1, 1, 0}}, true},
		"one twice":           {tally{Votes: 4, Counts: []int{1, 3, 0}}, true},
		"the one before it":   {tally{Votes: 3, Counts: []int{2, 1, 0}}, true},
		"a number of its own": {tally{Votes: 4, Counts: []int{1, 2, 0}}, true},
	} {
		if err := miscount(voters, c.shown); (err != nil) != c.wrong {
			t.Errorf("%s: %v", name, err)
		}
	}
}
