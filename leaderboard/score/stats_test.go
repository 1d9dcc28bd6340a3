package score

import (
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

const statsExample = `{"team":"…","processed":12,"flagged":1}`

func TestRefusedStatsAreTold(t *testing.T) {
	now := epoch.Add(time.Minute)
	for name, c := range map[string]struct{ value, want string }{
		"right":           {`{"team":"team-1","processed":12,"flagged":1}`, ""},
		"12.0 and 1e0":    {`{"team":"team-1","processed":12.0,"flagged":1e0}`, ""},
		"more fields":     {`{"team":"team-1","processed":12,"flagged":1,"at":[]}`, ""},
		"as text":         {`{"team":"team-1","processed":"12","flagged":1}`, "processed is a string: write it as a number, without quotes"},
		"below 0":         {`{"team":"team-1","processed":-1,"flagged":0}`, "processed is -1: write a whole number, from 0"},
		"a half":          {`{"team":"team-1","processed":1.5,"flagged":0}`, "processed is 1.5: write a whole number, from 0"},
		"too many":        {`{"team":"team-1","processed":1e300,"flagged":0}`, "processed is 1e+300: write a whole number, from 0"},
		"without flagged": {`{"team":"team-1","processed":1}`, "flagged is missing: it is a whole number, from 0"},
		"null":            {`{"team":"team-1","processed":null,"flagged":0}`, "processed is missing: it is a whole number, from 0"},
		"another team":    {`{"team":"team-2","processed":1,"flagged":0}`, "team is team-2, this topic is team-1's"},
		"without team":    {`{"processed":1,"flagged":0}`, "team is missing: yours is team-1"},
		"team as number":  {`{"team":1,"processed":1,"flagged":0}`, "team is a number: write it as text, in quotes"},
		"an array":        {`[]`, "the value is JSON but an array: send an object like " + statsExample},
		"no JSON":         {"\x00\x00\x00\x00\x01{}", "the value is not JSON: send " + statsExample},
		"of a partition":  {`{"team":"team-1","processed":12,"flagged":1,"partition":3,"next_offset":40}`, ""},
		"no next offset":  {`{"team":"team-1","processed":12,"flagged":1,"partition":3}`, "next_offset is missing: counts of a partition have both partition and next_offset"},
		"no partition":    {`{"team":"team-1","processed":12,"flagged":1,"next_offset":3}`, "partition is missing: counts of a partition have both partition and next_offset"},
		"a wild number":   {`{"team":"team-1","processed":1,"flagged":1,"partition":5e9,"next_offset":3}`, "partition is 5000000000: no topic has so many"},
		"empty":           {" ", "the value is empty: send JSON like " + statsExample},
	} {
		l := newLedger(1, 1000)
		for range 3 {
			l.stats(1, report{key: "a", value: []byte(c.value), at: now}, now, false)
		}
		got := l.works()[0]
		if c.want == "" {
			if len(got.Rejections) != 0 || got.StatsAt.IsZero() || got.Processed != 12 {
				t.Errorf("%s: %+v", name, got)
			}
			continue
		}
		if len(got.Rejections) != 1 || got.Rejections[0].Reason != c.want || got.Rejections[0].Of != game.OfStats {
			t.Errorf("%s: %+v, want once: %s", name, got.Rejections, c.want)
		}
		if got.Rejected != 0 || !got.StatsAt.IsZero() {
			t.Errorf("%s: counted: %+v", name, got)
		}
	}
}

func TestATombstoneOfStatsIsNoMistake(t *testing.T) {
	l := newLedger(1, 1000)
	l.stats(1, report{key: "a", at: epoch}, epoch, false)
	l.stats(1, report{key: "a", value: []byte(strings.Repeat(" ", workshop.MaxValue+1)), at: epoch}, epoch, true)
	if got := l.works()[0].Rejections; len(got) != 0 {
		t.Errorf("%+v, want nothing told", got)
	}
}

// Counts of partitions are separate from those of programs, and those that go furthest count.
func TestCountsOfPartitions(t *testing.T) {
	now := epoch.Add(time.Minute)
	l := newLedger(1, 1000)
	tell := func(key, value string, headers map[string]string) {
		l.stats(1, report{key: key, value: []byte(value), headers: headers, at: now}, now, false)
	}
	tell("partition-0", `{"team":"team-1","processed":10,"flagged":1,"partition":0,"next_offset":10}`, map[string]string{"member_id": "a", "topic_id": "aa"})
	tell("partition-1", `{"team":"team-1","processed":5,"flagged":2,"partition":1,"next_offset":7}`, nil)
	if got := l.works()[0]; got.Processed != 15 || got.Flagged != 3 || len(got.States) != 2 {
		t.Errorf("%+v, want the sum of the partitions", got)
	}

	tell("laptop-1", `{"team":"team-1","processed":3,"flagged":0}`, nil)
	if got := l.works()[0]; got.Processed != 3 || got.Flagged != 0 {
		t.Errorf("%+v, want the program's own counts", got)
	}

	tell("partition-0", `{"team":"team-1","processed":8,"flagged":1,"partition":0,"next_offset":8}`, map[string]string{"member_id": "z", "topic_id": "aa"})
	if got := l.teams[0].states[0]; got.Next != 10 || got.MemberID != "a" {
		t.Errorf("%+v, want those that go furthest", got)
	}
	tell("partition-0", `{"team":"team-1","processed":2,"flagged":0,"partition":0,"next_offset":2}`, map[string]string{"member_id": "b", "topic_id": "bb"})
	if got := l.teams[0].states[0]; got.Next != 2 || got.MemberID != "b" {
		t.Errorf("%+v, want those of the new topic", got)
	}
}
