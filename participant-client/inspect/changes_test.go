package inspect

import (
	"slices"
	"testing"
	"time"
)

func lookAt(rows ...Row) table { return partitionTable(rows) }

func at(partition, committed number, owner text) Row {
	return Row{Group: "g", Topic: "t", Partition: partition, Committed: committed, MemberID: owner}
}

func TestWatchMarksWhatChanged(t *testing.T) {
	var c changes
	now := time.Unix(0, 0)
	if got := c.update(now, lookAt(at(0, 5, "a"), at(1, 7, "a"), at(2, 9, "a"))); !slices.Equal(got, []change{"", "", ""}) {
		t.Errorf("the first look marks %q", got)
	}

	idle := Row{Group: "g", Partition: -1, MemberID: "c"}
	got := c.update(now.Add(2*time.Second), lookAt(at(0, 5, "a"), at(1, 8, "a"), at(2, 9, "b"), idle))
	if want := []change{noChange, moved, newOwner, newOwner}; !slices.Equal(got, want) {
		t.Errorf("marks %q, want %q", got, want)
	}
}

// A mark stays for three looks and five seconds, and a new owner is not hidden by offsets that move.
func TestMarksStayLongEnoughToBeSeen(t *testing.T) {
	for _, every := range []time.Duration{100 * time.Millisecond, 2 * time.Second, time.Minute} {
		var c changes
		now := time.Unix(0, 0)
		c.update(now, lookAt(at(0, 5, "a")))

		var seen []change
		began := now.Add(every)
		for i := number(0); i < 60; i++ {
			now = now.Add(every)
			committed := 5 + min(i, 2) // moves twice, while the mark of the owner is shown
			seen = append(seen, c.update(now, lookAt(at(0, committed, "b")))...)
		}

		shown := 0
		for i, mark := range seen {
			if mark != noChange {
				shown++
			}
			if age := time.Duration(i) * every; age < markFor && mark != newOwner {
				t.Errorf("every %s, after %s: marked %q", every, age, mark)
			}
		}
		if shown < markLooks || seen[len(seen)-1] != noChange {
			t.Errorf("every %s since %s: marked in %d looks, at last %q", every, began, shown, seen[len(seen)-1])
		}
	}
}
