package score

import (
	"encoding/json"
	"time"

	"kafka-workshop/internal/workshop"
)

// user indexes a record of new_users of this round. A record that is not a user is skipped.
func (l *ledger) user(value []byte, produced time.Time) {
	var u workshop.User
	if len(value) > workshop.MaxValue || json.Unmarshal(value, &u) != nil || u.Email == "" {
		return
	}

	rows, ms := l.rowsOf(&u), produced.UnixMilli()
	if slot, known := l.users.find(u.Email); known && l.users.earlier(slot) { // indexed as an earlier user
		l.users.set(slot, rows, ms)
		l.waiting[ms/1000] = append(l.waiting[ms/1000], uint32(slot))
		return
	}
	if slot, ok := l.remember(u.Email, rows, ms); ok {
		l.waiting[ms/1000] = append(l.waiting[ms/1000], uint32(slot))
	}
}

// earlierUser indexes a record of new_users from before the round.
func (l *ledger) earlierUser(value []byte) {
	var u struct {
		Email string `json:"email"`
	}
	if len(value) <= workshop.MaxValue && json.Unmarshal(value, &u) == nil && u.Email != "" {
		l.remember(u.Email, matured, beforeRound)
	}
}

// rowsOf returns those rows of the table that the user meets and that a team has.
func (l *ledger) rowsOf(u *workshop.User) (rows uint16) {
	for row := 1; row <= 15; row++ {
		if teams := l.byRow[row]; len(teams) > 0 && teams[0].criterion.Match(u) {
			rows |= 1 << (row - 1)
		}
	}
	return rows
}

// remember adds a user to the index, unless it is known.
func (l *ledger) remember(email string, rows uint16, ms int64) (slot int, ok bool) {
	if l.users.full || l.users.next == l.users.capacity {
		l.matureNextBlock()
	}
	slot, evicted, ok := l.users.add(email, rows, ms)
	if !ok {
		return 0, false
	}
	if evicted >= 0 {
		for _, t := range l.teams {
			if evicted < len(t.done) {
				t.done[evicted] = nil
			}
		}
	}
	return slot, true
}

// matureNextBlock counts for recall the users that the next insertion may evict.
func (l *ledger) matureNextBlock() {
	x := l.users
	first := x.next % x.capacity
	if first%x.block != 0 {
		return
	}
	for slot := first; slot < min(first+x.block, x.len()); slot++ {
		l.mature(slot)
	}
}

// advance counts for recall the users that are now old enough.
func (l *ledger) advance(now time.Time) {
	limit := now.Add(-recallAfter).UnixMilli()
	for second, slots := range l.waiting {
		if second > limit/1000 {
			continue
		}
		young := slots[:0]
		for _, s := range slots {
			switch made := l.users.madeAt(int(s)); {
			case made/1000 != second: // the slot holds another user now
			case made <= limit:
				l.mature(int(s))
			default:
				young = append(young, s)
			}
		}
		if len(young) == 0 {
			delete(l.waiting, second)
		} else {
			l.waiting[second] = young
		}
	}
}

func (l *ledger) mature(slot int) {
	rows := l.users.rows(slot)
	if rows&matured != 0 {
		return
	}
	l.users.mature(slot)
	for row := 1; row <= 15; row++ {
		if rows&(1<<(row-1)) == 0 {
			continue
		}
		for _, t := range l.byRow[row] {
			if !t.work.FirstAt.IsZero() && l.users.madeAt(slot) >= t.work.FirstAt.UnixMilli() {
				l.recall(t, slot)
			}
		}
	}
}
