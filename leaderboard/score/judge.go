package score

import (
	"fmt"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
)

// noteEvery is how often the instructor is notified of bad batches in one partition. Each one counts.
const noteEvery = time.Minute

// indexUsers indexes the users fetched from new_users, and reports whether there were any.
func (n *session) indexUsers(got *kafka.Fetched, now time.Time) (progress bool, err error) {
	at := partitionID{got.Topic, got.Number}
	src := n.sources[at]
	next, err := n.fetcher.Visit(got, func(r kafka.Record) bool {
		if r.Offset < src.began {
			n.ledger.earlierUser(r.Value)
		} else {
			n.ledger.user(r.Value, between(r.Timestamp, time.Unix(0, 0), now))
		}
		return true
	}, func(b kafka.BadBatch) bool {
		n.ledger.missed = true // it may have contained users
		if b.Last >= src.upto {
			n.noteBadBatch(at, b, now)
		}
		return true
	})
	return n.advanceSource(src, got, next), err
}

// judgeWork judges the records fetched from a team's topic. An error postpones only this partition.
func (n *session) judgeWork(got *kafka.Fetched, now time.Time) {
	at := partitionID{got.Topic, got.Number}
	src := n.sources[at]
	taken, waiting := 0, false
	wait := func(last int64) bool {
		waiting = n.held(src, last)
		return waiting || taken == n.batch
	}

	next, err := n.fetcher.Visit(got, func(r kafka.Record) bool {
		if wait(r.Offset) {
			return false
		}
		taken++
		n.judgeRecord(src, r, now)
		return true
	}, func(b kafka.BadBatch) bool {
		if wait(b.Last) {
			return false
		}
		taken++
		if b.Last >= src.upto {
			n.ledger.unreadable(src.team, fmt.Sprintf("%s, partition %d: %v", at.topic, at.partition, b), now, false)
			n.noteBadBatch(at, b, now)
		}
		return true
	})

	if waiting {
		next = max(next, src.upto) // only control records are in between
	}
	n.advanceSource(src, got, next)
	if err != nil {
		n.postpone(src, false)
	}
}

func (n *session) judgeRecord(src *source, r kafka.Record, now time.Time) {
	replay := r.Offset < src.upto
	at := between(r.Timestamp, n.round.Began, now)
	if src.kind == actionsTopic {
		n.ledger.action(src.team, r.Value, at, now, replay)
		return
	}

	headers := map[string]string{}
	for _, key := range []string{workshop.HeaderMemberID, workshop.HeaderLeaving, workshop.HeaderPause, workshop.HeaderTopicID} {
		if value, ok := r.Header(key); ok {
			headers[key] = value
		}
	}
	told := report{key: string(r.Key), value: r.Value, headers: headers, at: at}
	if n.cfg.Lesson.Share {
		n.ledger.workerStats(src.team, told, now, replay)
		return
	}
	n.ledger.stats(src.team, told, now, replay)
}

// between clamps a record's timestamp, which its writer chooses, to a range.
func between(at, from, to time.Time) time.Time {
	return earlier(later(at, from), to)
}

// advanceSource records how far a source has been read.
func (n *session) advanceSource(src *source, got *kafka.Fetched, next int64) (progress bool) {
	src.end = max(src.end, got.End)
	progress = next > src.next
	if progress {
		src.next = next
		n.dirty = true
	}
	return progress
}

// noteBadBatch notifies the instructor that a batch was skipped, unless one of its partition was noted recently.
func (n *session) noteBadBatch(at partitionID, b kafka.BadBatch, now time.Time) {
	if now.Sub(n.notedAt[at]) < noteEvery {
		return
	}
	n.notedAt[at] = now
	n.note("%s, partition %d: skipped: %v", at.topic, at.partition, b)
}
