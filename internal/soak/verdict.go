package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// leastSamples are needed for a meaningful first and last part.
const leastSamples = 8

// How much the last part may be above the first. Memory that the collector has not freed yet makes more difference than
// a leak of a few bytes a record would at first, hence a share and a constant.
const (
	share     = 0.10
	freeMB    = 6
	freeFiles = 8 // goroutines and open files: a connection or two that were just made again
)

// longestGap is how old a board may be, and how long a kill may leave it outdated.
const longestGap = 5 * time.Second

// verdict prints what was seen and returns its faults.
func verdict(s *seen, out io.Writer) error {
	samples := s.Samples
	if s.Kill != nil { // the killed leaderboard has started again, and another has taken over
		samples = slices.DeleteFunc(slices.Clone(samples), func(l sample) bool { return l.At < s.Kill.At })
	}
	if len(samples) < leastSamples {
		return fmt.Errorf("%d looks are too few to judge by: watch for %d", len(samples), leastSamples)
	}

	faults := append(slices.Clone(s.Faults), s.growth(samples, out)...)
	return errors.Join(append(faults, s.service(samples, out)...)...)
}

// growth compares the last part of the samples with the one after the warm-up, by their medians: a heap's saw-tooth
// moves single samples. It prints the table of docs/benchmarks.md.
func (s *seen) growth(samples []sample, out io.Writer) (faults []error) {
	rest := samples[len(samples)*2/5:] // before, caches and the leaderboard's index of users fill
	early, late := rest[:len(rest)/3], rest[len(rest)-len(rest)/3:]
	names := programs(s.Flags.Replicas)
	fmt.Fprintf(out, "\n| %v | %s |\n|---|%s\n", s.Flags.For, strings.Join(s.titles(names), " | "), strings.Repeat("---|", len(names)))

	for _, m := range []struct {
		name  string
		free  float64
		print string
		of    func(vitals) float64
	}{
		{"MB", freeMB, " %.1f → %.1f |", func(v vitals) float64 { return v.MB }},
		{"goroutines", freeFiles, " %.0f → %.0f |", func(v vitals) float64 { return v.Goroutines }},
		{"open files", freeFiles, " %.0f → %.0f |", func(v vitals) float64 { return v.Files }},
	} {
		fmt.Fprintf(out, "| %s |", m.name)
		for i, name := range names {
			of := func(s sample) float64 { return m.of(s.Programs[i]) }
			first, last := median(early, of), median(late, of)
			fmt.Fprintf(out, m.print, first, last)
			if first == 0 || last > first*(1+share)+m.free {
				faults = append(faults, fmt.Errorf("%s grows: %.1f %s, later %.1f", name, first, m.name, last))
			}
		}
		fmt.Fprintln(out)
	}
	return faults
}

// titles returns the names of the programs and what happened to them.
func (s *seen) titles(names []string) []string {
	out := slices.Clone(names)
	if s.Kill == nil {
		return out
	}
	out[1+s.Kill.Killed] += ", killed"
	out[1+s.Kill.Next] += ", holder"
	return out
}

// service judges what the room got: fresh boards, events, votes.
func (s *seen) service(samples []sample, out io.Writer) (faults []error) {
	last := s.Samples[len(s.Samples)-1]
	var age time.Duration
	for _, l := range samples {
		age = max(age, l.Age)
	}
	fmt.Fprintf(out, "\n%d events to %d viewers, who reconnected %d times; %d votes on %d questions; the oldest board %.1f s.\n",
		last.Events, s.Flags.Viewers, last.Reconnects, s.Votes, s.Questions, age.Seconds())
	if age > longestGap {
		faults = append(faults, fmt.Errorf("a leaderboard showed a board that was %v old", age.Round(time.Millisecond)))
	}
	late := samples[len(samples)*4/5:]
	if n := median(late, func(l sample) float64 { return float64(l.Open) }); n < float64(s.Flags.Viewers) {
		faults = append(faults, fmt.Errorf("%.0f of %d viewers have a stream in the end", n, s.Flags.Viewers))
	}

	if k := s.Kill; k != nil {
		fmt.Fprintf(out, "%s was killed, and %s held the room then. Boards were fresh again after", boardName(k.Killed), boardName(k.Next))
		for i, gap := range k.Fresh {
			fmt.Fprintf(out, " %.1f s", gap.Seconds())
			if alone := len(k.Fresh) == 1; gap > longestGap && (alone || i != k.Killed) { // the others serve its viewers while it starts
				faults = append(faults, fmt.Errorf("%s was fresh %v after the kill", boardName(i), gap.Round(time.Millisecond)))
			}
		}
		fmt.Fprintln(out, ".")
	}
	return faults
}

func median(samples []sample, of func(sample) float64) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
