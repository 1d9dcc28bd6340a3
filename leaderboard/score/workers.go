package score

import (
	"hash/maphash"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// workerStats keeps the newest report of each worker. Only one that names its member can be matched with the group.
func (l *ledger) workerStats(n int, r report, now time.Time, replay bool) {
	if r.value == nil {
		return // a tombstone: a worker's last report is deleted
	}

	t := l.teams[n-1]
	at := earlier(r.at, now).UTC()
	s, problem := workshop.ParseWorkerStats(r.value, t.id)
	if problem != "" {
		t.refuse(problem, at, replay)
		return
	}
	if t.work.StatsAt.IsZero() {
		t.work.StatsAt = at
	}

	member := workshop.ShownID(r.headers[workshop.HeaderMemberID])
	key := maphash.String(l.users.seed, r.key)
	if _, known := t.workers[key]; known || len(t.workers) < maxInstances {
		t.workers[key] = game.WorkerCounts{
			MemberID: member, At: at, Processed: s.Processed, Redelivered: s.Redelivered, Rejected: s.Rejected,
		}
	}
	t.work.Processed = 0
	for _, w := range t.workers {
		t.work.Processed += w.Processed
	}

	if _, leaving := r.headers[workshop.HeaderLeaving]; leaving && member != "" && !replay {
		t.work.Leaving = keep(t.work.Leaving, game.ClientNote{At: at, MemberID: member})
	}
}
