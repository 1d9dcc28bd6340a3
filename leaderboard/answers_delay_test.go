package main

import (
	"strings"
	"testing"
	"time"

	"kafka-workshop/leaderboard/game"
)

func (c *class) goodbye(t *testing.T) {
	t.Helper()
	for left := tries; left > 0; left-- {
		c.ask(t, game.AskGoodbye)
		gone, _, partitions := c.victim(t)
		at := time.Now()
		gone.interrupt()
		if c.holdDelay(t, at, c.readAgain(t, gone, partitions, at), left > 1) {
			return
		}
		c.join(t, 1)
		c.witness.settled(t, 6)
	}
}

func (c *class) silence(t *testing.T) {
	c.two(t)
	for left := tries; left > 0; left-- {
		c.ask(t, game.AskSilence)
		gone, _, partitions, at := c.killBetweenCommits(t)
		if c.holdDelay(t, at, c.readAgain(t, gone, partitions, at), left > 1) {
			return
		}
		c.second(t)
	}
}

// tries is how often a delay question is asked: on a busy machine, the sweeps may be too far apart to decide it.
const tries = 4

// holdDelay compares the answer with the time until others wrote records of the partitions. It returns false if the answer
// could not be observed and may is set.
func (c *class) holdDelay(t *testing.T, at time.Time, again map[int32]read, may bool) bool {
	t.Helper()
	took := longest(at, again)
	if got := c.decided(t); may && strings.HasPrefix(got.Reason, "could not be observed: it was between") {
		t.Logf("after %v: %s", took, got.Reason)
		return false
	}
	evidence := c.answered(t, delayOption(took))
	least, most := evidence["least_s"].(float64), evidence["most_s"].(float64)
	// A member reads shortly before or after the sweep that sees its assignment.
	const accuracy = 2
	if s := took.Seconds(); s < least-accuracy || s > most+accuracy {
		t.Errorf("after %.1f s the partitions were read again; the evidence is %v", s, evidence)
	}
	t.Logf("read again after %v, evidence %v", took, evidence)
	return true
}

// longest returns the time until all partitions were read again.
func longest(at time.Time, again map[int32]read) (took time.Duration) {
	for _, r := range again {
		took = max(took, r.at.Sub(at))
	}
	return took
}

// delayOption returns the option that contains a time.
func delayOption(took time.Duration) string {
	switch {
	case took < 3*time.Second:
		return "Less than 3 s"
	case took < 20*time.Second:
		return "3 to 20 s"
	case took < time.Minute:
		return "20 s to a minute"
	}
	return "Longer than a minute"
}
