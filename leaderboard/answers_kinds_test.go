package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// membersComeAndGo asks split, idle, goodbye and grow, one after another.
func (c *class) membersComeAndGo(t *testing.T) {
	c.join(t, 1)
	c.witness.settled(t, 1)
	c.ask(t, game.AskSplit)
	c.join(t, 1)
	two := c.witness.settled(t, 2)
	c.answered(t, two.sizes())

	c.join(t, 3)
	before := c.witness.settled(t, 5)
	c.ask(t, game.AskIdle)
	c.join(t, 1)
	c.idle(t, before)

	c.goodbye(t)
	c.grow(t)
}

// idle checks that the answer names the right one of the members that could be idle.
func (c *class) idle(t *testing.T, before look) {
	t.Helper()
	now := c.witness.settled(t, 6)
	c.answered(t, "One member has nothing to read")
	for id, partitions := range now.members {
		if len(partitions) > 0 {
			continue
		}
		who := "the newcomer"
		if _, was := before.members[id]; was {
			who = "one that was there before"
		}
		if because := c.program.prediction(t).Answer.Because; !strings.Contains(because, who) {
			t.Errorf("%s is idle, and the answer is because %q", who, because)
		}
	}
}

// victim chooses a participant with one member that owns partitions, and returns these. The group is settled.
func (c *class) victim(t *testing.T) (gone *participant, member string, partitions []int32) {
	t.Helper()
	since := time.Now()
	c.witness.until(t, "a participant with one member that reads", func(l look) bool {
		owners := l.owners()
		for _, p := range slices.Backward(c.participants) {
			if p.members != 1 {
				continue
			}
			for partition := range p.reading(since) {
				gone, member, partitions = p, owners[partition], l.members[owners[partition]]
				return true
			}
		}
		return false
	})
	return gone, member, partitions
}

// two has two participants join, and waits until both have committed in their partitions.
func (c *class) two(t *testing.T, flags ...string) {
	t.Helper()
	c.join(t, 1, flags...)
	c.witness.settled(t, 1)
	c.second(t, flags...)
}

// second has another participant join the first, and waits until both have committed in their partitions.
func (c *class) second(t *testing.T, flags ...string) {
	t.Helper()
	c.join(t, 1, flags...)
	start := c.witness.settled(t, 2)
	c.witness.until(t, "commits of both", func(l look) bool {
		for p := range l.ends {
			if l.commits[p] <= start.ends[p] {
				return false
			}
		}
		return true
	})
}

// killBetweenCommits kills a participant that has written records which it has not committed.
func (c *class) killBetweenCommits(t *testing.T) (gone *participant, member string, partitions []int32, at time.Time) {
	t.Helper()
	gone, member, partitions = c.victim(t)
	c.witness.until(t, "records that are read and not committed", func(l look) bool {
		least := gone.last(partitions[0]) - l.commits[partitions[0]]
		for _, p := range partitions {
			least = min(least, gone.last(p)-l.commits[p])
		}
		return least >= 10 && least <= 30 // with more, the next commit is near
	})
	at = time.Now()
	gone.kill()
	return gone, member, partitions, at
}

func (c *class) resume(t *testing.T) {
	c.two(t)
	c.ask(t, game.AskResume)
	gone, member, partitions, at := c.killBetweenCommits(t)
	again := c.readAgain(t, gone, partitions, at)
	with, _ := c.witness.lastWith(member)

	found := map[string]bool{}
	for p, r := range again {
		switch r.offset {
		case with.commits[p]:
			found["At the last commit"] = true
		case gone.last(p):
			found["After the last record that was read"] = true
		default:
			found[fmt.Sprintf("P%d at %d: committed %d, read up to %d", p, r.offset, with.commits[p], gone.last(p))] = true
		}
	}
	if len(found) != 1 {
		t.Fatalf("the new owner goes on %v", found)
	}
	for where := range found {
		c.answered(t, where)
	}
}

func (c *class) twice(t *testing.T) {
	c.two(t)
	c.ask(t, game.AskTwice)
	gone, _, partitions, at := c.killBetweenCommits(t)
	again := c.readAgain(t, gone, partitions, at)
	evidence := c.answered(t, "Yes, those since the last commit")

	overlap := int64(0)
	for p, r := range again {
		overlap += max(gone.last(p)-r.offset, 0)
	}
	duplicates := c.duplicates(t)
	if got := evidence["duplicates"].(float64); duplicates == 0 || int64(got) != duplicates || duplicates > overlap {
		t.Errorf("%d records were written by both, %d actions are in the topic twice, the evidence is %v", overlap, duplicates, evidence)
	}
}

// duplicates counts the actions about customers that already had one, in the topic of team 1.
func (c *class) duplicates(t *testing.T) (n int64) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range c.all(t, c.Actions(1)) {
		var a workshop.Action
		if err := json.Unmarshal(r.Value, &a); err != nil {
			t.Fatal(err)
		}
		if seen[a.Customer] {
			n++
		}
		seen[a.Customer] = true
	}
	return n
}

// grow adds a partition while each member has one.
func (c *class) grow(t *testing.T) {
	t.Helper()
	before := c.witness.settled(t, 5)
	c.ask(t, game.AskGrow)
	if _, err := c.witness.admin.CreatePartitions(t.Context(), 1, c.Topic()); err != nil {
		t.Fatal(err)
	}
	now := c.witness.until(t, "six partitions with an owner", func(l look) bool {
		return l.stable && len(l.ends) == 6 && len(l.owners()) == 6
	})

	option := "One member gets it, the others keep theirs"
	for p, owner := range before.owners() {
		if now.owners()[p] != owner {
			option = "All partitions are dealt out again"
		}
	}
	c.answered(t, option)
}

// keys asks about the topic: from now on, records have few keys.
func (c *class) keys(t *testing.T) {
	c.startProducer(t, "100")
	c.ask(t, game.AskKeys)
	wait.Until(t, "the keys are set", func() bool { return c.program.act(t, "load", `{"keys":"fixed"}`) == http.StatusOK })
	got := c.decided(t)
	if got.Answer == nil {
		t.Fatalf("%+v", got)
	}

	from := c.witness.until(t, "log ends", func(look) bool { return true })
	to := c.witness.until(t, "records", func(l look) bool { return total64(l.ends) > total64(from.ends)+500 })
	filled := 0
	for p, end := range to.ends {
		if end > from.ends[p] {
			filled++
		}
	}
	option := "At most 4: a key has one partition"
	switch filled {
	case 1:
		option = "One"
	case workshop.ScaleUp.Partitions:
		option = "All 5, evenly"
	}
	if evidence := c.answered(t, option); int(evidence["filled"].(float64)) != filled {
		t.Errorf("%d partitions fill, the evidence is %v", filled, evidence)
	}
}

func total64(offsets map[int32]int64) (sum int64) {
	for _, o := range offsets {
		sum += o
	}
	return sum
}
