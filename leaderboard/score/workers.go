package score

import (
	"hash/maphash"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// workerStats stores the newest report of each worker. A report can be matched with the group only if it names its member or
// its client ID.
func (l *ledger) workerStats(n int, r report, now time.Time, replay bool) {
	t, s, note, ok := open(l, n, r, now, replay, workshop.ParseWorkerStats)
	if !ok {
		return
	}

	key := maphash.String(l.users.seed, r.key)
	if _, known := t.workers[key]; known || len(t.workers) < maxInstances {
		t.workers[key] = game.WorkerCounts{
			MemberID: note.MemberID, Name: note.Name, At: note.At, Processed: s.Processed, Redelivered: s.Redelivered, Rejected: s.Rejected,
		}
	}
	t.work.Processed = 0
	for _, w := range t.workers {
		t.work.Processed += w.Processed
	}

	if !replay {
		t.noteLeaving(r, note)
	}
}
