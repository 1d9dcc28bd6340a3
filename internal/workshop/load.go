package workshop

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Limits of the load.
const (
	MaxRate      = 1_000_000  // records per second
	MaxFixedKeys = 10_000     // distinct keys
	MaxBurst     = 10_000_000 // records of bursts not sent yet
	MaxRamp      = time.Hour
)

// MinRamp is the shortest duration of a ramp.
const MinRamp = 100 * time.Millisecond

// Key modes.
const (
	KeysNull  = "null"  // no key: records go round-robin
	KeysUser  = "user"  // the user that the record is about
	KeysFixed = "fixed" // one of FixedKeys keys, at random
	KeysHot   = "hot"   // the key "hot" for HotShare of the records, none for the others
)

var keyModes = []string{KeysNull, KeysUser, KeysFixed, KeysHot}

// Load is the load that the instructor has set: the value under key "load" on workshop.control.
type Load struct {
	Rate      float64 `json:"rate"` // records per second, 0 to MaxRate
	Paused    bool    `json:"paused"`
	Keys      string  `json:"keys"`       // a key mode
	FixedKeys int     `json:"fixed_keys"` // 1 to MaxFixedKeys
	HotShare  float64 `json:"hot_share"`  // 0 to 1
}

// DefaultLoad returns the load that the lesson starts with.
func (l Lesson) DefaultLoad() Load {
	return Load{Rate: l.Rate, Keys: l.Keys, FixedKeys: 4, HotShare: 0.8}
}

// A FieldError reports an invalid field of a request.
type FieldError struct{ Field, Reason string }

func (e FieldError) Error() string { return e.Field + ": " + e.Reason }

// Validate returns a FieldError for the first field that is out of bounds.
func (l Load) Validate() error {
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

func checkRate(field string, r float64) error {
	if math.IsNaN(r) || r < 0 || r > MaxRate {
		return FieldError{field, fmt.Sprintf("give 0 to %d records a second", MaxRate)}
	}
	return nil
}

// A LoadPatch changes some fields of a load; nil leaves a field unchanged.
type LoadPatch struct {
	Rate      *float64 `json:"rate,omitempty" yaml:"rate"`
	Paused    *bool    `json:"paused,omitempty" yaml:"paused"`
	Keys      *string  `json:"keys,omitempty" yaml:"keys"`
	FixedKeys *int     `json:"fixed_keys,omitempty" yaml:"fixed_keys"`
	HotShare  *float64 `json:"hot_share,omitempty" yaml:"hot_share"`
}

// Apply returns the load with the patch applied.
func (p LoadPatch) Apply(l Load) Load {
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

// A Ramp moves the rate to another, linearly.
type Ramp struct {
	To      *float64 `json:"to" yaml:"to"`           // records per second, 0 to MaxRate
	Seconds *float64 `json:"seconds" yaml:"seconds"` // 0.1 to 3600
}

// Validate returns a FieldError for the first field that is missing or out of bounds.
func (r Ramp) Validate() error {
	switch {
	case r.To == nil:
		return FieldError{"to", "is missing"}
	case r.Seconds == nil:
		return FieldError{"seconds", "is missing"}
	case math.IsNaN(*r.Seconds) || *r.Seconds < MinRamp.Seconds() || *r.Seconds > MaxRamp.Seconds():
		return FieldError{"seconds", fmt.Sprintf("give %v to %v", MinRamp.Seconds(), MaxRamp.Seconds())}
	}
	return checkRate("to", *r.To)
}

// Duration returns how long a valid ramp lasts.
func (r Ramp) Duration() time.Duration { return time.Duration(*r.Seconds * float64(time.Second)) }

// A Burst is a number of records on top of the rate.
type Burst struct {
	Records *int `json:"records" yaml:"records"` // 1 to MaxBurst
}

// UnmarshalYAML reads a burst, or only the number of its records.
func (b *Burst) UnmarshalYAML(unmarshal func(any) error) error {
	var records int
	if unmarshal(&records) == nil {
		b.Records = &records
		return nil
	}

	type plain Burst // without this method
	return unmarshal((*plain)(b))
}

// Validate returns a FieldError for a number that is missing or out of bounds.
func (b Burst) Validate() error {
	switch {
	case b.Records == nil:
		return FieldError{"records", "is missing"}
	case *b.Records < 1 || *b.Records > MaxBurst:
		return FieldError{"records", fmt.Sprintf("give 1 to %d", MaxBurst)}
	}
	return nil
}

// Wanted is a change of the load that the leaderboard requests: the value under key "wanted" on
// workshop.control. The load's holder applies it once, and reports that in its status.
type Wanted struct {
	Load   *LoadPatch `json:"load,omitempty"`
	Ramp   *Ramp      `json:"ramp,omitempty"`
	Burst  *Burst     `json:"burst,omitempty"`
	Reason string     `json:"reason"` // for the control panel's note, as in "step 4, Scale"
}

// Empty reports whether nothing is requested.
func (w Wanted) Empty() bool { return w.Load == nil && w.Ramp == nil && w.Burst == nil }

// LoadStatus is what the load's holder does now: the value under key "status" on workshop.control, written
// about once a second.
type LoadStatus struct {
	Holder    string  `json:"holder"` // host and pid
	Rate      float64 `json:"rate"`
	Achieved  float64 `json:"achieved"` // records per second over the last second
	Paused    bool    `json:"paused"`
	Keys      string  `json:"keys,omitempty"` // as in Load; empty from an older producer
	FixedKeys int     `json:"fixed_keys,omitempty"`
	Produced  int64   `json:"produced"`
	At        string  `json:"at"` // RFC 3339 with milliseconds, UTC

	Wanted      *int64 `json:"wanted"`       // offset of the last wanted record that was applied or rejected; nil for none
	WantedError string `json:"wanted_error"` // why it was rejected; empty if it was applied
}

// Keys of the records on workshop.control.
const (
	ControlKeyLoad   = "load"
	ControlKeyStatus = "status"
	ControlKeyWanted = "wanted"
)

// HeaderLesson is the header on workshop.control that names the lesson for which a load was set.
const HeaderLesson = "lesson"
