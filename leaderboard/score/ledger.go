package score

import (
	"maps"
	"math"
	"slices"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

const (
	maxRejections = 50
	recallAfter   = 30 * time.Second // the age at which a user counts for recall
	maxLowered    = 100              // how often a team's first action may move to an earlier time
)

// A ledger turns users and actions into counts. It does no I/O, and the counts do not depend on the order in which records of
// different partitions arrive.
type ledger struct {
	users   *index
	teams   []*team
	byRow   [16][]*team        // by row of the table, from 1
	waiting map[int64][]uint32 // slots of users too young for recall, by second of production
	missed  bool               // users were deleted from the log unread: an unknown customer may have existed
}

// A team is the state of one team.
type team struct {
	id        string
	criterion workshop.Criterion
	done      [][]uint64 // by block of the index: a bit for each customer that was judged
	lowered   int
	instances map[uint64]workshop.Stats // the newest report of each, by a hash of its key
	states    map[int32]game.PartitionCounts
	workers   map[uint64]game.WorkerCounts // the newest report of each, by a hash of its key
	work      game.Work
}

func newLedger(teams, users int) *ledger {
	l := &ledger{users: newIndex(users), waiting: map[int64][]uint32{}}
	for n := 1; n <= teams; n++ {
		t := &team{id: workshop.TeamID(n), criterion: workshop.CriterionOf(n), instances: map[uint64]workshop.Stats{}, states: map[int32]game.PartitionCounts{}, workers: map[uint64]game.WorkerCounts{}}
		t.work.Team = n
		l.teams = append(l.teams, t)
		l.byRow[t.criterion.Row] = append(l.byRow[t.criterion.Row], t)
	}
	return l
}

// nextRound returns the ledger of the next round. It keeps the users as users of an earlier round.
func (l *ledger) nextRound() *ledger {
	next := newLedger(len(l.teams), l.users.capacity)
	next.users, next.missed = l.users, l.missed
	next.users.markEarlier()
	return next
}

// restore sets stored counts, except those of recall, which are counted again when the users and actions are read again.
func (l *ledger) restore(works []game.Work) {
	for _, w := range works {
		if w.Team < 1 || w.Team > len(l.teams) {
			continue
		}
		w.Meeting, w.Found, w.Leaving, w.Pauses = 0, 0, nil, nil
		w.Rejections = slices.Clone(w.Rejections)
		l.teams[w.Team-1].work = w
	}
}

func (l *ledger) recall(t *team, slot int) {
	t.work.Meeting++
	if t.judged(slot, l.users.block) {
		t.work.Found++
	}
}

// action judges one action. An action that is wrong in itself is rejected each time, so that a team may correct its program
// and send it again. An action about a customer that was judged before is a duplicate. With replay, the action was counted
// already, and only the customer is recorded as judged.
//
// Every user of the round that was produced before the action was read must be in the ledger.
func (l *ledger) action(n int, value []byte, at, now time.Time, replay bool) {
	t := l.teams[n-1]
	at = earlier(at, now)
	a, problem := workshop.ParseAction(value, t.criterion, t.id)
	if problem != "" {
		t.reject(a, problem, at, replay)
		return
	}

	slot, known := l.users.find(a.Customer)
	if !known {
		if l.missed || l.users.evicted > 0 {
			t.count(&t.work.Unverifiable, replay)
			return
		}
		t.reject(a, "no user with this email was on new_users in this round", at, replay)
		return
	}
	if l.users.earlier(slot) {
		t.count(&t.work.Earlier, replay)
		return
	}

	l.recordFirstAction(t, later(at, time.UnixMilli(l.users.madeAt(slot))))
	if t.judged(slot, l.users.block) {
		t.count(&t.work.Duplicate, replay)
		return
	}
	t.judge(slot, l.users.block)
	if l.users.rows(slot)&(1<<(t.criterion.Row-1)) == 0 {
		t.reject(a, "this user is not one of yours: your team looks for users of whom "+t.criterion.Text, at, replay)
		return
	}
	t.count(&t.work.Accepted, replay)
	if l.users.rows(slot)&matured != 0 && l.users.madeAt(slot) >= t.work.FirstAt.UnixMilli() {
		t.work.Found++
	}
}

// recordFirstAction records when the team's first action about a known user was written: never before that user was produced,
// even if the team's clock says so. Users since then count for recall.
func (l *ledger) recordFirstAction(t *team, at time.Time) {
	before := t.work.FirstAt
	if !before.IsZero() && (!at.Before(before) || t.lowered == maxLowered) {
		return
	}
	t.lowered++
	t.work.FirstAt = at.UTC()
	from, to := at.UnixMilli(), int64(math.MaxInt64)
	if !before.IsZero() {
		to = before.UnixMilli()
	}
	ripe := uint16(1)<<(t.criterion.Row-1) | matured
	l.users.slots(func(slot int) {
		if l.users.rows(slot)&ripe == ripe && l.users.madeAt(slot) >= from && l.users.madeAt(slot) < to {
			l.recall(t, slot)
		}
	})
}

// unreadable rejects a batch of a team that cannot be decoded into records.
func (l *ledger) unreadable(n int, problem string, at time.Time, replay bool) {
	l.teams[n-1].reject(workshop.Action{}, problem, at, replay)
}

// count increments a count, unless the record was counted already.
func (t *team) count(n *int64, replay bool) {
	if !replay {
		*n++
	}
}

func (t *team) reject(a workshop.Action, problem string, at time.Time, replay bool) {
	if replay {
		return
	}
	t.work.Rejected++
	t.remember(game.Rejection{
		At: at.UTC(), Customer: shown(a.Customer), Type: shown(a.Type), Given: shown(a.Reason), Reason: problem,
	})
}

// remember stores a rejection and drops the oldest ones.
func (t *team) remember(r game.Rejection) {
	if n := len(t.work.Rejections); n >= 4*maxRejections {
		t.work.Rejections = slices.Delete(t.work.Rejections, 0, n-maxRejections+1)
	}
	t.work.Rejections = append(t.work.Rejections, r)
}

func (t *team) judged(slot, block int) bool {
	b := slot / block
	return b < len(t.done) && t.done[b] != nil && t.done[b][slot%block/64]&(1<<(slot%block%64)) != 0
}

func (t *team) judge(slot, block int) {
	b := slot / block
	for b >= len(t.done) {
		t.done = append(t.done, nil)
	}
	if t.done[b] == nil {
		t.done[b] = make([]uint64, (block+63)/64)
	}
	t.done[b][slot%block/64] |= 1 << (slot % block % 64)
}

// works returns a copy of the counts.
func (l *ledger) works() []game.Work {
	out := make([]game.Work, len(l.teams))
	for i, t := range l.teams {
		w := t.work
		w.Rejections = slices.Clone(w.Rejections[max(len(w.Rejections)-maxRejections, 0):])
		w.Leaving, w.Pauses = slices.Clone(w.Leaving), slices.Clone(w.Pauses)
		w.States = slices.Collect(maps.Values(t.states))
		w.Workers = slices.Collect(maps.Values(t.workers))
		out[i] = w
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
