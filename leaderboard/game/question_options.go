package game

import "slices"

// splitOptions returns ways in which n partitions could be shared once a member joins: the even one, and
// what people believe instead. Their order depends on the team, so that the right one has no fixed place.
func splitOptions(n, have, team int) []string {
	all := make([]int, have+1)
	for i := range all {
		all[i] = n
	}
	one := evenly(n, have)
	one[0]--
	out := []string{
		sharesText(evenly(n, have+1)),
		sharesText(append(evenly(n, have), 0)), // the newcomer waits
		sharesText(sorted(append(one, 1))),     // it gets a single one
		sharesText(all),                        // every member reads all
	}

	seen := map[string]bool{}
	out = slices.DeleteFunc(out, func(s string) bool {
		again := seen[s]
		seen[s] = true
		return again
	})
	k := team % len(out)
	return append(slices.Clone(out[k:]), out[:k]...)
}

// evenly shares n partitions among members, the larger shares first.
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

// A delay is a range of seconds that an option stands for.
type delay struct {
	from, to float64
	text     string
}

var delays = []delay{
	{0, 3, "Less than 3 s"}, {3, 20, "3 to 20 s"}, {20, 60, "20 s to a minute"}, {60, 1e9, "Longer than a minute"},
}

func delayOptions() []string {
	out := make([]string, len(delays))
	for i, d := range delays {
		out[i] = d.text
	}
	return out
}
