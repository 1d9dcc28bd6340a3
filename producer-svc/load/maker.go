package load

import (
	"strconv"
	"time"

	"kafka-workshop/internal/workshop"
)

// A Maker makes the records of a lesson, one after the other, in buffers of the caller. It is not safe
// for concurrent use.
type Maker interface {
	// Append appends the next record's value.
	Append(dst []byte, now time.Time) []byte
	// User returns the user of the latest record, which is the key in mode workshop.KeysUser. The bytes are valid
	// until the next Append.
	User() []byte
}

// MakerFor returns the lesson's Maker. The start is eight letters or digits that identify this run of the
// producer. The same start and seeds give the same records.
func MakerFor(l workshop.Lesson, start string, seed1, seed2 uint64) Maker {
	random := newRNG(seed1, seed2)
	switch l.Name {
	case workshop.RebalancingDemo.Name:
		return &messages{next: -1}
	case workshop.WebEvents.Name:
		return &events{start: start, rng: random}
	case workshop.Queues.Name:
		return &jobs{start: start, rng: random}
	default:
		return &users{start: start, rng: random}
	}
}

// messages makes the lines Message-0, Message-1, … of the rebalancing demo. They have no user, so their
// number is used instead.
type messages struct {
	next int64
	user []byte
}

func (m *messages) Append(dst []byte, _ time.Time) []byte {
	m.next++
	return strconv.AppendInt(append(dst, "Message-"...), m.next, 10)
}

func (m *messages) User() []byte {
	m.user = strconv.AppendInt(m.user[:0], m.next, 10)
	return m.user
}
