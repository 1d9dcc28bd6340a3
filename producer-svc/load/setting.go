// Package load decides what producer-svc sends: how many records are due at a moment, what is in
// them, and which key they carry. All of it is pure, with the time passed in, but for the emitter,
// which hands records to a client. It leaves topics, the lease on the load and pages to others.
package load

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"kafka-workshop/internal/workshop"
)

// Bounds of what an instructor can ask for.
const (
	MaxRate      = 1_000_000  // records per second
	MaxFixedKeys = 10_000     // different keys
	MaxBurst     = 10_000_000 // records of bursts that wait
	MaxRamp      = time.Hour
)

// Key modes.
const (
	KeysNull  = "null"  // no key: spread record by record
	KeysUser  = "user"  // the user that the record is about
	KeysFixed = "fixed" // one of FixedKeys keys, at random
	KeysHot   = "hot"   // the key "hot" for HotShare of the records, none for the others
)

var keyModes = []string{KeysNull, KeysUser, KeysFixed, KeysHot}

// Default is the load that a lesson starts with.
func Default(l workshop.Lesson) workshop.Load {
	return workshop.Load{Rate: l.Rate, Keys: l.Keys, FixedKeys: 4, HotShare: 0.8}
}

// A Fault is a field that cannot be what it was asked to be.
type FieldError struct{ Field, Reason string }

func (e FieldError) Error() string { return e.Field + ": " + e.Reason }

func checkRate(field string, r float64) error {
	if math.IsNaN(r) || r < 0 || r > MaxRate {
		return FieldError{field, fmt.Sprintf("give 0 to %d records a second", MaxRate)}
	}
	return nil
}

// Check names the first field of a load that is out of bounds.
func Check(l workshop.Load) error {
	if err := checkRate("rate", l.Rate); err != nil {
		return err
	}
	if !slices.Contains(keyModes, l.Keys) {
		return FieldError{"keys", fmt.Sprintf("%q is none of %s", l.Keys, strings.Join(keyModes, ", "))}
	}
	if l.FixedKeys < 1 || l.FixedKeys > MaxFixedKeys {
		return FieldError{"fixed_keys", fmt.Sprintf("give 1 to %d", MaxFixedKeys)}
	}
	if math.IsNaN(l.HotShare) || l.HotShare < 0 || l.HotShare > 1 {
		return FieldError{"hot_share", "give 0 to 1, as in 0.8"}
	}
	return nil
}

// A Patch is any subset of a load; nil leaves a field as it is.
type Patch struct {
	Rate      *float64 `json:"rate"`
	Paused    *bool    `json:"paused"`
	Keys      *string  `json:"keys"`
	FixedKeys *int     `json:"fixed_keys"`
	HotShare  *float64 `json:"hot_share"`
}

// On is the load with the patch put on it.
func (p Patch) On(l workshop.Load) workshop.Load {
	put(&l.Rate, p.Rate)
	put(&l.Paused, p.Paused)
	put(&l.Keys, p.Keys)
	put(&l.FixedKeys, p.FixedKeys)
	put(&l.HotShare, p.HotShare)
	return l
}

func put[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}
