package score

import (
	"hash/maphash"
	"slices"
	"strconv"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

const (
	maxInstances = 256 // of one team; their figures are summed
	maxStates    = 256 // of one team: partitions with counts
	maxNotes     = 32
	maxPause     = int64(time.Hour / time.Millisecond)
)

// A report is one record of a team's stats topic.
type report struct {
	key     string
	value   []byte
	headers map[string]string
	at      time.Time
}

// open reads a report. It returns false for a tombstone, which only deletes the last report, and for an invalid report, which
// is rejected with a reason. The note identifies the report's member.
func open[S any](l *ledger, n int, r report, now time.Time, replay bool, parse func(value []byte, team string) (S, string)) (t *team, s S, note game.ClientNote, ok bool) {
	if r.value == nil {
		return nil, s, note, false
	}

	t = l.teams[n-1]
	note = game.ClientNote{
		At: earlier(r.at, now).UTC(), MemberID: workshop.ShownID(r.headers[workshop.HeaderMemberID]), Name: workshop.CleanText(r.key, workshop.MaxText),
	}
	s, problem := parse(r.value, t.id)
	if problem != "" {
		t.refuse(problem, note.At, replay)
		return t, s, note, false
	}
	if t.work.StatsAt.IsZero() {
		t.work.StatsAt = note.At
	}
	return t, s, note, true
}

// noteLeaving records the member as leaving if this is its last report.
func (t *team) noteLeaving(r report, note game.ClientNote) {
	if _, leaving := r.headers[workshop.HeaderLeaving]; leaving {
		t.work.Leaving = keep(t.work.Leaving, note)
	}
}

// stats counts a team's report. An invalid one is rejected with a reason. Figures are summed over the team's instances; only
// the newest record of each counts.
func (l *ledger) stats(n int, r report, now time.Time, replay bool) {
	t, s, note, ok := open(l, n, r, now, replay, workshop.ParseStats)
	if !ok {
		return
	}

	if s.Partition != nil {
		t.state(s, note.MemberID, r.headers[workshop.HeaderTopicID])
	} else if instance := maphash.String(l.users.seed, r.key); t.hasRoom(instance) { // hashed, because a key may be a megabyte long
		t.instances[instance] = s
	}
	t.sum()
	if replay {
		return
	}

	t.noteLeaving(r, note)
	ms, err := strconv.ParseInt(r.headers[workshop.HeaderPause], 10, 64)
	if err == nil && ms >= 0 && ms <= maxPause {
		note.Pause = time.Duration(ms) * time.Millisecond
		t.work.Pauses = keep(t.work.Pauses, note)
	}
}

func (t *team) hasRoom(instance uint64) bool {
	_, known := t.instances[instance]
	return known || len(t.instances) < maxInstances
}

// state stores the counts of a partition, and keeps those that go furthest.
func (t *team) state(s workshop.Stats, member, topicID string) {
	now := game.PartitionCounts{
		Partition: *s.Partition, MemberID: member, TopicID: topicID, Processed: s.Processed, Flagged: s.Flagged, Next: *s.NextOffset,
	}
	before, known := t.states[now.Partition]
	switch {
	case !known && len(t.states) >= maxStates:
		return
	case known && now.TopicID == before.TopicID && now.Began() == before.Began() && now.Next < before.Next:
		return // from a process that was paused while its successor continued
	}
	t.states[now.Partition] = now
}

// sum adds up what the team reported: its instances' counts or, without any, those of the partitions.
func (t *team) sum() {
	t.work.Processed = 0
	t.work.Flagged = 0
	for _, i := range t.instances {
		t.work.Processed += i.Processed
		t.work.Flagged += i.Flagged
	}
	if len(t.instances) > 0 {
		return
	}
	for _, s := range t.states {
		t.work.Processed += s.Processed
		t.work.Flagged += s.Flagged
	}
}

// refuse records a rejected report. Each reason is stored once, with the time of the last report: a program reports once a
// second, and rejected actions must stay visible.
func (t *team) refuse(problem string, at time.Time, replay bool) {
	if replay {
		return
	}
	t.work.Rejections = slices.DeleteFunc(t.work.Rejections, func(r game.Rejection) bool { return r.Of == game.OfStats && r.Reason == problem })
	t.remember(game.Rejection{Of: game.OfStats, At: at, Reason: problem})
}

// keep appends a note and drops the oldest.
func keep(notes []game.ClientNote, n game.ClientNote) []game.ClientNote {
	notes = append(notes, n)
	return notes[max(len(notes)-maxNotes, 0):]
}
