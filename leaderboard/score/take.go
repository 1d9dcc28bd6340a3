package score

import (
	"fmt"
	"time"

	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"
)

// tellAgain is how often bad batches of one partition are told to the instructor. Each is counted.
const tellAgain = time.Minute

// takeUsers takes in what was fetched of new_users, and reports whether it was anything.
func (n *session) takeUsers(got *kafka.Fetched, now time.Time) (progress bool, err error) {
	at := spot{got.Topic, got.Number}
	src := n.sources[at]
	next, err := n.fetcher.Visit(got, func(r kafka.Record) bool {
		if r.Offset < src.began {
			n.ledger.earlierUser(r.Value)
		} else {
			n.ledger.user(r.Value, between(r.Timestamp, time.Unix(0, 0), now))
		}
		return true
	}, func(b kafka.BadBatch) bool {
		n.ledger.missed = true // users may have been in it
		if b.Last >= src.upto {
			n.tell(at, b, now)
		}
		return true
	})
	return n.moveOn(src, got, next), err
}

// takeWork takes in what was fetched of a team's topic. An error is of this partition alone.
func (n *session) takeWork(got *kafka.Fetched, now time.Time) {
	at := spot{got.Topic, got.Number}
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
		n.takeRecord(src, r, now)
		return true
	}, func(b kafka.BadBatch) bool {
		if wait(b.Last) {
			return false
		}
		taken++
		if b.Last >= src.upto {
			n.ledger.unreadable(src.team, fmt.Sprintf("%s, partition %d: %v", at.topic, at.partition, b), now, false)
			n.tell(at, b, now)
		}
		return true
	})

	if waiting {
		next = max(next, src.upto) // what lies between were control records
	}
	n.moveOn(src, got, next)
	if err != nil {
		n.away(src, false)
	}
}

func (n *session) takeRecord(src *source, r kafka.Record, now time.Time) {
	replay := r.Offset < src.upto
	at := between(r.Timestamp, n.round.Began, now)
	if src.kind == actionsTopic {
		n.ledger.action(src.team, r.Value, at, now, replay)
		return
	}

	headers := map[string]string{}
	for _, key := range []string{workshop.HeaderMemberID, workshop.HeaderLeaving, workshop.HeaderPause} {
		if value, ok := r.Header(key); ok {
			headers[key] = value
		}
	}
	n.ledger.stats(src.team, report{key: string(r.Key), value: r.Value, headers: headers, at: at}, now, replay)
}

// between bounds a record's timestamp, which says whatever its writer says: after now is now, and
// what is about a round was not before it.
func between(at, from, to time.Time) time.Time {
	return earlier(later(at, from), to)
}

// moveOn notes how far a source was read.
func (n *session) moveOn(src *source, got *kafka.Fetched, next int64) (progress bool) {
	src.end = max(src.end, got.End)
	progress = next > src.next
	if progress {
		src.next = next
		n.dirty = true
	}
	return progress
}

// tell notes a batch that was passed over, unless one of its partition was noted just now.
func (n *session) tell(at spot, b kafka.BadBatch, now time.Time) {
	if now.Sub(n.told[at]) < tellAgain {
		return
	}
	n.told[at] = now
	n.note("%s, partition %d: passed over: %v", at.topic, at.partition, b)
}
