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
	maxStates    = 256 // of one team: partitions with counts
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

const maxPartition = 100_000 // no cluster has as many in a topic

const (
	statsExample  = `{"team":"…","processed":12,"flagged":1}`
	workerExample = `{"team":"…","processed":12,"redelivered":1,"rejected":0}`
)

// rawReport is a report of any lesson before its figures are checked. 12.0 is a whole number in some languages.
type rawReport struct {
	Team        *string  `json:"team"`
	Processed   *float64 `json:"processed"`
	Flagged     *float64 `json:"flagged"`
	Partition   *float64 `json:"partition"`
	Next        *float64 `json:"next_offset"`
	Redelivered *float64 `json:"redelivered"`
	Rejected    *float64 `json:"rejected"`
}

// parseReport reads a report; the problem is worded like that of an action.
func parseReport(value []byte, team, example string) (raw rawReport, problem string) {
	switch {
	case len(bytes.TrimSpace(value)) == 0:
		return raw, "the value is empty: send JSON like " + example
	case len(value) > maxValue:
		return raw, fmt.Sprintf("the value has %d bytes: a report has no more than %d", len(value), maxValue)
	}
	if err := json.Unmarshal(value, &raw); err != nil {
		return raw, reportProblem(err, example)
	}
	if raw.Team == nil {
		return raw, "team is missing: yours is " + team
	}
	if *raw.Team != team {
		return raw, "team is " + shown(*raw.Team) + ", this topic is " + team + "'s"
	}
	return raw, ""
}

// parseStats reads what a program counted, or what the owners of a partition counted.
func parseStats(value []byte, team string) (s workshop.Stats, problem string) {
	raw, problem := parseReport(value, team, statsExample)
	if problem != "" {
		return s, problem
	}

	var partition, next int64
	figures := []figure{{"processed", raw.Processed, &s.Processed}, {"flagged", raw.Flagged, &s.Flagged}}
	if raw.Partition != nil || raw.Next != nil {
		figures = append(figures, figure{"partition", raw.Partition, &partition}, figure{"next_offset", raw.Next, &next})
		s.Partition, s.NextOffset = new(int32), &next
	}
	for _, f := range figures {
		if problem := f.read(); problem != "" {
			return s, problem
		}
	}

	if s.Partition != nil {
		if partition > maxPartition {
			return s, fmt.Sprintf("partition is %d: no topic has so many", partition)
		}
		*s.Partition = int32(partition)
	}
	return s, ""
}

// A figure is a field of a report that holds a whole number.
type figure struct {
	name string
	from *float64
	to   *int64
}

func (f figure) read() (problem string) {
	switch {
	case f.from == nil && (f.name == "partition" || f.name == "next_offset"):
		return f.name + " is missing: counts of a partition have both partition and next_offset"
	case f.from == nil:
		return f.name + " is missing: it is a whole number, from 0"
	case *f.from < 0 || *f.from > maxProcessed || *f.from != math.Trunc(*f.from):
		return fmt.Sprintf("%s is %v: write a whole number, from 0", f.name, *f.from)
	}
	*f.to = int64(*f.from)
	return ""
}

func reportProblem(err error, example string) string {
	var wrong *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &wrong):
		return "the value is not JSON: send " + example
	case wrong.Field == "":
		return "the value is JSON but " + article(wrong.Value) + ": send an object like " + example
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

	member := workshop.ShownID(r.headers[workshop.HeaderMemberID])
	if s.Partition != nil {
		t.state(s, member, r.headers[workshop.HeaderTopicID])
	} else if instance := maphash.String(l.users.seed, r.key); t.hasRoom(instance) { // a key has up to a megabyte
		t.instances[instance] = s
	}
	t.sum()
	if replay {
		return
	}

	note := game.ClientNote{At: at, MemberID: member}
	if _, leaving := r.headers[workshop.HeaderLeaving]; leaving && note.MemberID != "" {
		t.work.Leaving = keep(t.work.Leaving, note)
	}

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

// state keeps the counts of a partition that go furthest.
func (t *team) state(s workshop.Stats, member, topicID string) {
	now := game.PartitionCounts{
		Partition: *s.Partition, MemberID: member, TopicID: topicID, Processed: s.Processed, Flagged: s.Flagged, Next: *s.NextOffset,
	}
	before, known := t.states[now.Partition]
	switch {
	case !known && len(t.states) >= maxStates:
		return
	case known && now.TopicID == before.TopicID && now.Began() == before.Began() && now.Next < before.Next:
		return // of a process that was paused while its successor went on
	}
	t.states[now.Partition] = now
}

// sum adds up what the team reported: its instances' counts, or those of the partitions if there are no others.
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
