package load

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"kafka-workshop/internal/workshop"
)

// Bounds of what an instructor can set.
const (
	MaxRate      = 1_000_000  // records per second
	MaxFixedKeys = 10_000     // distinct keys
	MaxBurst     = 10_000_000 // records of bursts not sent yet
	MaxRamp      = time.Hour
)

// Key modes.
const (
	KeysNull  = "null"  // no key: records go round-robin
	KeysUser  = "user"  // the user that the record is about
	KeysFixed = "fixed" // one of FixedKeys keys, at random
	KeysHot   = "hot"   // the key "hot" for HotShare of the records, none for the others
)

var keyModes = []string{KeysNull, KeysUser, KeysFixed, KeysHot}

// Default returns the load that a lesson starts with.
func Default(l workshop.Lesson) workshop.Load {
	return workshop.Load{Rate: l.Rate, Keys: l.Keys, FixedKeys: 4, HotShare: 0.8}
}

// A FieldError names a field of a request that is out of bounds, and the reason.
type FieldError struct{ Field, Reason string }

func (e FieldError) Error() string { return e.Field + ": " + e.Reason }

func checkRate(field string, r float64) error {
	if math.IsNaN(r) || r < 0 || r > MaxRate {
		return FieldError{field, fmt.Sprintf("give 0 to %d records a second", MaxRate)}
	}
	return nil
}

// Check returns a FieldError for the first field that is out of bounds.
func Check(l workshop.Load) error {
	if err := checkRate("rate", l.Rate); err != nil {
		return err
	}
	if !slices.Contains(keyModes, l.Keys) {
		return FieldError{"keys", fmt.Sprintf("%q is not one of %s", l.Keys, strings.Join(keyModes, ", "))}
	}
	if l.FixedKeys < 1 || l.FixedKeys > MaxFixedKeys {
		return FieldError{"fixed_keys", fmt.Sprintf("give 1 to %d", MaxFixedKeys)}
	}
	if math.IsNaN(l.HotShare) || l.HotShare < 0 || l.HotShare > 1 {
		return FieldError{"hot_share", "give 0 to 1, as in 0.8"}
	}
	return nil
}

// A Patch changes some fields of a load; nil leaves a field unchanged.
type Patch struct {
	Rate      *float64 `json:"rate"`
	Paused    *bool    `json:"paused"`
	Keys      *string  `json:"keys"`
	FixedKeys *int     `json:"fixed_keys"`
	HotShare  *float64 `json:"hot_share"`
}

// Apply returns the load with the patch applied.
func (p Patch) Apply(l workshop.Load) workshop.Load {
	setIfGiven(&l.Rate, p.Rate)
	setIfGiven(&l.Paused, p.Paused)
	setIfGiven(&l.Keys, p.Keys)
	setIfGiven(&l.FixedKeys, p.FixedKeys)
	setIfGiven(&l.HotShare, p.HotShare)
	return l
}

func setIfGiven[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}
