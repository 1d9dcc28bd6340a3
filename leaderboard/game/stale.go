package game

import "time"

// markStale marks the row as stale if it shows anything that is not in the answer.
func (u *groupUpdate) markStale() {
	kept := u.group.CommitErr != ""
	for _, m := range u.Members {
		kept = kept || !m.Missing.IsZero()
	}
	if !u.settled && u.group.Protocol != "consumer" && owners(u.Members) > 0 {
		kept = true
	}
	if kept {
		u.markStaleSince(u.at)
	} else {
		u.staleAt = time.Time{}
	}
}

// markStaleSince marks the row as stale since its last good answer, unless it is already marked.
func (t *teamState) markStaleSince(at time.Time) {
	if !t.staleAt.IsZero() {
		return
	}
	t.staleAt = at
	if !t.goodAt.IsZero() && t.goodAt.Before(at) {
		t.staleAt = t.goodAt
	}
}

// markUnread records that there is no answer about the group.
func (t *teamState) markUnread(fault string, at time.Time) {
	t.markStaleSince(at)
	t.fault = fault
	if t.faultAt.IsZero() {
		t.faultAt = at
	}
}
