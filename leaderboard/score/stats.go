package score

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strconv"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

const (
	maxInstances = 256 // of one team, whose figures are summed
	maxNotes     = 32
	maxPause     = int64(time.Hour / time.Millisecond)
	maxProcessed = 1 << 50 // so that sums stay numbers
)

// A report is one record of a team's stats topic.
type report struct {
	key     string
	value   []byte
	headers map[string]string
	at      time.Time
}

const statsExample = `{"team":"…","processed":12,"flagged":1}`

// parseStats reads a report; the problem is worded like that of an action.
func parseStats(value []byte, team string) (s workshop.Stats, problem string) {
	var raw struct {
		Team      *string  `json:"team"`
		Processed *float64 `json:"processed"` // 12.0 is a whole number in some languages
		Flagged   *float64 `json:"flagged"`
	}
	switch {
	case len(bytes.TrimSpace(value)) == 0:
		return s, "the value is empty: send JSON like " + statsExample
	case len(value) > maxValue:
		return s, fmt.Sprintf("the value has %d bytes: a report has no more than %d", len(value), maxValue)
	}
	if err := json.Unmarshal(value, &raw); err != nil {
		return s, statsProblem(err)
	}
	if raw.Team == nil {
		return s, "team is missing: yours is " + team
	}
	if *raw.Team != team {
		return s, "team is " + shown(*raw.Team) + ", this topic is " + team + "'s"
	}

	for _, f := range []struct {
		name string
		from *float64
		to   *int64
	}{{"processed", raw.Processed, &s.Processed}, {"flagged", raw.Flagged, &s.Flagged}} {
		switch {
		case f.from == nil:
			return s, f.name + " is missing: it is a whole number, from 0"
		case *f.from < 0 || *f.from > maxProcessed || *f.from != math.Trunc(*f.from):
			return s, fmt.Sprintf("%s is %v: write a whole number, from 0", f.name, *f.from)
		}
		*f.to = int64(*f.from)
	}
	return s, ""
}

func statsProblem(err error) string {
	var wrong *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &wrong):
		return "the value is not JSON: send " + statsExample
	case wrong.Field == "":
		return "the value is JSON but " + article(wrong.Value) + ": send an object like " + statsExample
	case wrong.Field == "team":
		return "team is " + article(wrong.Value) + ": write it as text, in quotes"
	}
	return shown(wrong.Field) + " is " + article(wrong.Value) + ": write it as a number, without quotes"
}

// stats counts a team's report. An invalid one is rejected with a reason. Figures are summed over the
// team's instances, each by its newest record.
func (l *ledger) stats(n int, r report, now time.Time, replay bool) {
	if r.value == nil {
		return // a tombstone: an instance's last report is deleted
	}

	t := l.teams[n-1]
	at := earlier(r.at, now).UTC()
	s, problem := parseStats(r.value, t.id)
	if problem != "" {
		t.refuse(problem, at, replay)
		return
	}
	if t.work.StatsAt.IsZero() {
		t.work.StatsAt = at
	}

	instance := maphash.String(l.users.seed, r.key) // a key has up to a megabyte
	if _, known := t.instances[instance]; known || len(t.instances) < maxInstances {
		t.instances[instance] = s
	}

	t.work.Processed = 0
	t.work.Flagged = 0
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
	if err == nil && ms >= 0 && ms <= maxPause {
		note.Pause = time.Duration(ms) * time.Millisecond
		t.work.Pauses = keep(t.work.Pauses, note)
	}
}

// refuse records a rejected report. Each reason is kept once, with the time of the last report: a program
// reports once a second, and rejected actions must stay visible.
func (t *team) refuse(problem string, at time.Time, replay bool) {
	if replay {
		return
	}
	t.work.Rejections = slices.DeleteFunc(t.work.Rejections, func(r game.Rejection) bool { return r.Of == game.OfStats && r.Reason == problem })
	t.remember(game.Rejection{Of: game.OfStats, At: at, Reason: problem})
}

// keep appends a note, and drops the oldest.
func keep(notes []game.ClientNote, n game.ClientNote) []game.ClientNote {
	notes = append(notes, n)
	return notes[max(len(notes)-maxNotes, 0):]
}
