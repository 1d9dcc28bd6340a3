package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// leastSamples are needed for a first and a last part that mean something.
const leastSamples = 8

// How much the last part may lie above the first. What the collector has not freed yet moves memory by
// more than a leak of a few bytes a record would at first, hence a share and a constant.
const (
	share     = 0.10
	freeMB    = 6
	freeFiles = 8 // goroutines and open files: a connection or two that were just made again
)

// verdict compares the last part of the run with the one behind the warm-up, by their medians: a heap's
// saw-tooth moves single samples.
func verdict(samples []sample, out io.Writer) error {
	if len(samples) < leastSamples {
		return fmt.Errorf("%d looks are too few to judge by: watch for %d", len(samples), leastSamples)
	}
	warm := len(samples) * 2 / 5 // caches and the leaderboard's index of users fill
	rest := samples[warm:]
	early, late := rest[:len(rest)/3], rest[len(rest)-len(rest)/3:]
	var faults []error
	for _, p := range []struct {
		name string
		of   func(sample) vitals
	}{
		{"producer-svc", func(s sample) vitals { return s.Producer }},
		{"leaderboard", func(s sample) vitals { return s.Leaderboard }},
		{"participant-client", func(s sample) vitals { return s.Client }},
	} {
		for _, m := range []struct {
			name string
			free float64
			of   func(vitals) float64
		}{
			{"MB", freeMB, func(v vitals) float64 { return v.MB }},
			{"goroutines", freeFiles, func(v vitals) float64 { return v.Goroutines }},
			{"open files", freeFiles, func(v vitals) float64 { return v.Files }},
		} {
			of := func(s sample) float64 { return m.of(p.of(s)) }
			first, last := median(early, of), median(late, of)
			fmt.Fprintf(out, "%s, %s: %.1f, later %.1f\n", p.name, m.name, first, last)
			if first == 0 || last > first*(1+share)+m.free {
				faults = append(faults, fmt.Errorf("%s grows: %.1f %s, later %.1f", p.name, first, m.name, last))
			}
		}
	}
	return errors.Join(faults...)
}

func median(samples []sample, of func(sample) float64) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
