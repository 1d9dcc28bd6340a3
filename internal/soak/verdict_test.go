package main

import (
	"io"
	"testing"
	"time"
)

func TestVerdict(t *testing.T) {
	flat := vitals{40, 60, 20}
	for name, c := range map[string]struct {
		samples int
		change  func(n int, s *sample)
		grows   bool
	}{
		"flat":                     {60, func(int, *sample) {}, false},
		"too few":                  {leastSamples - 1, func(int, *sample) {}, true},
		"a heap's saw-tooth":       {60, func(n int, s *sample) { s.Leaderboard.MB += float64(n % 7 * 5) }, false},
		"an index that fills":      {60, func(n int, s *sample) { s.Leaderboard.MB += float64(5 * min(n, 20)) }, false},
		"a leak of memory":         {60, func(n int, s *sample) { s.Client.MB += float64(n) }, true},
		"a leak of goroutines":     {60, func(n int, s *sample) { s.Producer.Goroutines += float64(n) }, true},
		"a leak of files":          {60, func(n int, s *sample) { s.Leaderboard.Files += float64(n) }, true},
		"a program that is silent": {60, func(_ int, s *sample) { s.Client.Goroutines = 0 }, true},
	} {
		var samples []sample
		for n := range c.samples {
			s := sample{At: time.Duration(n) * time.Second, Producer: flat, Leaderboard: flat, Client: flat}
			c.change(n, &s)
			samples = append(samples, s)
		}
		if err := verdict(samples, io.Discard); (err != nil) != c.grows {
			t.Errorf("%s: %v", name, err)
		}
	}
}
