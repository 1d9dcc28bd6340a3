package story

import (
	"testing"
	"time"

	"kafka-workshop/internal/group"
	"kafka-workshop/participant-client/member"
)

// A colleague's short name distinguishes it from the others: by process and number on this machine, with the host elsewhere.
func TestShortNames(t *testing.T) {
	for _, test := range []struct {
		group  string
		client string
		want   string
	}{
		{"team-7", "team-7-anna-4712-1", "4712-1"},
		{"team-7", "team-7-bob-4711-1", "bob-4711-1"},
		{"team-7", "team-7-anna-maria-4711-1", "anna-maria-4711-1"}, // begins like this host
		{"team-7", "team-7-anna-python", "anna-python"},
		{"team-7", "team-7-python", "python"},
		{"team-7", "somebody", "somebody"},
		{"team-7", "team-7-", "no name"},
		{"spring.team-7", "team-7-bob-4711-1", "bob-4711-1"},
		{"web-events-group-7", "team-7-anna-4712-2", "4712-2"},
	} {
		cfg := config()
		cfg.Group, cfg.Host = test.group, "anna"
		if got := newNamer(cfg).name(group.Member{ClientID: test.client}); got != test.want {
			t.Errorf("%s in %s: %q, want %q", test.client, test.group, got, test.want)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, test := range []struct {
		name  string
		width int
		want  string
	}{
		{"bob-4711-1", 10, "bob-4711-1"},
		{"annas-macbook-pro-4711-1", 12, "anna…-4711-1"},
		{"annas-macbook-pro-1", 9, "annas-…-1"},
		{"annas-macbook-pro-4711-1", 8, "…-4711-1"},
		{"annas-macbook-pro-4711-1", 5, "…11-1"},
		{"annas-macbook-pro-4711-1", 0, "…"},
		{"a name without an end", 8, "a name …"},
		{"member 12", 8, "memb… 12"},
	} {
		if got := Shorten(test.name, test.width); got != test.want {
			t.Errorf("%s in %d cells: %q, want %q", test.name, test.width, got, test.want)
		}
	}
}

// A sentence about a colleague's member has its colour, also after it is gone.
func TestSentencesHaveTheColourOfTheirMember(t *testing.T) {
	r := newRoom(config())
	colour := func(s Sentence) int {
		c, ok := r.Colour(s)
		if !ok {
			return -1
		}
		return c
	}
	came := r.at(0, member.Event{Kind: member.Joined, Member: bob})
	if len(came) != 1 || colour(came[0]) != 1 {
		t.Errorf("came: %+v has colour %d, want bob's 1", came, colour(came[0]))
	}
	owned := []int32{0, 1, 2, 3, 4}
	gone := r.at(time.Second,
		member.Event{Kind: member.Joined, Gone: true, Member: bob, Partitions: []int32{3, 4}},
		member.Event{Kind: member.Assigned, Instance: 1, Before: owned[:3], Owned: owned, Partitions: owned})
	gone = append(gone, r.at(2*time.Second)...)
	if len(gone) != 3 {
		t.Fatalf("said %+v", gone)
	}
	for i, want := range []int{1, 0, 1} { // departed, assigned, handover
		if got := colour(gone[i]); got != want {
			t.Errorf("%s: colour %d, want %d", gone[i], got, want)
		}
	}
	if got := colour(Sentence{Kind: Unordered}); got != -1 {
		t.Errorf("a sentence about nobody has colour %d", got)
	}
}
