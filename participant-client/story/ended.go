package story

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kafka-workshop/participant-client/member"
)

// listedCommits is how many partitions the last line names one by one.
const listedCommits = 8

// EndOf returns the last sentence about a run: what its members have read and committed. It is false if no member was
// started. unreadable is how many records held no user.
func EndOf(t member.Totals, unreadable int64, now time.Time) (Sentence, bool) {
	return Sentence{
		Kind: Ended, At: now, Count: t.Records, Twice: t.Duplicates, Flagged: t.Flagged, Unreadable: unreadable,
		Partitions: slices.Sorted(maps.Keys(t.Committed)), Offsets: t.Committed, Uncommitted: t.Uncommitted,
	}, t.Members > 0
}

func (s Sentence) ended() string {
	read := "Read " + records(s.Count)
	for _, part := range []struct {
		n    int64
		text string
	}{{s.Twice, "of them twice"}, {s.Flagged, "made an action of"}, {s.Unreadable, "without a user"}} {
		if part.n > 0 {
			read += fmt.Sprintf(", %d %s", part.n, part.text)
		}
	}

	var committed []string
	for _, p := range s.Partitions {
		committed = append(committed, fmt.Sprintf("P%d at %d", p, s.Offsets[p]))
	}
	switch {
	case len(committed) == 0:
		read += "; nothing is committed"
	case len(committed) > listedCommits:
		read += "; committed " + partitions(len(committed))
	default:
		read += "; committed " + strings.Join(committed, ", ")
	}
	if s.Uncommitted > 0 && len(committed) > 0 {
		read += fmt.Sprintf("; %s beyond that are not", records(s.Uncommitted))
	}
	return read
}
