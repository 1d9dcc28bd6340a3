package score

import (
	"encoding/json"
	"hash/maphash"
	"strconv"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

const (
	mostInstances = 256 // of one team, whose figures are added up
	keptNotes     = 32
	longestPause  = int64(time.Hour / time.Millisecond)
	mostProcessed = 1 << 50 // so that sums stay numbers
)

// A report is one record of a team's stats topic.
type report struct {
	key     string
	value   []byte
	headers map[string]string
	at      time.Time
}

// stats takes in a team's report. One that is not valid is passed over: it earns nothing. Figures
// are added up over the team's instances, each by its newest record.
func (l *ledger) stats(n int, r report, now time.Time, replay bool) {
	t := l.teams[n-1]
	var s struct {
		Team      *string `json:"team"`
		Processed *int64  `json:"processed"`
		Flagged   *int64  `json:"flagged"`
	}
	figure := func(n *int64) bool { return n != nil && *n >= 0 && *n <= mostProcessed }
	if len(r.value) > longestAction || json.Unmarshal(r.value, &s) != nil ||
		s.Team == nil || *s.Team != t.id || !figure(s.Processed) || !figure(s.Flagged) {
		return
	}
	at := earlier(r.at, now).UTC()
	if t.work.StatsAt.IsZero() {
		t.work.StatsAt = at
	}
	instance := maphash.String(l.users.seed, r.key) // a key has up to a megabyte
	if _, known := t.instances[instance]; known || len(t.instances) < mostInstances {
		t.instances[instance] = workshop.Stats{Processed: *s.Processed, Flagged: *s.Flagged}
	}
	t.work.Processed, t.work.Flagged = 0, 0
	for _, i := range t.instances {
		t.work.Processed += i.Processed
		t.work.Flagged += i.Flagged
	}
	if replay {
		return
	}
	note := game.ClientNote{At: at, MemberID: workshop.ShownID(r.headers[workshop.HeaderMemberID])}
	if _, leaving := r.headers[workshop.HeaderLeaving]; leaving && note.MemberID != "" {
		t.work.Leaving = keep(t.work.Leaving, note)
	}
	ms, err := strconv.ParseInt(r.headers[workshop.HeaderPause], 10, 64)
	if err == nil && ms >= 0 && ms <= longestPause {
		note.Pause = time.Duration(ms) * time.Millisecond
		t.work.Pauses = keep(t.work.Pauses, note)
	}
}

// keep appends to a short memory.
func keep(notes []game.ClientNote, n game.ClientNote) []game.ClientNote {
	notes = append(notes, n)
	return notes[max(len(notes)-keptNotes, 0):]
}
