package game

import (
	"fmt"
	"slices"
)

// An option is an answer to vote for, with the belief of those who choose it: a clause, as in "every member gets work".
type option struct{ text, belief string }

// offer sets the options to vote for.
func (q *Question) offer(options ...option) {
	for _, o := range options {
		q.Options = append(q.Options, o.text)
		q.Beliefs = append(q.Beliefs, o.belief)
	}
}

var (
	idleOptions = []option{
		{"Two members share a partition", "every member gets work"},
		{"One member has nothing to read", "a member can be left without work"},
		{"Each reads a part of every partition", "every member gets work"},
		{"Kafka refuses the member", "Kafka refuses a member that is one too many"},
	}
	growOptions = []option{
		{"Nothing, until its members start again", "members have to start again before they see a new partition"},
		{"One member gets it, the others keep theirs", "adding a partition moves no other"},
		{"All partitions are dealt out again", "a new partition makes the group deal out all of them again"},
	}
	twiceOptions = []option{
		{"No, each record once", "each record is processed once"},
		{"Yes, those since the last commit", "a crash repeats what was not committed"},
		{"Yes, all from the start of the topic", "a crash sends the group back to the start of the topic"},
	}
	resumeOptions = []option{
		{"At the oldest record", "a new owner begins at the oldest record"},
		{"At the last commit", "a new owner goes on at the last commit"},
		{"After the last record that was read", "a new owner knows what was read last"},
		{"At the newest record", "a new owner begins at the newest record"},
	}

	// The beliefs behind each of the delays.
	crashBeliefs   = []string{"a crash is noticed at once", "a crash is noticed within seconds", "a crash stays unnoticed for longer than 20 s", "a crash stays unnoticed for longer than 20 s"}
	goodbyeBeliefs = []string{"a member that leaves hands over at once", "the group waits for a member that has left", "the group waits for a member that has left", "the group waits for a member that has left"}
)

func keysOptions(keys, partitions int) []option {
	return []option{
		{"One", "all keys go to one partition"},
		{fmt.Sprintf("At most %d: a key has one partition", keys), "a key has one partition"},
		{fmt.Sprintf("All %d, evenly", partitions), "records with few keys fill every partition"},
	}
}

// splitOptions returns ways in which n partitions could be shared once a member joins: the even one, and common
// misconceptions. Their order depends on the team, so that the right one has no fixed place.
func splitOptions(n, have, team int) []option {
	all := make([]int, have+1)
	for i := range all {
		all[i] = n
	}
	one := evenly(n, have)
	one[0]--
	out := []option{
		{sharesText(evenly(n, have+1)), "partitions are shared out evenly"},
		{sharesText(append(evenly(n, have), 0)), "a member that joins has to wait until another leaves"},
		{sharesText(sorted(append(one, 1))), "a member that joins gets a single partition"},
		{sharesText(all), "every member reads every partition"},
	}

	seen := map[string]bool{}
	out = slices.DeleteFunc(out, func(o option) bool {
		again := seen[o.text]
		seen[o.text] = true
		return again
	})
	k := team % len(out)
	return append(slices.Clone(out[k:]), out[:k]...)
}

// evenly divides n partitions among members, the larger shares first.
func evenly(n, members int) []int {
	out := make([]int, members)
	for i := range out {
		out[i] = n / members
		if i < n%members {
			out[i]++
		}
	}
	return out
}

func sorted(sizes []int) []int {
	slices.SortFunc(sizes, func(a, b int) int { return b - a })
	return sizes
}

// A delay is the range of seconds that an option represents.
type delay struct {
	from, to float64
	text     string
}

var delays = []delay{
	{0, 3, "Less than 3 s"}, {3, 20, "3 to 20 s"}, {20, 60, "20 s to a minute"}, {60, 1e9, "Longer than a minute"},
}

func delayOptions(beliefs []string) []option {
	out := make([]option, len(delays))
	for i, d := range delays {
		out[i] = option{d.text, beliefs[i]}
	}
	return out
}
