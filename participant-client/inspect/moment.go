package inspect

import (
	"fmt"
	"strconv"
	"time"
)

// ParseMoment reads a point in time: RFC 3339, or a duration before now, as in 5m.
func ParseMoment(text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(text); err == nil {
		if ago < 0 {
			return time.Time{}, fmt.Errorf("%s is negative: give how long ago it was, as in 5m", text)
		}
		return now.Add(-ago), nil
	}

	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time: use a duration as in 5m, or RFC 3339 as in 2026-01-02T15:04:05Z", text)
	}
	return at, nil
}

// A Start is where to begin in each partition.
type Start struct {
	kind   startKind
	offset int64     // the offset itself, or how many records before the end
	at     time.Time // the first record at or after this moment
}

type startKind int

const (
	atEnd startKind = iota
	atStart
	atOffset
	beforeEnd
	atMoment
)

// ParseStart reads an offset: earliest, latest, a number, or -N for the last N records.
func ParseStart(text string) (Start, error) {
	switch text {
	case "earliest":
		return Start{kind: atStart}, nil
	case "latest":
		return Start{kind: atEnd}, nil
	}

	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return Start{}, fmt.Errorf("%q is no offset: use earliest, latest, a number, or -N for the last N records", text)
	case n < 0:
		return Start{kind: beforeEnd, offset: -n}, nil
	}
	return Start{kind: atOffset, offset: n}, nil
}

// Since returns the start at the first record at or after a moment.
func Since(at time.Time) Start { return Start{kind: atMoment, at: at} }
