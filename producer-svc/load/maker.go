package load

import (
	"strconv"
	"time"

	"kafka-workshop/internal/workshop"
)

// A Maker makes the records of a lesson, one after the other, into buffers of the caller. It is for
// one goroutine.
type Maker interface {
	// Append appends the next record's value.
	Append(dst []byte, now time.Time) []byte
	// User is who the last record is about: the key in the mode "user". It is good until the next
	// Append.
	User() []byte
}

// MakerFor makes the lesson's records. The start tells one start of the producer from all others:
// eight letters or digits. The same start and seeds make the same records.
func MakerFor(l workshop.Lesson, start string, seed1, seed2 uint64) Maker {
	rng := newDice(seed1, seed2)
	switch l.Name {
	case workshop.RebalancingDemo.Name:
		return &messages{next: -1}
	case workshop.WebEvents.Name:
		return &events{start: start, rng: rng}
	default:
		return &users{start: start, rng: rng}
	}
}

// messages are the lines Message-0, Message-1, … of the rebalancing demo. Nobody is in them: their
// number stands in for the user.
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
