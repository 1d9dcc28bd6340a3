package story

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kafka-workshop/participant-client/member"
)

// Pause formats a pause: 1.2 s, 80 ms.
func Pause(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%d ms", max(d.Milliseconds(), 1))
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// Names formats partitions as P0 P1 P2.
func Names(ids []int32) string {
	if len(ids) == 0 {
		return "none"
	}
	var out []string
	for _, p := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		out = append(out, fmt.Sprintf("P%d", p))
	}
	return strings.Join(out, " ")
}

func owned(total int) string {
	if total > 0 {
		return "all " + partitions(total) + " have owners"
	}
	return "all partitions have owners"
}

func partitions(n int) string {
	return fmt.Sprintf("%d %s", n, plural(n, "partition", "partitions"))
}

// list joins names as in a, b and c.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// cooperates reports whether members with this assignor continue to read the partitions that they keep.
func cooperates(assignor string) bool {
	return assignor == member.CooperativeSticky || assignor == member.Server
}

func records(n int64) string { return fmt.Sprintf("%d %s", n, plural(int(n), "record", "records")) }
