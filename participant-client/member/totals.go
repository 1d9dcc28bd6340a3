package member

import "maps"

// Totals are what the members of a run have read and committed.
type Totals struct {
	Members    int // that have ended
	Records    int64
	Duplicates int64 // of Records
	Flagged    int64 // of Records

	// Of the partitions that members owned when the run ended: the next offset to read after a restart, and how many records
	// were read beyond it.
	Committed   map[int32]int64
	Uncommitted int64
}

// Totals returns the totals of the members that have ended.
func (g *Group) Totals() Totals {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := g.totals
	out.Committed = maps.Clone(out.Committed)
	return out
}

// addTotals adds the last status of a member that has ended.
func (g *Group) addTotals(last Status) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := &g.totals
	t.Members++
	t.Records += last.Records
	t.Duplicates += last.Duplicates
	t.Flagged += last.Flagged
	if last.State == Dead || (g.roster.Running()) {
		return // the run continues, and so do the next owners of the partitions
	}

	for _, p := range last.Partitions {
		if p.Committed >= 0 {
			t.Committed[p.Partition] = p.Committed
		}
		t.Uncommitted += p.uncommitted()
	}
}

// uncommitted returns how many records were read and not committed. Offsets have gaps, so it is never more than were read.
func (p Position) uncommitted() int64 {
	if p.Committed < 0 {
		return p.Read
	}
	return min(max(p.Next-p.Committed, 0), p.Read)
}
